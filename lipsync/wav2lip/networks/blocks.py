"""Convolution blocks of Wav2Lip's networks; the names of the submodules are those of the published state dictionaries."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn


class ConvBlock(nn.Module):
    """Convolution, norm, the input added where it is residual, ReLU: (B, `inside`, H, W) -> (B, `outside`, H', W')."""

    def __init__(
        self,
        inside: int,
        outside: int,
        size: int = 3,
        stride: int | tuple[int, int] = 1,
        padding: int = 1,
        residual: bool = False,
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(nn.Conv2d(inside, outside, size, stride, padding), nn.BatchNorm2d(outside))
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        result = self.conv_block(x)
        return F.relu(result + x if self.residual else result)


class UpBlock(nn.Module):
    """Transposed convolution 3x3, norm, ReLU: (B, `inside`, H, W) -> (B, `outside`, 2H, 2W), or a pixel made 3x3."""

    def __init__(self, inside: int, outside: int, doubling: bool = True) -> None:
        super().__init__()
        steps = (2, 1, 1) if doubling else (1, 0, 0)
        self.conv_block = nn.Sequential(nn.ConvTranspose2d(inside, outside, 3, *steps), nn.BatchNorm2d(outside))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return F.relu(self.conv_block(x))


def narrowed(channels: int, width: float) -> int:
    """So many channels in a network of that width; 1 is the published one."""
    return max(4, round(channels * width))


def residuals(channels: int, count: int) -> list[nn.Module]:
    """Residual blocks in a row, which keep the picture's size."""
    return [ConvBlock(channels, channels, residual=True) for _ in range(count)]


def sound_encoder(last_residuals: int, width: float = 1.0) -> nn.Sequential:
    """Mel windows (B, 1, 80, 16) to what is heard in them (B, 512, 1, 1), 512 less narrowed by `width`; the generator's and the
    expert's differ in `last_residuals`, the residual blocks before the end."""
    c32, c64, c128, c256, c512 = (narrowed(channels, width) for channels in (32, 64, 128, 256, 512))
    return nn.Sequential(
        ConvBlock(1, c32),
        *residuals(c32, 2),
        ConvBlock(c32, c64, stride=(3, 1)),
        *residuals(c64, 2),
        ConvBlock(c64, c128, stride=3),
        *residuals(c128, 2),
        ConvBlock(c128, c256, stride=(3, 2)),
        *residuals(c256, last_residuals),
        ConvBlock(c256, c512, padding=0),
        ConvBlock(c512, c512, 1, padding=0),
    )
