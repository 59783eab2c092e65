"""A film of ours is known again, and every change to it is told; so is a manifest that was taken from it or put into another."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from media.ffmpeg_run import ffmpeg_path
from provenance import ledger
from provenance.account import Account, file_digest
from provenance.identity import Identity, new_key_and_chain
from provenance.reading import manifest_told, read_manifest
from provenance.signing import sign_film
from tests.provenance.conftest import PORTRAIT, SONG, small_film


def boxes(data):
    """Kind, begin and end of an MP4's boxes, in bytes."""
    begin = 0
    while begin < len(data):
        size = int.from_bytes(data[begin : begin + 4], "big")
        yield data[begin + 4 : begin + 8], begin, begin + size
        begin += size


def without_manifest(data):
    """The bytes with the manifest's box turned into padding, so that all others stay where they were."""
    found = next((begin for kind, begin, _ in boxes(data) if kind == b"uuid"))
    return data[: found + 4] + b"free" + data[found + 8 :]


def run_ffmpeg(*arguments):
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *map(str, arguments)], check=True)


@pytest.fixture
def changed(film, tmp_path):
    """Gives what is read of the film after its bytes were changed by a function."""

    def read(change):
        path = tmp_path / "changed.mp4"
        path.write_bytes(change(bytearray(film.read_bytes())))
        return read_manifest(path)

    return read


def test_a_film_of_ours_is_known_and_unchanged(film):
    found = read_manifest(film)
    assert (found.state, found.signer, found.misfits) == ("unchanged", "here", ())
    assert found.generator.startswith("Belcanto ")
    assert found.account["recipe"] == "sing"
    assert found.account["engines"] == ["mesh"]
    assert found.account["ingredients"] == {"portrait": file_digest(PORTRAIT), "song": file_digest(SONG)}
    assert found.stated == {"consent": "not stated"}
    assert ledger.kept(found.number).sha256 == file_digest(film)


def test_nothing_in_it_names_a_file_or_a_folder(film):
    data = film.read_bytes()
    _, begin, end = next(box for box in boxes(data) if box[0] == b"uuid")
    manifest = data[begin:end]
    for name in (b"portrait.jpg", b"song.mp3", str(film.parent).encode(), b"film.mp4"):
        assert name not in manifest


def test_every_flipped_bit_is_told(film, changed):
    data = film.read_bytes()
    generator = np.random.default_rng(0)
    places = [int(place) for place in generator.integers(0, len(data), 60)]
    for _, begin, end in boxes(data):  # every kind of box, its head too
        places += [begin + 1, begin + 5, *(int(place) for place in generator.integers(begin, end, 6))]
    told = {}
    for place in places:

        def flip(bytes_, place=place):
            bytes_[place] ^= 1 << place % 8
            return bytes_

        told[place] = changed(flip).state
    assert "unchanged" not in told.values(), [place for place, state in told.items() if state == "unchanged"]
    assert {"changed", "damaged", "changed_outside"} & set(told.values()) == {"changed", "damaged", "changed_outside"}


def test_what_does_not_fit_is_named(film, changed):
    data = film.read_bytes()
    _, pictures, _ = next(box for box in boxes(data) if box[0] == b"mdat")

    def flip(bytes_):
        bytes_[pictures + 5000] ^= 1
        return bytes_

    assert changed(flip).misfits == ("film",)
    recipe = data.index(b"recipe") + len(b"recipe") + 2

    def other_recipe(bytes_):
        bytes_[recipe] ^= 1
        return bytes_

    assert "account" in changed(other_recipe).misfits


@pytest.mark.parametrize(
    "change", [lambda data: data[:-1000], lambda data: data[: len(data) // 2], lambda data: data + b"\0" * 64]
)
def test_cut_off_and_trailing_bytes_are_told(changed, change):
    assert changed(change).state in ("changed", "damaged")


def test_trailing_padding_is_told(changed):
    assert changed(lambda data: data + (72).to_bytes(4, "big") + b"free" + b"\0" * 64).state == "changed_outside"


def test_a_stripped_and_a_recoded_film_bear_no_manifest(film, changed, tmp_path):
    assert changed(without_manifest).state == "unsigned"
    run_ffmpeg("-i", film, "-c", "copy", tmp_path / "copied.mp4")
    assert read_manifest(tmp_path / "copied.mp4").state == "unsigned"


def test_the_manifest_of_another_film_does_not_fit(film, tmp_path):
    other = small_film(PORTRAIT, SONG, tmp_path / "other.mp4")
    data, foreign = film.read_bytes(), other.read_bytes()
    _, begin, end = next(box for box in boxes(data) if box[0] == b"uuid")
    _, at, till = next(box for box in boxes(foreign) if box[0] == b"uuid")
    forged = tmp_path / "forged.mp4"
    forged.write_bytes(data[:begin] + foreign[at:till] + data[end:])
    found = read_manifest(forged)
    assert found.state in ("changed", "damaged")
    assert found.state == "damaged" or "film" in found.misfits


def test_who_else_signed_is_told(film, tmp_path):
    path = tmp_path / "foreign.mp4"
    path.write_bytes(without_manifest(bytearray(film.read_bytes())))
    sign_film(path, ".mp4", Account("sing", number="0" * 12), Identity(*new_key_and_chain()))
    found = read_manifest(path)
    assert (found.state, found.signer) == ("unchanged", "belcanto")


def test_a_program_of_another_name_is_somebody_else():
    signature = {"issuer": "Camera", "cert_serial_number": "1"}
    active = {"claim_generator_info": [{"name": "Camera"}], "signature_info": signature, "assertions": []}
    found = manifest_told({"active_manifest": "a", "manifests": {"a": active}})
    assert (found.signer, found.issuer, found.account) == ("other", "Camera", {})


def test_a_film_made_of_a_film_keeps_its_manifest(film, tmp_path):
    path = tmp_path / "next.mp4"
    path.write_bytes(film.read_bytes())
    from provenance.identity import signing_identity

    sign_film(path, ".mp4", replace(Account("look", number="1" * 12), edited=True), signing_identity(), film)
    found = read_manifest(path)
    assert found.parent
    assert found.account["recipe"] == "look"
    assert b"sing" in path.read_bytes()


@pytest.mark.parametrize("suffix", [".gif", ".webp"])
def test_pictures_that_move_are_signed(film, tmp_path, suffix):
    from pipeline.reshaping.reshape import make_loop
    from pipeline.reshaping.settings import LoopSettings

    loop = tmp_path / f"loop{suffix}"
    make_loop(film, loop, LoopSettings(format=suffix[1:], duration_s=0.5, loop_size="240"))
    found = read_manifest(loop)
    assert (found.state, found.signer, found.parent) == ("unchanged", "here", True)
    loop.write_bytes(loop.read_bytes()[:-40] + b"\1" * 40)
    assert read_manifest(loop).state != "unchanged"


def test_any_other_file_bears_none(tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("no film at all, but a text that is long enough")
    assert read_manifest(path).state == "unsigned"
