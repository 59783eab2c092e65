"""Timed phonemes choose the mouth; the motion's opening stays in command."""

from __future__ import annotations

import numpy as np
import pytest

from animators.anime.phonemes import FADE_S, MOUTHS, TimedPhoneme, mouths_of, spoken_phonemes, with_phonemes
from animators.anime.pose import PARAMETER_INDEX, pose_curves
from core.errors import InputError
from speech.voice import Phoneme
from tests.animators.anime.drawing import joined, motion_of

FPS = 25.0
SINGING = {"jawOpen": 0.5, "mouthLowerDown": 0.3}


def mouths(motion, *phonemes):
    """(T, 6) of the six mouths, with phonemes given as (start_s, end_s, name)."""
    curves = with_phonemes(pose_curves(motion, 0.25), [TimedPhoneme(*each) for each in phonemes], FPS)
    return curves.parameters[:, [PARAMETER_INDEX[name] for name in MOUTHS]]


@pytest.mark.parametrize(
    ("phoneme", "expected"),
    [
        ("AA1", ("aaa",)), ("IY0", ("iii",)), ("UW2", ("uuu",)), ("EH", ("eee",)), ("AO1", ("ooo",)), ("ER0", ("delta",)),
        ("AY1", ("aaa", "iii")), ("OW", ("ooo", "uuu")), ("a", ("aaa",)), ("iː", ("iii",)), ("ɔ̃", ("ooo",)),
        ("aɪ", ("aaa", "iii")),
        ("e̯", ("eee",)), ("S", ()), ("k", ()), ("NG", ()), ("sil", ()), ("spn", ()), ("", ()),
    ],
)  # fmt: skip
def test_phonemes_have_their_mouths(phoneme, expected):
    assert mouths_of(phoneme) == tuple(f"mouth_{name}" for name in expected)


@pytest.mark.parametrize(
    ("phoneme", "mouth"), [("IY1", "mouth_iii"), ("u", "mouth_uuu"), ("OY", "mouth_ooo"), ("ɛ", "mouth_eee")]
)
def test_a_vowel_chooses_the_mouth_and_the_motion_how_far(phoneme, mouth):
    motion = motion_of(50, **SINGING)
    plain, chosen = mouths(motion), mouths(motion, (0.4, 1.2, phoneme))
    assert MOUTHS[chosen[15].argmax()] == mouth != MOUTHS[plain[15].argmax()]
    np.testing.assert_allclose(chosen.sum(axis=1), plain.sum(axis=1), atol=1e-5)
    np.testing.assert_array_equal(chosen[45], plain[45])  # no phoneme there: the motion's own mouth


def test_a_voices_short_forms_are_diphthongs_and_its_pauses_nothing():
    spoken = [Phoneme("W", 0.1, 0.3), Phoneme(",", 0.3, 0.5), Phoneme("t", 0.5, 0.5), Phoneme("ʌ", 0.5, 0.6)]
    found = spoken_phonemes(spoken)
    assert [(each.start_s, each.end_s) for each in found] == [(0.1, 0.3), (0.5, 0.6)]
    assert [mouths_of(each.phoneme) for each in found] == [("mouth_aaa", "mouth_uuu"), ("mouth_delta",)]


def test_no_mouth_opens_in_silence():
    motion = joined(motion_of(25), motion_of(25, **SINGING))
    found = mouths(motion, (0.0, 2.0, "AA1"))
    assert found[:25].max() == 0.0
    assert found[30:].max() > 0.3


@pytest.mark.parametrize("phoneme", ["M", "b", "p", "P"])
def test_lips_touch(phoneme):
    motion = motion_of(50, **SINGING)
    found = mouths(motion, (0.4, 1.0, "AA1"), (1.0, 1.12, phoneme), (1.12, 1.8, "AA1")).sum(axis=1)
    assert found[26] == 0.0
    assert found[15] == pytest.approx(found[40])
    assert found[15] > 0.3
    assert mouths(motion, (0.4, 1.0, "AA1"), (1.0, 1.12, "K"), (1.12, 1.8, "AA1")).sum(axis=1)[26] > 0.3  # the control


def test_mouths_run_into_each_other():
    motion = motion_of(50, **SINGING)
    found = mouths(motion, (0.0, 1.0, "IY1"), (1.0, 2.0, "UW1"))
    step = np.abs(np.diff(found, axis=0)).max()
    assert 0.0 < step < 0.75 * found.max()  # not from one mouth to the other within a frame
    boundary = round(FPS * 1.0)
    assert (found[boundary][[1, 2]] > 0.05).all()
    assert found[boundary - round(FPS * 2 * FADE_S)][2] == 0.0
    diphthong = mouths(motion, (0.0, 2.0, "AY1"))
    assert MOUTHS[diphthong[5].argmax()] == "mouth_aaa"
    assert MOUTHS[diphthong[45].argmax()] == "mouth_iii"


@pytest.mark.parametrize(("start_s", "end_s"), [(-0.1, 1.0), (1.0, 1.0), (2.0, 1.0), (0.0, float("nan"))])
def test_times_that_make_no_sense_are_refused(start_s, end_s):
    with pytest.raises(InputError, match="end after it begins"):
        TimedPhoneme(start_s, end_s, "AA1")
