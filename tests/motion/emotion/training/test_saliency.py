"""The stated formula, against values reckoned by hand."""

from __future__ import annotations

import numpy as np
import pytest

from motion.emotion.training.saliency import FLOORS, SHARES, STEEPNESS, saliency_of_signs


def logistic(value):
    return 1.0 / (1.0 + np.exp(-value))


def signs_of_level(level_db):
    return np.stack([level_db, np.zeros_like(level_db), np.zeros_like(level_db)], axis=1)


def test_a_voice_that_never_changes_is_half_salient():
    told = saliency_of_signs(signs_of_level(np.full(400, -20.0)), np.ones(400))
    np.testing.assert_allclose(told, 0.5, atol=1e-6)


def test_no_voice_is_half_salient():
    np.testing.assert_array_equal(saliency_of_signs(np.random.default_rng(0).normal(size=(50, 3)), np.zeros(50)), 0.5)


def test_half_loud_and_half_soft_by_hand():
    """Two long halves 12 dB apart: their means lie 6 dB to either side, which is also the deviation, so z is -1 and 1."""
    level = np.where(np.arange(4000) < 2000, -32.0, -20.0)
    told = saliency_of_signs(signs_of_level(level), np.ones(4000))
    np.testing.assert_allclose(told[500], logistic(-STEEPNESS * SHARES[0]), atol=0.01)
    np.testing.assert_allclose(told[3500], logistic(STEEPNESS * SHARES[0]), atol=0.01)
    assert told[2000] == pytest.approx(0.5, abs=0.02)


def test_a_difference_under_the_floor_counts_little():
    """0.3 dB apart: z is 0.15 over the floor of 1.5 dB, not 1."""
    level = np.where(np.arange(4000) < 2000, -20.0, -19.7)
    told = saliency_of_signs(signs_of_level(level), np.ones(4000))
    np.testing.assert_allclose(told[3500], logistic(STEEPNESS * SHARES[0] * 0.15 / FLOORS[0]), atol=0.01)


@pytest.mark.parametrize("column", range(3))
def test_every_sign_raises_it_by_its_share(column):
    signs = np.zeros((4000, 3))
    signs[2000:, column] = 10.0
    told = saliency_of_signs(signs, np.ones(4000))
    np.testing.assert_allclose(told[3500], logistic(STEEPNESS * SHARES[column]), atol=0.01)


def test_what_is_heard_without_a_tone_does_not_count():
    level = np.full(1000, -20.0)
    level[400:420] = 40.0  # a click
    voiced = np.ones(1000)
    voiced[400:420] = 0.0
    np.testing.assert_allclose(saliency_of_signs(signs_of_level(level), voiced), 0.5, atol=1e-3)
