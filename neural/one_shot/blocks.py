"""Convolution blocks that the key point detector and the generator of face-vid2vid are built from.

A block is a convolution, a batch norm and a rectifier; what it does to the size of the picture is in its name. The names of the
submodules (`conv`, `norm`, `conv1`, ...) are those of the published state dictionaries.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class SameBlock2d(nn.Module):
    """Convolution 3x3, norm, activation: (B, C, H, W) -> (B, `out_channels`, H, W)."""

    def __init__(self, in_channels: int, out_channels: int, negative_slope: float = 0.0) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(out_channels)
        self.negative_slope = negative_slope

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.leaky_relu(self.norm(self.conv(x)), self.negative_slope)


class DownBlock2d(nn.Module):
    """Convolution 3x3, norm, ReLU, 2x2 mean: (B, C, H, W) -> (B, `out_channels`, H/2, W/2)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, out_channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm2d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.avg_pool2d(F.relu(self.norm(self.conv(x))), kernel_size=2)


class DownBlock3d(nn.Module):
    """Convolution 3x3x3, norm, ReLU, mean over 2x2 pixels: (B, C, D, H, W) -> (B, `out_channels`, D, H/2, W/2)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.avg_pool3d(F.relu(self.norm(self.conv(x))), kernel_size=(1, 2, 2))


class UpBlock3d(nn.Module):
    """Each pixel doubled, convolution 3x3x3, norm, ReLU: (B, C, D, H, W) -> (B, `out_channels`, D, 2H, 2W)."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv3d(in_channels, out_channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm3d(out_channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.relu(self.norm(self.conv(F.interpolate(x, scale_factor=(1, 2, 2)))))


class ResBlock3d(nn.Module):
    """Twice (norm, ReLU, convolution 3x3x3), added to the input: (B, C, D, H, W) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv3d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv3d(channels, channels, kernel_size=3, padding=1)
        self.norm1 = nn.BatchNorm3d(channels)
        self.norm2 = nn.BatchNorm3d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(out)))


def doubling_widths(first: int, blocks: int, largest: int) -> list[int]:
    """Channels of an hourglass from its widest picture to its smallest: first, 2 first, ..., never above `largest`."""
    return [min(largest, first * 2**i) for i in range(blocks + 1)]


class BlurAndShrink(nn.Module):
    """Gaussian blur and every n-th pixel: (B, C, H, W) -> (B, C, H/n, W/n), so that fine texture does not alias.

    The kernel is part of the published state (`weight`), of 8 sigma + 1 pixels with sigma = (n - 1) / 2.
    """

    weight: Tensor

    def __init__(self, channels: int, step: int) -> None:
        super().__init__()
        sigma = (step - 1) / 2
        size = 2 * round(sigma * 4) + 1
        offsets = torch.arange(size, dtype=torch.float32) - (size - 1) / 2
        line = torch.exp(-(offsets**2) / (2 * sigma**2))
        kernel = line[:, None] * line[None, :]
        self.register_buffer("weight", (kernel / kernel.sum()).expand(channels, 1, size, size).clone())
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.conv2d(x, self.weight, stride=self.step, padding=self.weight.shape[-1] // 2, groups=x.shape[1])
