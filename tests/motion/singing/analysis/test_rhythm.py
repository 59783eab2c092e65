"""Beats of click tracks, sections of a song that changes."""

from __future__ import annotations

import numpy as np
import pytest

from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.mix_features import mel_bands, mix_features
from motion.singing.analysis.rhythm import rhythm
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, clicks


def heard(sound):
    count = len(sound) * FEATURE_RATE_HZ // SAMPLE_RATE_HZ
    return mix_features([sound.astype(np.float32)], [], count, lambda done: None)


@pytest.mark.parametrize("bpm", [72, 96, 128])
def test_beats_of_a_click_track(bpm):
    sound, beats_s = clicks(bpm, 30.0)
    found = rhythm(heard(sound))
    assert found.tempo_bpm == pytest.approx(bpm, rel=0.03)
    inside = found.beats_s[(found.beats_s > 0.2) & (found.beats_s < beats_s[-1] + 0.1)]
    distance = np.array([np.abs(beats_s - beat).min() for beat in inside])
    assert np.median(distance) < 0.02 and (distance < 0.05).mean() > 0.95
    assert abs(len(inside) - len(beats_s)) <= 1


def test_downbeats_fall_on_the_thump():
    sound, beats_s = clicks(100, 40.0)
    found = rhythm(heard(sound))
    distance = np.array([np.abs(beats_s[::4] - beat).min() for beat in found.beats_s[found.downbeat]])
    assert (distance < 0.05).mean() > 0.85


def test_silence_has_no_beat():
    found = rhythm(heard(np.zeros(20 * SAMPLE_RATE_HZ)))
    assert found.tempo_bpm == 0.0 and len(found.beats_s) == 0


def test_a_change_of_sound_is_a_section():
    generator = np.random.default_rng(0)
    time_s = np.arange(30 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    low = 0.2 * np.sin(2 * np.pi * 110.0 * time_s)
    bright = 0.1 * generator.normal(size=len(time_s))
    found = rhythm(heard(np.concatenate([low, bright])))
    assert found.sections_s[0] == 0.0
    assert np.abs(found.sections_s - 30.0).min() < 1.5 and len(found.sections_s) <= 3


def test_mel_bands_are_weights():
    bands = mel_bands()
    np.testing.assert_allclose(bands.sum(axis=1), 1.0, rtol=1e-5)
    assert (np.diff(bands.argmax(axis=1)) >= 0).all()
