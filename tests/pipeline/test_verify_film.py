"""`verify`: what a film is found to be, by its signed statement and by the mark in its pictures, and the exit code for each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from core.errors import InputError
from pipeline.__main__ import main
from pipeline.verify_film import EXIT_CODES, Findings, judged, verify_film
from pipeline.verify_settings import VerifySettings
from provenance import ledger
from provenance.account import Account
from provenance.identity import Identity, new_key_and_chain
from provenance.reading import Manifest, read_manifest
from provenance.signing import sign_film
from tests.provenance.conftest import film  # noqa: F401 (a fixture)
from tests.provenance.test_reading import boxes, run_ffmpeg, without_manifest

QUICK = VerifySettings(skip_lips=True)


def test_a_film_of_ours(film, capsys):  # noqa: F811
    assert main(["verify", str(film), "--skip-lips", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "ours"
    assert told["mark"] == read_manifest(film).number
    assert told["account"]["recipe"] == "sing"
    assert told["manifest"]["signer"] == "here"
    assert main(["verify", str(film), "--skip-lips", "--skip-mark"]) == 0
    said = capsys.readouterr().out
    assert "nothing of it was changed" in said and "Kind of work: sing" in said and "not stated" in said


def test_a_changed_one(film, tmp_path, capsys):  # noqa: F811
    data = bytearray(film.read_bytes())
    _, begin, _ = next(box for box in boxes(data) if box[0] == b"moov")
    data[begin + 40] ^= 1
    path = tmp_path / "changed.mp4"
    path.write_bytes(data)
    assert main(["verify", str(path), "--skip-lips"]) == 10
    assert "are not those that were signed" in capsys.readouterr().out


def test_a_recoded_one_is_found_by_its_mark(film, tmp_path, capsys):  # noqa: F811
    path = tmp_path / "small.mp4"
    run_ffmpeg("-i", film, "-c:v", "libx264", "-vf", "scale=360:360", "-crf", "25", path)
    assert main(["verify", str(path), "--skip-lips"]) == 11
    said = capsys.readouterr().out
    assert "no signed statement" in said and "coded anew, cut or scaled" in said and "Drawn by: mesh" in said
    ledger_entry = ledger.kept(read_manifest(film).number)
    assert ledger.forget(ledger_entry.mark)
    try:
        found = verify_film(path, QUICK)
        assert (found.verdict, found.account) == ("unknown", {})
        assert any(note.code == "pipeline.verify_mark_unknown" for note in found.notes)
    finally:
        ledger.keep(ledger_entry)


def test_others_films(film, tmp_path):  # noqa: F811
    path = tmp_path / "foreign.mp4"
    path.write_bytes(without_manifest(bytearray(film.read_bytes())))
    sign_film(path, ".mp4", Account("sing", number="0" * 12), Identity(*new_key_and_chain()))
    found = verify_film(path, replace(QUICK, skip_mark=True))
    assert (found.verdict, found.exit_code) == ("foreign", EXIT_CODES["foreign"])
    data = path.read_bytes()
    path.write_bytes(data[:-50] + b"\1" * 50)
    assert verify_film(path, replace(QUICK, skip_mark=True)).verdict == "foreign_changed"


def test_nothing_is_told_of_how_a_cameras_film_was_made():
    """Its statement has no assertion of ours; "consent: not stated" of it would be wrong."""
    assert Findings(Manifest("unchanged", "other", generator="A camera"), "foreign").account == {}
    own = Findings(Manifest("unchanged", "belcanto", account={"recipe": "sing"}), "foreign")
    assert own.account == {"recipe": "sing", "stated": {}}


def test_the_statement_of_another_film_is_told_by_the_mark(film):  # noqa: F811
    number = read_manifest(film).number
    pasted = Manifest("changed", "here", ("film",), account={"film": "0" * 12, "ingredients": {}})
    verdict, kept = judged(pasted, number)
    assert verdict == "another_film"
    assert kept is not None and kept.mark == number
    made_of_it = replace(pasted, account={"film": "0" * 12, "ingredients": {"film": "1" * 64}})
    assert judged(made_of_it, number)[0] == "ours_changed"


def test_lips_and_voice_are_a_hint_that_may_lack(film, tmp_path):  # noqa: F811
    silent = tmp_path / "silent.mp4"
    run_ffmpeg("-i", film, "-c", "copy", "-an", silent)
    found = verify_film(silent, VerifySettings(skip_mark=True))
    assert found.offset is None
    assert any(note.code == "pipeline.verify_silent" for note in found.notes)


def test_no_file_and_no_film(tmp_path):
    with pytest.raises(InputError):
        verify_film(tmp_path / "none.mp4")
    path = tmp_path / "text.mp4"
    path.write_text("a text that is long enough to be one, and no film at all")
    found = verify_film(path)
    assert found.verdict == "unknown"
    assert len(found.notes) == 2
