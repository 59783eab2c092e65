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


def residuals(channels: int, count: int) -> list[nn.Module]:
    """Residual blocks in a row, which keep the picture's size."""
    return [ConvBlock(channels, channels, residual=True) for _ in range(count)]


def sound_encoder(last_residuals: int) -> nn.Sequential:
    """Mel windows (B, 1, 80, 16) to what is heard in them (B, 512, 1, 1); the generator's and the expert's differ in
    `last_residuals`, the residual blocks before the end."""
    return nn.Sequential(
        ConvBlock(1, 32),
        *residuals(32, 2),
        ConvBlock(32, 64, stride=(3, 1)),
        *residuals(64, 2),
        ConvBlock(64, 128, stride=3),
        *residuals(128, 2),
        ConvBlock(128, 256, stride=(3, 2)),
        *residuals(256, last_residuals),
        ConvBlock(256, 512, padding=0),
        ConvBlock(512, 512, 1, padding=0),
    )
