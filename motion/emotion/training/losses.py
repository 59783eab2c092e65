"""What the network is taught to care about.

Source: "DEITalk" (2024): 0.1 contrast + 0.1 class + 1.0 position + 4.0 velocity; the contrast is that of CLIP (Radford et al.,
"Learning transferable visual models from natural language supervision", 2021) with a fixed temperature.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

TEMPERATURE = 0.07


@dataclass(frozen=True)
class LossWeights:
    """Weight of each part; 0 leaves it out."""

    contrast: float = 0.1
    style: float = 0.1
    position: float = 1.0
    velocity: float = 4.0


def contrast_loss(speech: Tensor, motion: Tensor, temperature: float = TEMPERATURE) -> Tensor:
    """How badly each sound (B, W) finds its own motion (B, W) among all of the batch, and each motion its sound: the mean of both
    cross-entropies, log B where nothing is told."""
    likeness = functional.normalize(speech, dim=-1) @ functional.normalize(motion, dim=-1).T / temperature
    own = torch.arange(len(speech))
    return 0.5 * (functional.cross_entropy(likeness, own) + functional.cross_entropy(likeness.T, own))


def position_loss(told: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error of curves (B, T, R) over the frames that `mask` (B, T) knows."""
    return _mean((told - truth).square(), mask)


def velocity_loss(told: Tensor, truth: Tensor, mask: Tensor) -> Tensor:
    """Mean squared error of the change from frame to frame."""
    error = told - truth
    return _mean((error[:, 1:] - error[:, :-1]).square(), mask[:, 1:] & mask[:, :-1])


def _mean(values: Tensor, mask: Tensor) -> Tensor:
    """The mean of (B, T, R) over known frames, 0 where there are none."""
    known = mask.sum() * values.shape[-1]
    return (values * mask[..., None]).sum() / known.clamp(min=1)
