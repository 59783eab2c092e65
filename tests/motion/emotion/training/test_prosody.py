"""A voice made emotional is louder, higher and quicker where its strength says so."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyworld", reason="made voices need pyworld: pip install -r requirements-training.txt")

from motion.emotion.styles import SAMPLE_RATE_HZ, STYLES
from motion.emotion.training.prosody import PROSODIES, drawn_strength, emotional
from motion.singing.training.augment import FRAME_S, WorldVoice, analyse_voice


@pytest.fixture(scope="module")
def voice():
    """A tone of 150 Hz with harmonics, taken apart: what is made of it can be told exactly."""
    time_s = np.arange(4 * SAMPLE_RATE_HZ) / SAMPLE_RATE_HZ
    tone = sum(np.sin(2 * np.pi * 150.0 * harmonic * time_s) / harmonic for harmonic in range(1, 20))
    return analyse_voice((0.1 * tone).astype(np.float32))


def level_db(sound):
    pieces = sound[: len(sound) // 400 * 400].reshape(-1, 400)
    return 10.0 * np.log10(np.square(pieces).mean(axis=1) + 1e-12)


@pytest.mark.parametrize("leaps", [False, True])
def test_strength_is_calm_and_strong_within_seconds(leaps):
    for seed in range(5):
        strength = drawn_strength(round(10.0 / FRAME_S), leaps, np.random.default_rng(seed))
        assert strength.min() >= 0.0 and strength.max() <= 1.0
        assert strength.min() < 0.3 and strength.max() > 0.7
        assert np.abs(np.diff(strength)).max() < (0.1 if leaps else 0.02)


def test_every_style_has_a_prosody():
    assert set(PROSODIES) == set(STYLES)


@pytest.mark.parametrize("style", ["angry", "happy", "sad", "surprised"])
def test_the_level_follows_the_strength(voice, style):
    sound, strength = emotional(voice, PROSODIES[style], np.random.default_rng(3))
    levels = level_db(sound)[4:-4]
    place = (np.arange(len(levels)) + 4.5) * 400 / SAMPLE_RATE_HZ / FRAME_S
    at_level = np.interp(place, np.arange(len(strength)), strength)
    assert np.corrcoef(levels, at_level)[0, 1] > 0.9
    assert np.abs(sound).max() < 1.0


def test_a_quick_style_is_shorter_and_a_slow_one_longer(voice):
    own_s = len(voice.f0_hz) * FRAME_S
    lengths = {
        style: len(emotional(voice, PROSODIES[style], np.random.default_rng(0))[0]) / SAMPLE_RATE_HZ for style in ("angry", "sad")
    }
    assert lengths["angry"] < own_s < lengths["sad"]
    assert lengths["sad"] <= own_s / 0.76 + 0.1


def test_a_whisper_stays_one(voice):
    whisper = WorldVoice(np.zeros_like(voice.f0_hz), voice.envelope, np.ones_like(voice.aperiodicity))
    sound, _ = emotional(whisper, PROSODIES["happy"], np.random.default_rng(0))
    assert np.isfinite(sound).all() and np.abs(sound).max() > 0.1
