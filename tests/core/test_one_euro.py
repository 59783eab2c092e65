"""The One Euro filter: what stands still is steadied, what moves fast is hardly late."""

from __future__ import annotations

import numpy as np

from core.one_euro import OneEuro, share

FPS = 25.0


def filtered(values, calm_hz=1.0, quickening=0.1):
    one = OneEuro(np.array([calm_hz]), np.array([quickening]))
    return np.array([one.step(np.array([value]), 1 / FPS)[0] for value in values])


def test_noise_about_a_place_is_steadied():
    noise = np.random.default_rng(0).normal(0.0, 0.05, 500)
    assert filtered(noise)[50:].std() < 0.4 * noise.std()


def test_fast_movements_are_hardly_late_and_without_quickening_they_are():
    times_s = np.arange(100) / FPS
    ramp = 100.0 * np.clip(times_s - 1.0, 0.0, 1.0)
    quick, slow = filtered(ramp), filtered(ramp, quickening=0.0)
    middle = round(1.5 * FPS)
    late_s = [(ramp[middle] - values[middle]) / 100.0 for values in (quick, slow)]
    assert late_s[0] < 0.03 and late_s[1] > 0.1


def test_the_share_of_a_new_value_is_that_of_a_low_pass():
    assert np.isclose(share(np.array([1.0]), 1 / (2 * np.pi)), 0.5)
    assert share(np.array([0.0]), 0.04) == 0.0 and share(np.array([1e9]), 0.04) > 0.999
