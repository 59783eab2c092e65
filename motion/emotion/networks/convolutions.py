"""Temporal convolutions over sequences of unlike length: what lies beyond a sequence's end is zero in every layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.averaging import gaussian
from motion.emotion.networks.shape import KERNEL


class TemporalConvolution(nn.Module):
    """relu(dilated convolution): (B, T, inputs) -> (B, T, outputs); it sees as far back as ahead.

    Source: Bai, Kolter & Koltun, "An empirical evaluation of generic convolutional and recurrent networks for sequence modeling",
    2018, but centred, for the whole sound is known.
    """

    def __init__(self, inputs: int, outputs: int, dilation: int) -> None:
        super().__init__()
        self.convolution = nn.Conv1d(inputs, outputs, KERNEL, dilation=dilation, padding=(KERNEL - 1) // 2 * dilation)

    def forward(self, values: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = functional.relu(self.convolution(values.transpose(1, 2)))
        return out.transpose(1, 2)


def within(values: Tensor, mask: Tensor | None) -> Tensor:
    """(B, T, C) with zeros where `mask` (B, T) is False; None: everything is part of the sequence."""
    return values if mask is None else values * mask[..., None]


def highest(values: Tensor, mask: Tensor | None) -> Tensor:
    """(B, C) the greatest of each value over the frames of the sequence: max pooling over time."""
    if mask is not None:
        values = values.masked_fill(~mask[..., None], -torch.inf)
    return values.amax(dim=1)


def lasting(values: Tensor, mask: Tensor | None, breadth_frames: int) -> Tensor:
    """(B, T, C) averaged over time by `gaussian`, of which only what lies within the sequence counts; 0 frames: as they are."""
    if not breadth_frames:
        return values
    known = torch.ones(values.shape[:2]) if mask is None else mask.to(values.dtype)
    weights = torch.from_numpy(gaussian(breadth_frames))
    count, frames, channels = values.shape
    rows = within(values, mask).transpose(1, 2).reshape(count * channels, 1, frames)
    reach = len(weights) // 2
    summed = functional.conv1d(rows, weights[None, None], padding=reach).reshape(count, channels, frames).transpose(1, 2)
    shares = functional.conv1d(known[:, None], weights[None, None], padding=reach)[:, 0]
    return summed / shares.clamp(min=1e-6)[..., None]
