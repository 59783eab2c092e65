"""Steps and limits of curves."""

from __future__ import annotations

import numpy as np
import pytest

from core.easing import kept_within, smooth_step


def test_a_step_rises_smoothly_between_its_ends():
    values = np.linspace(-1.0, 2.0, 301)
    step = smooth_step(values)
    assert (step[values <= 0] == 0).all() and (step[values >= 1] == 1).all() and (np.diff(step) >= 0).all()
    assert smooth_step(np.array([2.0, 3.0, 4.0]), 2.0, 4.0).tolist() == [0.0, 0.5, 1.0]
    slopes = np.diff(step) / np.diff(values)
    assert slopes[100:102].max() < 0.1 and slopes.max() == pytest.approx(1.5, abs=0.01)


def test_it_falls_where_the_ends_are_exchanged_and_keeps_the_type():
    assert smooth_step(np.array([0.0, 1.5, 3.0]), 2.0, 1.0).tolist() == [1.0, 0.5, 0.0]
    assert smooth_step(np.zeros(2, np.float32), 0.0, 5.0).dtype == np.float32 == kept_within(np.ones(2, np.float32), 9.0).dtype


def test_values_come_near_a_limit_and_never_pass_it():
    values = np.array([-500.0, -3.0, 0.0, 6.0, 9.0, 500.0])
    bent = kept_within(values, 9.0)
    assert bent[1:4].tolist() == [-3.0, 0.0, 6.0] and np.abs(bent).max() <= 9.0 and 6.0 < bent[4] < 9.0
