"""Measures against arrays made by hand, and a reader of styles that can be wrong."""

from __future__ import annotations

import numpy as np
import pytest

from motion.emotion.styles import STYLES
from motion.emotion.training.measures import controls, greatest_error, learned_reader, saliency_agreement


def test_greatest_error_is_the_worst_curve_of_each_frame():
    true = np.zeros((2, 4), np.float32)
    told = np.array([[0.1, 0.3, 0.0, 9.0], [0.2, 0.0, 0.4, 9.0]], np.float32)
    assert greatest_error(told, true, (0, 1, 2)) == pytest.approx((0.09 + 0.16) / 2)
    assert greatest_error(told, true, (0,)) == pytest.approx((0.01 + 0.04) / 2)
    assert greatest_error(true, true, (0, 1, 2, 3)) == 0.0


def test_agreement_of_saliency():
    true = np.sin(np.linspace(0.0, 9.0, 200)).astype(np.float32)
    assert saliency_agreement(0.2 * true + 0.5, true) == pytest.approx(1.0)
    assert saliency_agreement(-true, true) == pytest.approx(-1.0)
    assert np.isnan(saliency_agreement(np.full(200, 0.5, np.float32), true))
    assert saliency_agreement(true[:150], true) == pytest.approx(1.0)


def test_broken_pairings_do_not_agree():
    generator = np.random.default_rng(0)
    true = [np.convolve(generator.normal(size=400 + 10 * k), np.ones(20) / 20, "same").astype(np.float32) for k in range(30)]
    broken = controls(true, true)
    assert set(broken) == {"another take's", "backwards"}
    assert abs(np.mean(broken["another take's"])) < 0.1 and abs(np.mean(broken["backwards"])) < 0.1
    assert max(broken["another take's"]) < 0.7  # none was paired with its own


def faces(style, generator, strength=0.3):
    """Curves (90, 6) that move by chance, the style's own one held."""
    curves = 0.1 * generator.random((90, 6))
    curves[:, STYLES.index(style)] += strength
    return curves.astype(np.float32)


def test_the_reader_reads_styles_and_is_wrong_where_faces_are():
    generator = np.random.default_rng(1)
    styles = [style for style in STYLES for _ in range(8)]
    reader = learned_reader([faces(style, generator) for style in styles], styles)
    assert all(reader.read(faces(style, generator)) == style for style in STYLES)
    assert {reader.read(np.zeros((90, 6), np.float32)) for _ in STYLES} == {reader.read(np.zeros((90, 6), np.float32))}
    flat = [reader.read(faces(style, generator, 0.0)) == style for style in STYLES for _ in range(10)]
    assert np.mean(flat) < 0.6  # a face that shows nothing is read by chance
