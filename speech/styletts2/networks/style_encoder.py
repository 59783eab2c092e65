"""The style of a voice from a piece of it. Source: StyleTTS 2's public code, after StarGAN v2 (Choi et al., 2020)."""

from __future__ import annotations

import math
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from speech.styletts2.networks.blocks import SLOPE


class Halving(nn.Module):
    """A convolution of every channel by itself that halves both sides, under the name that the files have for it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, channels, 3, 2, padding=1, groups=channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H / 2, W / 2), rounded up."""
        return self.conv(x)


class HalvingBlock(nn.Module):
    """A residual block that halves both sides."""

    def __init__(self, channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, out_channels, 3, padding=1)
        self.downsample_res = Halving(channels)
        if channels != out_channels:
            self.conv1x1 = nn.Conv2d(channels, out_channels, 1, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C', H / 2, W / 2)."""
        short = self.conv1x1(x) if hasattr(self, "conv1x1") else x
        if short.shape[-1] % 2:
            short = torch.cat([short, short[..., -1:]], dim=-1)
        y = self.downsample_res(self.conv1(F.leaky_relu(x, SLOPE)))
        y = self.conv2(F.leaky_relu(y, SLOPE))
        return (y + F.avg_pool2d(short, 2)) / math.sqrt(2)


class StyleEncoder(nn.Module):
    """A log-mel spectrogram to a style."""

    def __init__(self, channels: int, widest: int, style: int, blocks: int = 4) -> None:
        super().__init__()
        widths = [min(channels << step, widest) for step in range(blocks + 1)]
        halvings = [HalvingBlock(one, next_) for one, next_ in pairwise(widths)]
        last = [nn.LeakyReLU(SLOPE), nn.Conv2d(widths[-1], widths[-1], 5), nn.AdaptiveAvgPool2d(1), nn.LeakyReLU(SLOPE)]
        self.shared = nn.Sequential(nn.Conv2d(1, channels, 3, padding=1), *halvings, *last)
        self.unshared = nn.Linear(widths[-1], style)

    def forward(self, mel: Tensor) -> Tensor:
        """(B, S) of (B, 80, T), T at least 80."""
        return self.unshared(self.shared(mel[:, None]).flatten(1))
