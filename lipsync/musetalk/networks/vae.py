"""Stable Diffusion's autoencoder: a picture becomes an eighth as wide and high, with four channels, and a picture again.

Rombach and others, "High-Resolution Image Synthesis with Latent Diffusion Models" (CVPR 2022); MuseTalk uses the weights
`sd-vae-ft-mse`. The names of the submodules are those of its published state dictionary.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.blocks import Doubling, Halving, ResidualBlock, attend, pixels_as_rows, rows_as_pixels

EPS = 1e-6
#: The latents' scale with which the U-Net works.
SCALE = 0.18215


@dataclass(frozen=True)
class VaeShape:
    """Sizes: channels from the picture down; residual blocks of a level in the encoder (the decoder has one more)."""

    channels: tuple[int, ...] = (128, 256, 512, 512)
    blocks: int = 2
    groups: int = 32
    latents: int = 4


class PixelAttention(nn.Module):
    """Every pixel looks at all others, with one head; added to the input (B, C, H, W)."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.group_norm = nn.GroupNorm(groups, channels, eps=EPS)
        self.query = nn.Linear(channels, channels)
        self.key = nn.Linear(channels, channels)
        self.value = nn.Linear(channels, channels)
        self.proj_attn = nn.Linear(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        rows = pixels_as_rows(self.group_norm(x))
        found = attend(self.query(rows), self.key(rows), self.value(rows), heads=1)
        return x + rows_as_pixels(self.proj_attn(found), x)


class Middle(nn.Module):
    """Residual block, attention, residual block, at the smallest size."""

    def __init__(self, channels: int, groups: int) -> None:
        super().__init__()
        self.attentions = nn.ModuleList([PixelAttention(channels, groups)])
        self.resnets = nn.ModuleList(ResidualBlock(channels, channels, groups, EPS) for _ in range(2))

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        x = self.resnets[0](x)
        mixed: Tensor = self.resnets[1](self.attentions[0](x))
        return mixed


class DownLevel(nn.Module):
    """Residual blocks, and half the size but on the last level."""

    def __init__(self, channels_in: int, channels_out: int, shape: VaeShape, last: bool) -> None:
        super().__init__()
        widths = [channels_in] + [channels_out] * (shape.blocks - 1)
        self.resnets = nn.ModuleList(ResidualBlock(width, channels_out, shape.groups, EPS) for width in widths)
        self.downsamplers = nn.ModuleList([] if last else [Halving(channels_out, centred=False)])

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H/2, W/2), of the last level (B, out, H, W)."""
        for block in (*self.resnets, *self.downsamplers):
            x = block(x)
        return x


class UpLevel(nn.Module):
    """Residual blocks, and double the size but on the last level."""

    def __init__(self, channels_in: int, channels_out: int, shape: VaeShape, last: bool) -> None:
        super().__init__()
        widths = [channels_in] + [channels_out] * shape.blocks
        self.resnets = nn.ModuleList(ResidualBlock(width, channels_out, shape.groups, EPS) for width in widths)
        self.upsamplers = nn.ModuleList([] if last else [Doubling(channels_out)])

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, 2H, 2W), of the last level (B, out, H, W)."""
        for block in (*self.resnets, *self.upsamplers):
            x = block(x)
        return x


class Encoder(nn.Module):
    """Pictures (B, 3, H, W) -> (B, 2 `latents`, H/8, W/8)."""

    def __init__(self, shape: VaeShape) -> None:
        super().__init__()
        widths, last = shape.channels, len(shape.channels) - 1
        self.conv_in = nn.Conv2d(3, widths[0], 3, padding=1)
        self.down_blocks = nn.ModuleList(
            DownLevel(widths[max(0, level - 1)], width, shape, level == last) for level, width in enumerate(widths)
        )
        self.mid_block = Middle(widths[-1], shape.groups)
        self.conv_norm_out = nn.GroupNorm(shape.groups, widths[-1], eps=EPS)
        self.conv_out = nn.Conv2d(widths[-1], 2 * shape.latents, 3, padding=1)

    def forward(self, pictures: Tensor) -> Tensor:
        """See the class."""
        x = self.conv_in(pictures)
        for level in self.down_blocks:
            x = level(x)
        encoded: Tensor = self.conv_out(F.silu(self.conv_norm_out(self.mid_block(x))))
        return encoded


class Decoder(nn.Module):
    """Latents (B, `latents`, H/8, W/8) -> pictures (B, 3, H, W)."""

    def __init__(self, shape: VaeShape) -> None:
        super().__init__()
        widths, last = shape.channels[::-1], len(shape.channels) - 1
        self.conv_in = nn.Conv2d(shape.latents, widths[0], 3, padding=1)
        self.up_blocks = nn.ModuleList(
            UpLevel(widths[max(0, level - 1)], width, shape, level == last) for level, width in enumerate(widths)
        )
        self.mid_block = Middle(widths[0], shape.groups)
        self.conv_norm_out = nn.GroupNorm(shape.groups, widths[-1], eps=EPS)
        self.conv_out = nn.Conv2d(widths[-1], 3, 3, padding=1)

    def forward(self, latents: Tensor) -> Tensor:
        """See the class."""
        x = self.mid_block(self.conv_in(latents))
        for level in self.up_blocks:
            x = level(x)
        drawn: Tensor = self.conv_out(F.silu(self.conv_norm_out(x)))
        return drawn


class Vae(nn.Module):
    """The autoencoder. Latents here have the network's own scale; the U-Net's are `SCALE` times those."""

    def __init__(self, shape: VaeShape | None = None) -> None:
        super().__init__()
        shape = shape or VaeShape()
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)
        self.quant_conv = nn.Conv2d(2 * shape.latents, 2 * shape.latents, 1)
        self.post_quant_conv = nn.Conv2d(shape.latents, shape.latents, 1)

    def encode(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        """Mean and logarithm of the variance, each (B, 4, H/8, W/8), of pictures (B, 3, H, W) in [-1, 1]."""
        mean, log_variance = self.quant_conv(self.encoder(pictures)).chunk(2, dim=1)
        return mean, log_variance

    def decode(self, latents: Tensor) -> Tensor:
        """Pictures (B, 3, H, W), in about [-1, 1], of latents (B, 4, H/8, W/8)."""
        drawn: Tensor = self.decoder(self.post_quant_conv(latents))
        return drawn
