"""The generator of StyleGAN2 whose features another network may scale and shift: the second half of GFPGAN.

Karras and others, "Analyzing and Improving the Image Quality of StyleGAN" (CVPR 2020), in the form that the published GFPGAN
files use: bilinear upsampling, and channel-split spatial feature transform after the first convolution of every level. Attribute
names are the keys of those files.

A convolution whose weights are modulated by a style for every sample equals one with common weights between a scaling of its
input channels by the style and of its output channels by the demodulation. That form batches over frames, which modulated weights
do not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

EPSILON = 1e-8
SLOPE = 0.2


class NormStyleCode(nn.Module):
    """Styles (N, C) brought to a root mean square of 1."""

    def forward(self, style: Tensor) -> Tensor:
        """See the class."""
        return style * torch.rsqrt(style.square().mean(dim=1, keepdim=True) + EPSILON)


class ModulatedConv(nn.Module):
    """Convolution (N, in, H, W) -> (N, out, H, W) whose input channels a style (N, S) scales."""

    def __init__(self, channels_in: int, channels_out: int, kernel: int, style: int, demodulate: bool) -> None:
        super().__init__()
        self.modulation = nn.Linear(style, channels_in)
        self.weight = nn.Parameter(torch.randn(1, channels_out, channels_in, kernel, kernel) / math.sqrt(channels_in * kernel**2))
        self.demodulate = demodulate

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """See the class."""
        weight = self.weight[0]
        scale = self.modulation(style)
        out = functional.conv2d(features * scale[:, :, None, None], weight, padding=weight.shape[-1] // 2)
        if not self.demodulate:
            return out
        # in float32: squares of half precision overflow, and their sum loses what is small
        energy = scale.float().square() @ weight.float().square().sum(dim=(2, 3)).T
        return out * torch.rsqrt(energy + EPSILON).to(out.dtype)[:, :, None, None]


class StyleConv(nn.Module):
    """Modulated convolution, fixed noise, bias and leaky ReLU; doubles the size first where `upsample` is set."""

    def __init__(self, channels_in: int, channels_out: int, style: int, upsample: bool) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels_in, channels_out, 3, style, demodulate=True)
        self.weight = nn.Parameter(torch.zeros(1))
        self.bias = nn.Parameter(torch.zeros(1, channels_out, 1, 1))
        self.upsample = upsample

    def forward(self, features: Tensor, style: Tensor, noise: Tensor) -> Tensor:
        """features: (N, in, H, W). style: (N, S). noise: (1, 1, h, w) of the result's size."""
        if self.upsample:
            features = doubled(features)
        out = self.modulated_conv(features, style) * math.sqrt(2.0)
        return functional.leaky_relu(out + self.weight * noise + self.bias, SLOPE)


class ToRgb(nn.Module):
    """Features (N, C, H, W) to a picture (N, 3, H, W), added to the doubled picture of the level before.

    The sum is kept in float32, so that half precision never rounds the picture itself.
    """

    def __init__(self, channels: int, style: int) -> None:
        super().__init__()
        self.modulated_conv = ModulatedConv(channels, 3, 1, style, demodulate=False)
        self.bias = nn.Parameter(torch.zeros(1, 3, 1, 1))

    def forward(self, features: Tensor, style: Tensor, picture: Tensor | None = None) -> Tensor:
        """picture: (N, 3, H/2, W/2) float32 of the level before; None at the first level."""
        out = self.modulated_conv(features, style).float() + self.bias.float()
        return out if picture is None else out + doubled(picture)


class ConstantInput(nn.Module):
    """The learnt features (N, C, 4, 4) from which every picture starts."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, channels, 4, 4))

    def forward(self, batch: int) -> Tensor:
        """The same features for each of `batch` samples."""
        return self.weight.expand(batch, -1, -1, -1)


class StyleGenerator(nn.Module):
    """Constant -> (style convolution, feature transform, style convolution, to RGB) at every level -> picture."""

    def __init__(self, channels: dict[int, int], style: int = 512, mapping_layers: int = 8) -> None:
        """channels: {side in pixels: channels}, sides from 4 up to the picture's, each twice the one before."""
        super().__init__()
        sides = sorted(channels)
        # part of the published files; GFPGAN gives latents and never maps a style
        mapping: list[nn.Module] = [NormStyleCode()]
        for _ in range(mapping_layers):
            mapping += [nn.Linear(style, style), nn.LeakyReLU(SLOPE)]
        self.style_mlp = nn.Sequential(*mapping)
        self.constant_input = ConstantInput(channels[4])
        self.style_conv1 = StyleConv(channels[4], channels[4], style, upsample=False)
        self.to_rgb1 = ToRgb(channels[4], style)
        self.style_convs, self.to_rgbs, self.noises = nn.ModuleList(), nn.ModuleList(), nn.Module()
        self.noises.register_buffer("noise0", torch.randn(1, 1, 4, 4))
        for level, side in enumerate(sides[1:]):
            before, now = channels[side // 2], channels[side]
            self.style_convs += [StyleConv(before, now, style, upsample=True), StyleConv(now, now, style, upsample=False)]
            self.to_rgbs.append(ToRgb(now, style))
            for number in (2 * level + 1, 2 * level + 2):
                self.noises.register_buffer(f"noise{number}", torch.randn(1, 1, side, side))

    def forward(self, latents: Tensor, scales: Sequence[Tensor], shifts: Sequence[Tensor]) -> Tensor:
        """Picture (N, 3, H, W) float32, about [-1, 1].

        latents: (N, 2 x levels, S), one style a layer. scales, shifts: for each level from 8 px up (N, half its channels, h, w),
        which transform the second half of its channels.
        """
        features = self.constant_input(latents.shape[0])
        features = self.style_conv1(features, latents[:, 0], self.noises.get_buffer("noise0"))
        picture: Tensor = self.to_rgb1(features, latents[:, 1])
        for level, to_rgb in enumerate(self.to_rgbs):
            layer = 2 * level + 1
            features = self.style_convs[2 * level](features, latents[:, layer], self.noises.get_buffer(f"noise{layer}"))
            kept, transformed = features.chunk(2, dim=1)
            features = torch.cat([kept, transformed * scales[level] + shifts[level]], dim=1)
            features = self.style_convs[2 * level + 1](
                features, latents[:, layer + 1], self.noises.get_buffer(f"noise{layer + 1}")
            )
            picture = to_rgb(features, latents[:, layer + 2], picture)
        return picture


def doubled(features: Tensor) -> Tensor:
    """Features (N, C, H, W) at twice the size, bilinear."""
    return functional.interpolate(features, scale_factor=2, mode="bilinear", align_corners=False)
