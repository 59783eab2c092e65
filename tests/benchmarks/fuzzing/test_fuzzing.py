"""A short run of the fuzzing, and that what it looks for would be seen."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import pytest

from benchmarks import fuzz_uploads
from benchmarks.fuzz_uploads import WORDS, Inspector, fuzz, judge, prepared
from benchmarks.fuzzing import over_http
from benchmarks.fuzzing.canaries import Canaries, Watch
from benchmarks.fuzzing.mutations import by_structure, mended_sums, ogg_sum, spoilt
from benchmarks.fuzzing.structure import parts_of
from core.errors import InputError
from core.messages import message
from media.file_kinds import BEGINNINGS, kind_of

FILES = 260


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def seeds(folder):
    return prepared(folder)[0]


@pytest.fixture
def canaries(folder) -> Canaries:
    return Canaries(folder / "canaries", WORDS)


def test_some_hundred_spoilt_files_do_no_harm(seeds, folder, canaries):
    tally = fuzz(seeds, 23, FILES, folder, canaries)
    failures = folder / "failures.jsonl"
    assert not tally.failures, failures.read_text()
    assert tally.done == FILES and len(tally.answers) > 10 and set(tally.givens) >= {"song", "film", "picture"}
    assert tally.answers["taken"] > FILES / 20  # spoilt ones that a decoder goes through, not only refused ones
    assert fuzz(seeds, 23, FILES, folder, canaries).done == FILES  # nothing is left to do


def test_every_right_seed_is_taken(seeds, folder):
    inspector = Inspector(folder)
    answers = {(seed.given, seed.name): inspector.look(seed) for seed in seeds if seed.group == "right"}
    inspector.end()
    inspector.left()
    refused = {name for name, answer in answers.items() if "facts" not in answer}
    assert refused == {("film", "wmv")}  # its first bytes are those of a WMA sound


def test_kinds_are_all_begun(seeds):
    begun = {kind_of(seed.data[:4096]) for seed in seeds}
    assert {kind for _, kind in BEGINNINGS} <= begun
    assert len(begun) > 45


def test_a_number_makes_the_same_file(seeds):
    assert [spoilt(seeds, 5, number) for number in range(40)] == [spoilt(seeds, 5, number) for number in range(40)]
    assert spoilt(seeds, 5, 1).data != spoilt(seeds, 6, 1).data
    changed = [seed for number in range(300) if (seed := spoilt(seeds, 5, number)) not in seeds]
    assert len(changed) > 280


@pytest.mark.parametrize(
    "name", ["mp4", "webm", "avi", "ogg", "flac", "wma", "rgb.png", "exif.jpg", "lzw.tif", "a.heic", "ts", "flv"]
)
def test_the_structure_is_found(seeds, name):
    (seed,) = [
        seed
        for seed in seeds
        if seed.name == name and seed.given != ("song" if name in ("mp4", "webm", "avi", "ts", "flv") else "")
    ]
    parts = parts_of(seed.data)
    assert len(parts) >= 3
    assert all(0 <= part.start <= part.body and part.start < part.end <= len(seed.data) for part in parts)
    import random

    results = {bytes(by_structure(bytearray(seed.data), random.Random(number))) for number in range(30)}
    assert len(results) > 15


def test_checksums_are_mended(seeds):
    (seed,) = [seed for seed in seeds if seed.name == "ogg"]
    assert mended_sums(seed.data) == seed.data
    assert ogg_sum(b"OggS") != ogg_sum(b"OggT")


# --- that failures would be seen ----------------------------------------------------------------------------------


def test_an_opened_canary_is_seen(canaries):
    watch = Watch(canaries)
    assert judge({"facts": {}}, [], canaries, watch) == []
    canaries.text.read_bytes()
    assert judge({"facts": {}}, [], canaries, watch) == ["canary opened"]
    watch.close()


@pytest.mark.parametrize(
    ("answer", "left", "wrong"),
    [
        ({"died": -11}, [], "died"),
        ({"hung": True}, [], "hung"),
        ({"broke": "Traceback"}, [], "broke"),
        ({"facts": {"title": WORDS.decode()}}, [], "canary told"),
        ({"facts": {}}, [b"small.jpg\n" + WORDS], "canary told"),
        ({"facts": {}}, [b"tmp123\nx"], "file left"),
        ({"error": message("media.no_such_code").as_json()}, [], "no sentence of ours"),
    ],
)
def test_harm_is_judged(canaries, answer, left, wrong):
    watch = Watch(canaries)
    assert judge(answer, left, canaries, watch) == [wrong]
    known = {"error": InputError("media.picture_damaged", name="a").message.as_json()}
    assert judge(known, [], canaries, watch) == []
    watch.close()


def test_an_inspector_that_dies_or_hangs_is_started_anew(seeds, folder, monkeypatch):
    inspector = Inspector(folder)
    right = next(seed for seed in seeds if seed.name == "rgb.png")
    assert "facts" in inspector.look(right)
    inspector._running().kill()
    assert inspector.look(right) == {"died": -9}
    monkeypatch.setattr(fuzz_uploads, "LIMIT_S", 0.0)
    assert inspector.look(right) == {"hung": True}
    monkeypatch.undo()
    assert "facts" in inspector.look(right)
    inspector.end()
    inspector.left()


def test_wrong_answers_of_a_server_are_seen(canaries):
    watch = Watch(canaries)
    assert over_http.wrong_with(422, {"detail": "The file is damaged."}, canaries, watch) == []
    assert over_http.wrong_with(500, {"detail": "It broke."}, canaries, watch) == ["status 500"]
    assert over_http.wrong_with(422, {}, canaries, watch) == ["no sentence of ours"]
    assert over_http.wrong_with(201, {"title": WORDS.decode()}, canaries, watch) == ["canary told"]
    watch.close()


def test_whole_uploads_to_a_real_server(seeds, folder, canaries):
    met = over_http.give_over_http(seeds, 29, 12, folder, canaries)
    assert not met.failures, met.examples
    assert met.done == 12 and sum(met.answers.values()) == 12 and met.left == []
    assert Counter(met.answers)["422"] > 3
    kept = json.loads((folder / "over_http_29.json").read_text())
    assert kept["done"] == 12
    shutil.rmtree(folder / "served")
