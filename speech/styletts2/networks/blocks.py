"""What several of StyleTTS 2's networks are built of: norms whose gain and bias a style gives, and residual blocks with them.

Parameters are called as in the published files. Source: Li et al., "StyleTTS 2" (NeurIPS 2023), its public code; the norms after
Huang & Belongie, "Arbitrary Style Transfer in Real-time with Adaptive Instance Normalization" (2017).
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

SLOPE = 0.2


class AdaIN1d(nn.Module):
    """Channels brought to mean 0 and variance 1 over time, then scaled and moved as the style says."""

    def __init__(self, style: int, channels: int) -> None:
        super().__init__()
        self.fc = nn.Linear(style, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (B, C, T); style: (B, S)."""
        gain, bias = self.fc(style)[:, :, None].chunk(2, dim=1)
        return (1 + gain) * F.instance_norm(x) + bias


class AdaLayerNorm(nn.Module):
    """The same over the channels of each moment."""

    def __init__(self, style: int, channels: int) -> None:
        super().__init__()
        self.channels = channels
        self.fc = nn.Linear(style, 2 * channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """x: (B, T, C); style: (B, S)."""
        gain, bias = self.fc(style)[:, None].chunk(2, dim=-1)
        return (1 + gain) * F.layer_norm(x, (self.channels,)) + bias


class StyledBlock(nn.Module):
    """A residual block of two convolutions over time, twice as long afterwards where `upsample`."""

    def __init__(self, channels: int, out_channels: int, style: int, upsample: bool = False) -> None:
        super().__init__()
        self.upsample = upsample
        self.conv1 = nn.Conv1d(channels, out_channels, 3, padding=1)
        self.conv2 = nn.Conv1d(out_channels, out_channels, 3, padding=1)
        self.norm1, self.norm2 = AdaIN1d(style, channels), AdaIN1d(style, out_channels)
        if channels != out_channels:
            self.conv1x1 = nn.Conv1d(channels, out_channels, 1, bias=False)
        if upsample:
            self.pool = nn.ConvTranspose1d(channels, channels, 3, 2, padding=1, output_padding=1, groups=channels)

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        """(B, C', T) or, where it upsamples, (B, C', 2 T)."""
        short = F.interpolate(x, scale_factor=2, mode="nearest") if self.upsample else x
        if hasattr(self, "conv1x1"):
            short = self.conv1x1(short)
        y = F.leaky_relu(self.norm1(x, style), SLOPE)
        y = self.conv1(self.pool(y) if self.upsample else y)
        y = self.conv2(F.leaky_relu(self.norm2(y, style), SLOPE))
        return (y + short) / math.sqrt(2)


def two_ways(inputs: int, outputs: int) -> nn.LSTM:
    """A recurrent layer that reads forwards and backwards; `outputs` of both together."""
    return nn.LSTM(inputs, outputs // 2, batch_first=True, bidirectional=True)


def beside(x: Tensor, style: Tensor) -> Tensor:
    """(B, T, C + S): the style beside every moment of (B, T, C)."""
    return torch.cat([x, style[:, None].expand(-1, x.shape[1], -1)], dim=-1)
