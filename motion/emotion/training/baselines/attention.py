"""What both transformer baselines are made of.

Source: Fan et al., "FaceFormer: Speech-driven 3D facial animation with transformers", 2022: positions that repeat after a period,
a causal mask whose bias grows with whole periods (after Press et al., "Train short, test long", 2022), and a mask that aligns
each frame with its own moment of the sound.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

#: Frames after which positions repeat: a second, as FaceFormer has it for 30 frames a second.
PERIOD = 30


def periodic_positions(frames: int, width: int) -> Tensor:
    """(frames, width) sines and cosines that begin anew every `PERIOD` frames."""
    place = (torch.arange(frames) % PERIOD).float()
    slowness = torch.exp(-math.log(10000.0) * torch.arange(0, width, 2).float() / width)
    angle = place[:, None] * slowness
    return torch.stack([torch.sin(angle), torch.cos(angle)], dim=-1).flatten(-2)[:, :width]


def causal_bias(frames: int, heads: int, causal: bool = True) -> Tensor:
    """(heads, frames, frames) to be added to attention: farther by whole periods counts less, each head with a slope of its own;
    what lies ahead is hidden where `causal`."""
    row, column = torch.arange(frames)[:, None], torch.arange(frames)[None]
    periods = torch.div((row - column).abs(), PERIOD, rounding_mode="floor")
    slopes = 2.0 ** (-8.0 * torch.arange(1, heads + 1) / heads)
    bias = -slopes[:, None, None] * periods
    return bias.masked_fill(column > row, -torch.inf) if causal else bias


def aligned_mask(frames: int) -> Tensor:
    """(frames, frames) True where a frame may not look: everywhere but at its own moment of the sound."""
    return ~torch.eye(frames, dtype=torch.bool)
