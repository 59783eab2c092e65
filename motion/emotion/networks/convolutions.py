"""Temporal convolutions over sequences of unlike length: what lies beyond a sequence's end is zero in every layer."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

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
