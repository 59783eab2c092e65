"""GFPGAN: a damaged face in, a whole one out. A U-Net reads the face and steers the generator of StyleGAN2.

Wang and others, "Towards Real-World Blind Face Restoration with Generative Facial Prior" (CVPR 2021), in the "clean" form of the
published files 1.2 to 1.4. Attribute names are the keys of those files.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from filters.networks.stylegan2 import SLOPE, StyleGenerator

#: Channels of the generator by side in pixels; the U-Net has half of them.
CHANNELS: dict[int, int] = {4: 512, 8: 512, 16: 512, 32: 512, 64: 512, 128: 256, 256: 128, 512: 64}


class ResizeBlock(nn.Module):
    """Residual block (N, in, H, W) -> (N, out, H', W') that halves or doubles the size, bilinear."""

    def __init__(self, channels_in: int, channels_out: int, way: Literal["down", "up"]) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_in, 3, padding=1)
        self.conv2 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.skip = nn.Conv2d(channels_in, channels_out, 1, bias=False)
        self.scale = 0.5 if way == "down" else 2.0

    def forward(self, features: Tensor) -> Tensor:
        """See the class."""
        inner = self._resized(functional.leaky_relu(self.conv1(features), SLOPE))
        inner = functional.leaky_relu(self.conv2(inner), SLOPE)
        # a convolution of one pixel and a resize of each channel may change places: done where there are fewer pixels
        if self.scale > 1:
            return inner + self._resized(self.skip(features))
        return inner + self.skip(self._resized(features))

    def _resized(self, features: Tensor) -> Tensor:
        return functional.interpolate(features, scale_factor=self.scale, mode="bilinear", align_corners=False)


class Gfpgan(nn.Module):
    """Face -> U-Net encoder -> latents; U-Net decoder -> scales and shifts of every level; both -> generator -> face."""

    def __init__(self, channels: dict[int, int] | None = None, style: int = 512) -> None:
        """channels: {side in pixels: channels of the generator}, from 4 px to the face's side; the published ones by default."""
        super().__init__()
        channels = channels or CHANNELS
        sides = sorted(channels)
        narrow = {side: count // 2 for side, count in channels.items()}
        self.style = style
        self.conv_body_first = nn.Conv2d(3, narrow[sides[-1]], 1)
        falling = list(reversed(sides))
        self.conv_body_down = nn.ModuleList(
            ResizeBlock(narrow[large], narrow[small], "down") for large, small in pairwise(falling)
        )
        self.final_conv = nn.Conv2d(narrow[4], narrow[4], 3, padding=1)
        self.conv_body_up = nn.ModuleList(ResizeBlock(narrow[small], narrow[large], "up") for small, large in pairwise(sides))
        # part of the published files; only training looks at these pictures
        self.toRGB = nn.ModuleList(nn.Conv2d(narrow[side], 3, 1) for side in sides[1:])
        self.final_linear = nn.Linear(narrow[4] * 4 * 4, 2 * len(sides) * style)
        self.stylegan_decoder = StyleGenerator(channels, style)
        self.condition_scale = nn.ModuleList(condition(narrow[side]) for side in sides[1:])
        self.condition_shift = nn.ModuleList(condition(narrow[side]) for side in sides[1:])

    def forward(self, faces: Tensor) -> Tensor:
        """Restore faces (N, 3, 512, 512) in [-1, 1] that are aligned like FFHQ; gives float32 of the same shape, about [-1, 1].

        The noise is the one that is stored with the weights: the same face gives the same result.
        """
        features = functional.leaky_relu(self.conv_body_first(faces), SLOPE)
        skips = []
        for block in self.conv_body_down:
            features = block(features)
            skips.append(features)
        features = functional.leaky_relu(self.final_conv(features), SLOPE)
        latents = self.final_linear(features.flatten(1)).unflatten(1, (-1, self.style))
        scales, shifts = [], []
        for level, block in enumerate(self.conv_body_up):
            features = block(features + skips[-1 - level])
            scales.append(self.condition_scale[level](features))
            shifts.append(self.condition_shift[level](features))
        restored: Tensor = self.stylegan_decoder(latents, scales, shifts)
        return restored


def channels_last(network: nn.Module) -> nn.Module:
    """The network with its convolutions' weights laid out as convolutions read them quickest; weights of other ranks stay."""
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            module.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    return network


def condition(channels: int) -> nn.Sequential:
    """The two convolutions that make a level's scale or shift from the U-Net's features."""
    return nn.Sequential(
        nn.Conv2d(channels, channels, 3, padding=1), nn.LeakyReLU(SLOPE), nn.Conv2d(channels, channels, 3, padding=1)
    )
