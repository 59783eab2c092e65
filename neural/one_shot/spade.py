"""SPADE: a decoder whose norms are steered, pixel by pixel, by the features that are to become a picture.

Park and others, "Semantic Image Synthesis with Spatially-Adaptive Normalization" (CVPR 2019); Miyato and others, "Spectral
Normalization for Generative Adversarial Networks" (ICLR 2018).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import spectral_norm

HIDDEN = 128
NEGATIVE_SLOPE = 0.2
MIDDLE_BLOCKS = 6


class Spade(nn.Module):
    """Instance norm, then a gain and an offset for each pixel, made by two convolutions from the steering features."""

    def __init__(self, channels: int, steering_channels: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(steering_channels, HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(HIDDEN, channels, 3, padding=1)

    def forward(self, x: Tensor, steering: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape; `steering` (B, S, h, w) is stretched to H x W by repeating pixels."""
        hidden = self.mlp_shared(F.interpolate(steering, size=x.shape[2:], mode="nearest"))
        return F.instance_norm(x) * (1 + self.mlp_gamma(hidden)) + self.mlp_beta(hidden)


class SpadeResBlock(nn.Module):
    """Twice (SPADE, leaky ReLU, convolution 3x3), added to the input, which is projected where the channels differ."""

    def __init__(self, in_channels: int, out_channels: int, steering_channels: int) -> None:
        super().__init__()
        middle = min(in_channels, out_channels)
        self.conv_0 = spectral_norm(nn.Conv2d(in_channels, middle, 3, padding=1))
        self.conv_1 = spectral_norm(nn.Conv2d(middle, out_channels, 3, padding=1))
        self.norm_0 = Spade(in_channels, steering_channels)
        self.norm_1 = Spade(middle, steering_channels)
        self.projects = in_channels != out_channels
        if self.projects:
            self.conv_s = spectral_norm(nn.Conv2d(in_channels, out_channels, 1, bias=False))
            self.norm_s = Spade(in_channels, steering_channels)

    def forward(self, x: Tensor, steering: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H, W)."""
        out = self.conv_0(F.leaky_relu(self.norm_0(x, steering), NEGATIVE_SLOPE))
        out = self.conv_1(F.leaky_relu(self.norm_1(out, steering), NEGATIVE_SLOPE))
        return out + (self.conv_s(self.norm_s(x, steering)) if self.projects else x)


class SpadeDecoder(nn.Module):
    """Features (B, 256, h, w) -> six blocks -> two doublings with a block each -> picture (B, 3, 4h, 4w) RGB in (0, 1).

    Doubled once more, by four pixels out of twelve channels, as LivePortrait has it: (B, 3, 8h, 8w).
    """

    def __init__(self, channels: int = 256, last_channels: int = 64, doubled: bool = False) -> None:
        super().__init__()
        self.fc = nn.Conv2d(channels, 2 * channels, 3, padding=1)
        for i in range(MIDDLE_BLOCKS):
            self.add_module(f"G_middle_{i}", SpadeResBlock(2 * channels, 2 * channels, channels))
        self.up_0 = SpadeResBlock(2 * channels, channels, channels)
        self.up_1 = SpadeResBlock(channels, last_channels, channels)
        last = nn.Conv2d(last_channels, 12 if doubled else 3, 3, padding=1)
        self.conv_img: nn.Module = nn.Sequential(last, nn.PixelShuffle(2)) if doubled else last

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        out = self.fc(features)
        for i in range(MIDDLE_BLOCKS):
            out = self.get_submodule(f"G_middle_{i}")(out, features)
        out = self.up_0(F.interpolate(out, scale_factor=2), features)
        out = self.up_1(F.interpolate(out, scale_factor=2), features)
        picture: Tensor = self.conv_img(F.leaky_relu(out, NEGATIVE_SLOPE))
        return picture.sigmoid()
