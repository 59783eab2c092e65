"""Pitch, vowels and the framing beneath them, against sounds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from motion.singing.analysis import pitch, vowels
from motion.singing.analysis.framing import BLOCK_SAMPLES, HOP_SAMPLES, frame_batches
from motion.singing.analysis.voice_features import FLOOR_DB, LEVEL_WINDOW_SAMPLES, band_levels, ear_weights
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, vowel

AH, EE, OO = (730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240)


def frames_of(sound, window):
    middle = len(sound) // 2
    starts = middle + np.arange(20) * HOP_SAMPLES
    return np.stack([sound[start : start + window] for start in starts]).astype(np.float32)


@pytest.mark.parametrize("block", [997, 16_000, BLOCK_SAMPLES])
def test_frames_are_the_same_however_the_sound_is_cut(block):
    sound = np.random.default_rng(0).normal(size=50_000).astype(np.float32)
    pieces = (sound[start : start + block] for start in range(0, len(sound), block))
    got = np.concatenate(list(frame_batches(pieces, 1024, 330)))
    padded = np.concatenate([np.zeros(512), sound, np.zeros(20_000)]).astype(np.float32)
    expected = np.stack([padded[k * HOP_SAMPLES : k * HOP_SAMPLES + 1024] for k in range(330)])
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize("f0_hz", [82.0, 147.0, 220.0, 440.0, 880.0])
@pytest.mark.parametrize("formants", [AH, EE, OO])
def test_pitch_of_sung_vowels(f0_hz, formants):
    frames = frames_of(vowel(formants, f0_hz, 0.8), pitch.WINDOW_SAMPLES)
    found, periodicity = pitch.pitch(frames)
    assert np.median(np.abs(12 * np.log2(found / f0_hz))) < 0.2
    assert np.median(periodicity) > 0.9


def test_noise_and_silence_have_no_pitch():
    noise = np.random.default_rng(1).normal(size=(50, pitch.WINDOW_SAMPLES)).astype(np.float32)
    assert np.percentile(pitch.pitch(noise)[1], 90) < 0.5
    assert pitch.pitch(np.zeros((3, pitch.WINDOW_SAMPLES), np.float32))[1].max() == 0.0


@pytest.mark.parametrize("f0_hz", [110.0, 196.0, 330.0])
@pytest.mark.parametrize("tract", [1.0, 1.15])
def test_vowels_order_by_openness_and_spread(f0_hz, tract):
    known = np.asarray(vowels.VOWELS)
    levels = np.concatenate(
        [
            vowels.harmonic_levels(frames_of(vowel(row[:3], f0_hz, 0.6, tract), vowels.WINDOW_SAMPLES), np.full(20, f0_hz))
            for row in known
        ]
    )
    openness, spread = vowels.vowel_axes(levels, np.full(len(levels), f0_hz, np.float32))
    openness, spread = openness.reshape(len(known), -1).mean(axis=1), spread.reshape(len(known), -1).mean(axis=1)
    assert np.corrcoef(openness, known[:, 3])[0, 1] > 0.85
    assert np.corrcoef(spread, known[:, 4])[0, 1] > 0.85
    ah, ee, oo = 5, 0, 10
    assert openness[ah] > openness[ee] + 0.3 and openness[ah] > openness[oo] + 0.3
    assert spread[ee] > spread[ah] + 0.3 > spread[oo] + 0.6


def test_no_frames_no_vowels():
    openness, spread = vowels.vowel_axes(np.zeros((0, vowels.MAX_HARMONICS), np.float16), np.zeros(0, np.float32))
    assert len(openness) == len(spread) == 0


def test_levels_are_decibels_re_full_scale():
    time_s = np.arange(LEVEL_WINDOW_SAMPLES) / SAMPLE_RATE_HZ
    tone = (0.1 * np.sin(2 * np.pi * 1000.0 * time_s)).astype(np.float32)[None]
    level = band_levels(tone, ear_weights()[None])[0, 0]
    assert level == pytest.approx(20 * np.log10(0.1 / np.sqrt(2)), abs=0.3)
    assert band_levels(0 * tone, ear_weights()[None])[0, 0] == pytest.approx(FLOOR_DB)
