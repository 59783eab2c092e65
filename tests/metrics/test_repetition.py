"""Motions that repeat, motions that don't, and motions that are nothing."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter1d

from metrics.repetition import PIECE_S, highest_likeness, looped, phase_noise, repetition

FPS = 25.0


def wander(seconds=120.0, seed=0):
    """Natural noise: three axes of a few degrees, nothing faster than a third of a second."""
    noise = np.random.default_rng(seed).normal(size=(round(seconds * FPS), 3))
    curves = gaussian_filter1d(noise, 5.0, axis=0)
    return 3.0 * curves / curves.std(axis=0)


@pytest.mark.slow
def test_noise_repeats_nothing():
    found = repetition(wander(), FPS, draws=5)
    assert found.highest < 0.95 and not found.visible
    assert abs(found.highest - found.noise_mean) < 0.1
    assert found.loop == pytest.approx(1.0, abs=1e-4)


def test_a_loop_is_found_out():
    found = repetition(looped(wander(), FPS), FPS, draws=3)
    assert found.visible and found.highest > 0.999
    assert found.highest > found.noise_p95 + 0.02


def test_a_piece_that_returns_is_found_where_it_returns():
    motion = wander()
    motion[2000:2150] = 0.7 * motion[500:650] + [4.0, -2.0, 0.0]
    likeness, first_s, again_s = highest_likeness(motion, FPS)
    assert likeness > 0.99
    assert again_s - first_s == pytest.approx(60.0, abs=0.05)
    assert 20.0 <= first_s <= 26.0 - PIECE_S + 0.05
    found = repetition(motion, FPS, draws=2)
    assert found.visible and found.first_s == first_s


def test_against_every_pair_held_by_hand():
    motion = wander(14.0, seed=3)
    piece, step = round(PIECE_S * FPS), 2
    spread = motion.std(axis=0)
    best = -1.0
    for one in range(0, len(motion) - piece + 1, step):
        for two in range(one + piece, len(motion) - piece + 1, step):
            parts = [(motion[at : at + piece] - motion[at : at + piece].mean(axis=0)) / spread for at in (one, two)]
            best = max(best, float((parts[0] * parts[1]).sum() / np.sqrt((parts[0] ** 2).sum() * (parts[1] ** 2).sum())))
    assert highest_likeness(motion, FPS)[0] == pytest.approx(best, abs=1e-4)


def test_stillness_repeats_nothing():
    motion = wander()
    motion[1000:1500] = motion[2000:2500] = motion[1000]
    assert repetition(motion, FPS, draws=1).highest < 0.95
    assert repetition(np.zeros((3000, 3)), FPS).highest is None


def test_too_short_says_so():
    assert "too short" in str(repetition(wander(5.0), FPS).reason)


def test_phase_noise_keeps_the_spectrum():
    motion = wander(40.0)
    noise = phase_noise(motion, FPS, np.random.default_rng(1))
    np.testing.assert_allclose(noise.std(axis=0), motion.std(axis=0), rtol=0.1)
    np.testing.assert_allclose(np.diff(noise, axis=0).std(axis=0), np.diff(motion, axis=0).std(axis=0), rtol=0.3)
    assert abs(np.corrcoef(noise[:, 0], motion[:, 0])[0, 1]) < 0.5
