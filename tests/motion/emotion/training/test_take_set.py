"""What of a folder is a take, what is left out and said, and how takes are split."""

from __future__ import annotations

import pytest

from core.errors import InputError
from motion.emotion.training.take_set import PARTS, Take, read_set, split


def takes_of(speakers, styles=("neutral", "happy"), each=10):
    return [
        Take(f"{speaker}/{style}/take{number}", speaker, style, None, None)
        for speaker in speakers
        for style in styles
        for number in range(each)
    ]


def counts(parts):
    return [len(parts[part]) for part in PARTS]


def test_a_set_is_read_with_its_facts(small_set):
    found = read_set(small_set)
    assert len(found.takes) == 12 and not found.left_out and found.facts["licence"] == "CC BY 3.0"
    first = found.takes[0]
    assert (first.name, first.speaker, first.style) == ("ann/happy/take1", "ann", "happy")
    assert first.sound.is_file() and first.curves.is_file() and first.truth.is_file()


def test_what_is_left_out_is_said(small_set):
    (small_set / "ann" / "calm").mkdir()
    (small_set / "ann" / "happy" / "take1.csv").unlink()
    (small_set / "ann" / "happy" / "take2.wav").unlink()
    (small_set / "bob" / "happy" / "take1.flac").write_bytes(b"x")
    (small_set / "bob" / "happy" / ".hidden").write_bytes(b"x")
    found = read_set(small_set)
    assert len(found.takes) == 10
    said = "\n".join(found.left_out)
    for sentence in ("ann/calm is not a style", "take1.wav has no curves", "take2.csv has no sound", "there is take1.flac too"):
        assert sentence in said
    assert len(found.left_out) == 4


@pytest.mark.parametrize(
    "text", ["licence = ", '[split]\ntest = "ann"', "[split]\ntest = [1]", '[split]\nnobody = ["ann"]', "split = 3"]
)
def test_a_broken_set_file_is_refused(small_set, text):
    (small_set / "set.toml").write_text(text)
    with pytest.raises(InputError, match=r"set\.toml"):
        read_set(small_set)


def test_a_folder_that_is_none_is_refused(tmp_path):
    with pytest.raises(InputError, match="is no folder"):
        read_set(tmp_path / "nothing")


def test_one_speaker_is_split_by_takes_in_every_style():
    takes = takes_of(["ann"])
    parts = split(takes, {})
    assert counts(parts) == [14, 4, 2]
    assert {take.style for take in parts["test"]} == {"neutral", "happy"}
    assert sorted(take.name for part in parts.values() for take in part) == sorted(take.name for take in takes)
    assert split(list(reversed(takes)), {}).keys() == parts.keys()
    again = split(list(reversed(takes)), {})
    assert {take.name for take in again["test"]} == {take.name for take in parts["test"]}


def test_several_speakers_are_split_by_speakers():
    parts = split(takes_of([f"speaker{number}" for number in range(10)]), {})
    assert counts(parts) == [140, 40, 20]
    of_part = [{take.speaker for take in parts[part]} for part in PARTS]
    assert not (of_part[0] & of_part[1] or of_part[0] & of_part[2] or of_part[1] & of_part[2])
    assert counts(split(takes_of(["ann", "bob", "cay"]), {})) == [20, 20, 20]


def test_a_named_split_is_kept():
    takes = takes_of(["ann", "bob", "cay"])
    parts = split(takes, {"test": ["cay"], "validation": ["ann/happy/take3", "bob/neutral/take0"]})
    assert counts(parts) == [38, 2, 20] and {take.speaker for take in parts["test"]} == {"cay"}
    with pytest.raises(InputError, match="names dan for test"):
        split(takes, {"test": ["dan"]})


def test_a_set_that_leaves_nothing_to_learn_from_is_refused():
    with pytest.raises(InputError, match="three are needed"):
        split(takes_of(["ann"], each=1), {"validation": ["ann"]})


def test_a_set_may_be_all_test():
    takes = takes_of(["ann", "bob"])
    assert counts(split(takes, {"test": ["ann", "bob"]})) == [0, 0, 40]
    with pytest.raises(InputError, match="three are needed"):
        split([], {"test": []})
