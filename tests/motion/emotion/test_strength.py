"""A network's saliency as people see it, and back."""

from __future__ import annotations

import numpy as np
import pytest

from motion.emotion.strength import LEAST_SPAN, StrengthScale


def test_what_is_shown_given_back_asks_for_the_same():
    saliency = np.linspace(-0.6, 0.8, 201).astype(np.float32)
    scale = StrengthScale.of(saliency)
    shown = scale.shown(saliency)
    assert shown.min() == 0 and shown.max() == 1 and np.all(np.diff(shown) >= 0)
    within = (saliency > scale.low) & (saliency < scale.high)
    assert within.mean() > 0.95
    np.testing.assert_allclose(scale.saliency(shown)[within], saliency[within], atol=1e-6)


def test_negative_saliencies_are_told_apart():
    """All of them below 0, as on voices unlike those of training: the curve is not flat."""
    shown = StrengthScale.of(np.linspace(-0.9, -0.2, 50)).shown(np.array([-0.9, -0.55, -0.2]))
    assert shown == pytest.approx([0.0, 0.5, 1.0], abs=0.02)


def test_a_flat_sound_is_shown_as_flat():
    saliency = 0.4 + 0.01 * np.sin(np.arange(90.0))
    scale = StrengthScale.of(saliency)
    assert scale.high - scale.low == pytest.approx(LEAST_SPAN)
    assert np.ptp(scale.shown(saliency)) < 0.1 and scale.shown(saliency).mean() == pytest.approx(0.5, abs=0.02)
