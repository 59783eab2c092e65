"""Recorded voices as takes of known truth: another voice each time, the face of its own sound, none of the test's takes."""

from __future__ import annotations

import numpy as np
import pytest
import soundfile

from core.errors import InputError, MissingError
from motion.emotion.styles import SAMPLE_RATE_HZ, STYLES
from motion.emotion.training.known_truth import LONGEST_S, Making
from motion.emotion.training.prosody import PROSODIES
from motion.emotion.training.recorded_voices import felt, make, places
from motion.emotion.training.take_files import Place, write_facts, write_sound
from motion.emotion.training.take_set import Take, read_set


@pytest.fixture(scope="module")
def recorded(song, tmp_path_factory):
    """A set of four takes, one of them for the test alone."""
    folder = tmp_path_factory.mktemp("recorded")
    for number in range(4):
        place = Place(folder, "ann", "neutral", f"take{number}")
        write_sound(place, song[(8 + number) * SAMPLE_RATE_HZ : (10 + number) * SAMPLE_RATE_HZ])
        place.file(".csv").write_text("its curves are not read")
    write_facts(folder, "CC BY 4.0", "a song", {"test": ["ann/neutral/take0"], "validation": ["ann/neutral/take1"]})
    return folder


def test_each_take_is_somebody_else_s_and_as_long_as_a_take_may_be(song):
    sound = song[8 * SAMPLE_RATE_HZ : 11 * SAMPLE_RATE_HZ]
    voices = [felt(sound, PROSODIES["angry"], np.random.default_rng(seed)) for seed in range(3)]
    assert len({len(voice) for voice in voices}) == 3, "quicker and slower"
    for voice in voices:
        assert 0.3 < np.abs(voice).max() <= 0.75 and SAMPLE_RATE_HZ < len(voice) <= 1.4 * LONGEST_S * SAMPLE_RATE_HZ
    again = felt(sound, PROSODIES["angry"], np.random.default_rng(0))
    np.testing.assert_array_equal(voices[0], again)


def test_takes_are_spread_evenly_and_styles_come_in_turn(tmp_path):
    takes = [Take(f"a/neutral/{number}", "a", "neutral", tmp_path, tmp_path) for number in range(10)]
    few = list(places(tmp_path, takes, 5))
    assert [take.name[-1] for _, take in few] == ["0", "2", "4", "6", "8"]
    assert [place.style for place, _ in few] == list(STYLES)
    assert [take.name[-1] for _, take in places(tmp_path, takes, 12)][-2:] == ["0", "1"]


def test_what_is_made_is_a_set_to_learn_from(recorded, tmp_path):
    out = tmp_path / "out"
    try:
        assert make(out, [recorded], 5, Making(out)) == 5
    except MissingError as error:
        pytest.skip(str(error))
    found = read_set(out)
    assert not found.left_out and found.facts["licence"] == "CC BY 4.0 + curves MIT"
    assert [len(part) for part in found.parts().values()] == [4, 1, 0]
    assert {take.style for take in found.takes} == set(STYLES) and all(take.truth is not None for take in found.takes)
    lengths = {take.name: soundfile.info(take.sound).duration for take in found.takes}
    before = {take.curves: take.curves.stat().st_mtime_ns for take in found.takes}
    make(out, [recorded], 5, Making(out))
    assert {path: path.stat().st_mtime_ns for path in before} == before and all(length > 1.0 for length in lengths.values())


def test_a_folder_that_is_no_set_is_refused(tmp_path):
    with pytest.raises(InputError):
        make(tmp_path / "out", [tmp_path / "none"], 1, Making(tmp_path))
