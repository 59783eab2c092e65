"""A residual U-net over frames and pose axes, part of PoseVAE.

After Zhang, Liu, Wang, "Road Extraction by Deep Residual U-Net" (2018); here only the frames are halved, the axes never.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

WIDTHS = (32, 64, 128, 256)


class ResidualConv(nn.Module):
    """Norm, ReLU, convolution (with the stride), norm, ReLU, convolution; added to a convolved input."""

    def __init__(self, in_channels: int, out_channels: int, stride: int | tuple[int, int]) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.BatchNorm2d(in_channels),
            nn.ReLU(),
            nn.Conv2d(in_channels, out_channels, 3, stride, padding=1),
            nn.BatchNorm2d(out_channels),
            nn.ReLU(),
            nn.Conv2d(out_channels, out_channels, 3, padding=1),
        )
        self.conv_skip = nn.Sequential(nn.Conv2d(in_channels, out_channels, 3, stride, padding=1), nn.BatchNorm2d(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, T, A) -> (B, out, T/stride, A)."""
        out: Tensor = self.conv_block(x) + self.conv_skip(x)
        return out


class DoubleFrames(nn.Module):
    """Transposed convolution that doubles the frames: (B, C, T, A) -> (B, C, 2T, A)."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.upsample = nn.ConvTranspose2d(channels, channels, kernel_size=(2, 1), stride=(2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.upsample(x)
        return out


class ResUnet(nn.Module):
    """Three halvings and three doublings of the frames with skips: (B, 1, T, A) -> (B, 1, T, A) in (0, 1), T a multiple of 8."""

    def __init__(self) -> None:
        super().__init__()
        first, second, third, fourth = WIDTHS
        self.input_layer = nn.Sequential(
            nn.Conv2d(1, first, 3, padding=1), nn.BatchNorm2d(first), nn.ReLU(), nn.Conv2d(first, first, 3, padding=1)
        )
        self.input_skip = nn.Sequential(nn.Conv2d(1, first, 3, padding=1))
        self.residual_conv_1 = ResidualConv(first, second, (2, 1))
        self.residual_conv_2 = ResidualConv(second, third, (2, 1))
        self.bridge = ResidualConv(third, fourth, (2, 1))
        self.upsample_1 = DoubleFrames(fourth)
        self.up_residual_conv1 = ResidualConv(fourth + third, third, 1)
        self.upsample_2 = DoubleFrames(third)
        self.up_residual_conv2 = ResidualConv(third + second, second, 1)
        self.upsample_3 = DoubleFrames(second)
        self.up_residual_conv3 = ResidualConv(second + first, first, 1)
        self.output_layer = nn.Sequential(nn.Conv2d(first, 1, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        whole = self.input_layer(x) + self.input_skip(x)
        half = self.residual_conv_1(whole)
        quarter = self.residual_conv_2(half)
        out = self.bridge(quarter)
        out = self.up_residual_conv1(torch.cat([self.upsample_1(out), quarter], dim=1))
        out = self.up_residual_conv2(torch.cat([self.upsample_2(out), half], dim=1))
        out = self.up_residual_conv3(torch.cat([self.upsample_3(out), whole], dim=1))
        result: Tensor = self.output_layer(out)
        return result
