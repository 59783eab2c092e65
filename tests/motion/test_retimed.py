"""A motion at other moments, and one with another's lips."""

from __future__ import annotations

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Motion
from motion.lips_of import LIPS, with_lips_of
from motion.retimed import retimed


def rising(frames: int, fps: float = 25.0, level: float = 0.0) -> Motion:
    """A motion whose shapes and turns rise by a hundredth a frame."""
    steps = level + np.arange(frames, dtype=np.float32) / 100
    return Motion(
        fps, np.repeat(steps[:, None], 52, 1), *(np.repeat(steps[:, None], n, 1) for n in (3, 3, 2)), np.clip(steps, 0, 1)
    )


def test_between_two_frames_lies_a_line_and_beyond_the_ends_stand_the_ends():
    found = retimed(rising(10), np.array([-3.0, 0.0, 1.5, 8.25, 9.0, 40.0]), 30.0)
    assert found.fps == 30.0 and len(found) == 6
    assert np.allclose(found.rotation_deg[:, 0], [0, 0, 0.015, 0.0825, 0.09, 0.09])
    assert np.allclose(found.blendshapes[:, 7], found.intensity)


def test_across_a_cut_nothing_is_in_between():
    found = retimed(rising(10), np.array([3.4, 3.6, 4.5]), 25.0, cuts=[4])
    assert np.allclose(found.rotation_deg[:, 0], [0.03, 0.04, 0.045])


def test_lips_are_lent_and_the_rest_stays():
    film, song = rising(8), rising(8, level=0.5)
    found = with_lips_of(film, song)
    for name, index in BLENDSHAPE_INDEX.items():
        whose = song if name.startswith(("jaw", "mouth", "tongue")) else film  # of the song's, none is weaker than the film's
        assert np.array_equal(found.blendshapes[:, index], whose.blendshapes[:, index]), name
    assert np.array_equal(found.rotation_deg, film.rotation_deg) and np.array_equal(found.intensity, song.intensity)
    assert LIPS.sum() == 4 + 23 + 1


def test_a_lasting_smile_stays_on_lips_that_speak_and_a_short_one_does_not():
    still, film = rising(100), rising(100)
    still.blendshapes[:], film.blendshapes[:] = 0.0, 0.0
    smile = BLENDSHAPE_INDEX["mouthSmileLeft"]
    film.blendshapes[:40, smile] = 0.8
    film.blendshapes[80, smile] = 0.8
    found = with_lips_of(film, still).shape("mouthSmileLeft")
    assert found[:20].min() > 0.5 and found[55:70].max() < 0.01 and found[80] < 0.1
    still.blendshapes[:, smile] = 0.9
    assert np.allclose(with_lips_of(film, still).shape("mouthSmileLeft"), 0.9), "the stronger of the two, not their sum"


@pytest.mark.parametrize("other", [rising(7), rising(8, fps=30.0)])
def test_lips_of_another_length_or_rate_are_a_mistake(other):
    with pytest.raises(ValueError, match="same length and rate"):
        with_lips_of(rising(8), other)
