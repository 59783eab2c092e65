"""Lips of a voice that tells its phonemes: they shut, touch the teeth and round where it says so, whatever is heard."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.contracts import StyledSection
from motion.singing.lips.lip_curves import CURVE_NAMES, LIP_RATE_HZ, LipCurves
from motion.singing.performance.emotions import song_emotion, told_sections
from motion.singing.performance.told_lips import told_lips
from motion.singing.runner import SingingSettings, analyse, perform
from speech.voice import Phoneme
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, aperture, faded, silence, vowel, write

AH = (730, 1090, 2440)
FPS, LONG_S = 25.0, 3.4
#: Two closures as short as quick speech has them, an f, a u, and a d.
PHONEMES = tuple(
    Phoneme(symbol, start_s, end_s)
    for symbol, start_s, end_s in (
        ("b", 0.50, 0.53),
        ("ɑ", 0.53, 0.91),
        ("p", 0.91, 0.95),
        ("ɑ", 0.95, 1.4),
        ("f", 1.4, 1.5),
        ("ɑ", 1.5, 1.9),
        ("u", 1.9, 2.3),
        ("ɑ", 2.3, 2.6),
        ("d", 2.6, 2.66),
        ("ɑ", 2.66, 2.9),
    )
)


@pytest.fixture(scope="module")
def song(tmp_path_factory):
    """A vowel that goes through, gliding as in speech, of which the network took the d for a closure and nothing else."""
    glide_hz = 190.0 * 2.0 ** (-4.0 * (np.arange(round(2.4 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ % 0.3))
    sound = np.concatenate([silence(0.5), faded(0.3 * vowel(AH, glide_hz, 2.4)), silence(0.5)])
    sound[round(2.6 * SAMPLE_RATE_HZ) : round(2.66 * SAMPLE_RATE_HZ)] *= 0.05
    path = write(tmp_path_factory.mktemp("told") / "voice.wav", sound)
    heard = analyse(path, path, FPS, round(LONG_S * FPS), alone=True)
    times_s = np.arange(round(LONG_S * LIP_RATE_HZ) + 1) / LIP_RATE_HZ
    values = np.zeros((len(times_s), len(CURVE_NAMES)), np.float32)
    near_d = (np.abs(times_s - 2.63) < 0.045).astype(np.float32)
    values[:, CURVE_NAMES.index("aperture_mm")] = 10.0 - 9.5 * near_d
    values[:, CURVE_NAMES.index("closure")] = near_d
    return replace(heard, lips=LipCurves(values))


def shown(song, phonemes):
    motion = perform(song, SingingSettings(style="neutral"), phonemes)
    assert (motion.shape("mouthClose") <= motion.shape("jawOpen") + 1e-5).all()
    return motion, aperture(motion)


def around(curve, time_s, reach_s=0.03):
    return curve[round((time_s - reach_s) * FPS) : round((time_s + reach_s) * FPS) + 1]


def test_lips_shut_touch_the_teeth_and_round_where_the_voice_says_so(song):
    motion, opening = shown(song, PHONEMES)
    plain, unled = shown(song, ())
    widest = np.percentile(opening, 95)
    assert around(opening, 0.93).min() < 0.05 * widest < 0.5 * widest < around(unled, 0.93).min()
    assert around(opening, 0.515).min() < 0.05 * widest
    for vowel_s in (0.75, 1.2, 1.75, 2.45, 2.8):
        assert around(opening, vowel_s).max() > 0.6 * widest
    assert around(motion.shape("mouthRollLower"), 1.45).max() > 0.3 > 0.05 > motion.shape("mouthRollLower")[round(1.2 * FPS)]
    assert 0.05 * widest < around(opening, 1.45).min() < 0.6 * widest, "between lip and teeth the breath goes through"
    assert around(motion.shape("mouthPucker"), 2.15).max() > 0.15 + around(plain.shape("mouthPucker"), 2.15).max()
    assert around(unled, 2.63).min() < 0.2 * widest, "heard alone, the d is taken for a closure"
    assert around(opening, 2.63).min() > 4.0 * around(unled, 2.63).min(), "but it needs no lips"


def test_every_closure_is_seen_wherever_the_frames_fall(song):
    """Thirty milliseconds of a p are less than a frame."""
    for early_s in np.arange(0.0, 0.04, 0.008):
        moved = tuple(Phoneme(each.symbol, each.start_s - early_s, each.end_s - early_s) for each in PHONEMES)
        _, opening = shown(song, moved)
        assert around(opening, 0.93 - early_s, 0.06).min() < 0.1 * np.percentile(opening, 95)


def test_pauses_and_stress_move_no_lips():
    curves = told_lips([Phoneme(",", 0.0, 0.4), Phoneme("—", 0.4, 0.5)], 100)
    assert not any(curve.any() for curve in (curves.shut, curves.teeth, curves.rounded, curves.said))


def test_feelings_that_come_with_the_sound_are_in_effect_in_their_parts(song):
    feelings = (StyledSection(0.0, 1.5, "happy"), StyledSection(2.0, LONG_S, "sad"))
    felt = song_emotion(song, SingingSettings(), feelings)
    assert [(round(start_s, 2), style) for start_s, _, style in felt.sections[:3]] == [
        (0, "happy"),
        (1.5, "neutral"),
        (2.0, "sad"),
    ]
    motion = perform(song, SingingSettings(expressiveness=1.5), PHONEMES, feelings)
    smile, frown = motion.shape("mouthSmileLeft"), motion.shape("mouthFrownLeft")
    assert around(smile, 1.2).mean() > 0.2 > 0.1 > around(frown, 1.2).mean()
    assert around(frown, 2.8).mean() > 0.2 > 0.1 > around(smile, 2.8).mean()
    assert song_emotion(song, SingingSettings(style="angry"), feelings[:1]).sections[-1][2] == "angry"


def test_parts_that_overlap_or_touch_are_put_in_order():
    parts = (StyledSection(0.5, 2.0, "sad"), StyledSection(1.5, 3.0, "sad"), StyledSection(4.0, 9.0, "happy"))
    assert told_sections(parts, 5.0, "neutral") == (
        (0.0, 0.5, "neutral"),
        (0.5, 3.0, "sad"),
        (3.0, 4.0, "neutral"),
        (4.0, 5.0, "happy"),
    )


def test_the_head_is_alive_in_the_pauses_of_speech_and_calm_in_the_rests_of_music(tmp_path):
    said = faded(0.3 * vowel(AH, 190.0 * 2.0 ** (-2.0 * (np.arange(SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ % 0.25)), 1.0))
    path = write(tmp_path / "voice.wav", np.concatenate([silence(0.5), said, silence(5.0), said]))
    song, pause = analyse(path, path, FPS, round(7.5 * FPS), alone=True), slice(round(2.5 * FPS), round(6.0 * FPS))
    moved = {}
    for kind, feelings in (("music", ()), ("speech", (StyledSection(0.0, 9.0, "neutral"),))):
        motion = perform(song, SingingSettings(style="neutral"), feelings=feelings)
        moved[kind] = float(np.ptp(motion.rotation_deg[pause], axis=0).max())
        assert motion.shape("jawOpen")[pause].max() < 0.01
    assert moved["speech"] > 1.6 * moved["music"] and 1.0 < moved["speech"] < 6.0
