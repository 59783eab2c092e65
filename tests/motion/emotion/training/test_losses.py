"""The losses by hand."""

from __future__ import annotations

import math

import pytest
import torch

from motion.emotion.training.losses import TEMPERATURE, LossWeights, contrast_loss, position_loss, velocity_loss


def test_weights_are_the_published_ones():
    weights = LossWeights()
    assert (weights.contrast, weights.style, weights.position, weights.velocity) == (0.1, 0.1, 1.0, 4.0)
    assert TEMPERATURE == 0.07


def test_contrast_is_the_same_both_ways_and_least_for_pairs_that_match():
    torch.manual_seed(0)
    speech, motion = torch.randn(6, 16), torch.randn(6, 16)
    assert contrast_loss(speech, motion) == pytest.approx(float(contrast_loss(motion, speech)))
    matching = contrast_loss(speech, speech)
    assert matching < 0.05 < contrast_loss(speech, motion)
    assert matching < contrast_loss(speech, speech.roll(1, dims=0))
    assert contrast_loss(3.0 * speech, speech) == pytest.approx(float(matching))  # lengths say nothing
    told_nothing = contrast_loss(torch.ones(6, 16), torch.ones(6, 16))
    assert told_nothing == pytest.approx(math.log(6))


def test_contrast_by_hand():
    speech, motion = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[1.0, 0.0], [1.0, 1.0]])
    likeness = [[1.0 / 0.07, math.sqrt(0.5) / 0.07], [0.0, math.sqrt(0.5) / 0.07]]
    rows = [math.log(sum(map(math.exp, row))) - row[k] for k, row in enumerate(likeness)]
    columns = [math.log(sum(math.exp(row[k]) for row in likeness)) - likeness[k][k] for k in range(2)]
    assert contrast_loss(speech, motion) == pytest.approx((sum(rows) + sum(columns)) / 4, rel=1e-5)


def test_position_and_velocity_by_hand_know_only_what_the_mask_knows():
    told, truth = torch.tensor([[[1.0], [3.0], [9.0]]]), torch.tensor([[[0.0], [1.0], [0.0]]])
    whole, short = torch.ones(1, 3, dtype=torch.bool), torch.tensor([[True, True, False]])
    assert position_loss(told, truth, whole) == pytest.approx((1 + 4 + 81) / 3)
    assert position_loss(told, truth, short) == pytest.approx((1 + 4) / 2)
    assert velocity_loss(told, truth, whole) == pytest.approx((1 + 49) / 2)
    assert velocity_loss(told, truth, short) == pytest.approx(1)
    assert velocity_loss(told, truth, torch.tensor([[True, False, True]])) == 0
