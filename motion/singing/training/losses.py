"""What the lips' network is taught to care about: where the mouth is, how it moves, and that closed lips are closed."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True)
class LossWeights:
    """Weight of each part.

    velocity: of the squared error of the change from row to row. closure: of the cross-entropy of the closure's logit.
    closed_lips: what the aperture's squared error counts more within closures. geometry: what aperture, width and protrusion, the
    first three curves, count more than the others. linear_from: errors of a place beyond so many standard deviations count
    linearly (Huber, 1964), because now and then it is the tracker that lost the lips; None: all squared.
    """

    velocity: float = 3.0
    closure: float = 0.3
    closed_lips: float = 3.0
    geometry: float = 4.0
    linear_from: float | None = None


def lip_loss(predicted: Tensor, curves: Tensor, closure: Tensor, known: Tensor, weights: LossWeights) -> Tensor:
    """The scalar to be made small, 0 for a perfect answer but for the cross-entropy, which goes towards 0.

    predicted: (B, T, C + 1), curves on the normal scale and the closure's logit; curves: (B, T, C) on the normal scale;
    closure: (B, T) in [0, 1]; known: (B, T) 0 where the truth is not known.
    """
    error = predicted[..., :-1] - curves
    per_channel = torch.ones(error.shape[-1])
    per_channel[:3] = weights.geometry
    per_channel = per_channel / per_channel.mean()
    per_row = known[..., None].expand_as(error).clone()
    per_row[..., 0] = known * (1.0 + weights.closed_lips * closure)
    place = error.square()
    if weights.linear_from is not None:
        linear = 2.0 * weights.linear_from * error.abs() - weights.linear_from**2
        place = torch.where(error.abs() > weights.linear_from, linear, place)
    position = (place * per_channel * per_row).mean()
    both = (known[:, 1:] * known[:, :-1])[..., None]
    velocity = ((error[:, 1:] - error[:, :-1]).square() * per_channel * both).mean()
    shut = functional.binary_cross_entropy_with_logits(predicted[..., -1], closure, weight=known)
    return position + weights.velocity * velocity + weights.closure * shut
