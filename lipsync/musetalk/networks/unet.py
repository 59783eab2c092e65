"""MuseTalk's U-Net: the latents of a face without its lower half, and of the whole one, become those of a face that says a sound.

It is Stable Diffusion 1's, with eight channels for input and Whisper's features in the place of a text. Where diffusion takes
many steps, this takes one, at time 0. The names of the submodules are those of the published state dictionary.

Zhang and others, "MuseTalk: Real-Time High-Fidelity Video Dubbing via Spatio-Temporal Sampling" (2024).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.blocks import Doubling, Halving, ResidualBlock
from lipsync.musetalk.networks.transformer import Transformer

EPS = 1e-5


@dataclass(frozen=True)
class UNetShape:
    """Sizes: channels of the levels from the largest picture down; residual blocks of a level on the way down (one more on the
    way up); heads of each attention; width of a row of sound."""

    channels: tuple[int, ...] = (320, 640, 1280, 1280)
    blocks: int = 2
    groups: int = 32
    heads: int = 8
    sound: int = 384
    inputs: int = 8
    outputs: int = 4

    @property
    def time_width(self) -> int:
        """Width of the time's embedding."""
        return 4 * self.channels[0]


class TimeEmbedding(nn.Module):
    """The time's waves (1, C) -> (1, 4 C)."""

    def __init__(self, waves: int, width: int) -> None:
        super().__init__()
        self.linear_1 = nn.Linear(waves, width)
        self.linear_2 = nn.Linear(width, width)

    def forward(self, waves: Tensor) -> Tensor:
        """See the class."""
        embedded: Tensor = self.linear_2(F.silu(self.linear_1(waves)))
        return embedded


def level_attentions(channels: int, count: int, shape: UNetShape, attentive: bool) -> nn.ModuleList:
    """The attentions of a level, one after each residual block; none on the smallest level."""
    return nn.ModuleList(Transformer(channels, shape.sound, shape.heads, shape.groups) for _ in range(count if attentive else 0))


class DownLevel(nn.Module):
    """Residual blocks, each followed by attention but on the smallest level; then half the size, but on that level."""

    def __init__(self, channels_in: int, channels_out: int, shape: UNetShape, last: bool) -> None:
        super().__init__()
        widths = [channels_in] + [channels_out] * (shape.blocks - 1)
        self.attentions = level_attentions(channels_out, shape.blocks, shape, not last)
        self.resnets = nn.ModuleList(ResidualBlock(width, channels_out, shape.groups, EPS, shape.time_width) for width in widths)
        self.downsamplers = nn.ModuleList([] if last else [Halving(channels_out, centred=True)])

    def forward(self, x: Tensor, time: Tensor, sound: Tensor) -> list[Tensor]:
        """What each block leaves for the way up; the last of them goes on down."""
        left = []
        for index, block in enumerate(self.resnets):
            x = block(x, time)
            if self.attentions:
                x = self.attentions[index](x, sound)
            left.append(x)
        for halving in self.downsamplers:
            left.append(halving(x))
        return left


class Middle(nn.Module):
    """Residual block, attention, residual block, at the smallest size."""

    def __init__(self, channels: int, shape: UNetShape) -> None:
        super().__init__()
        self.attentions = level_attentions(channels, 1, shape, True)
        self.resnets = nn.ModuleList(ResidualBlock(channels, channels, shape.groups, EPS, shape.time_width) for _ in range(2))

    def forward(self, x: Tensor, time: Tensor, sound: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        x = self.attentions[0](self.resnets[0](x, time), sound)
        mixed: Tensor = self.resnets[1](x, time)
        return mixed


class UpLevel(nn.Module):
    """Residual blocks that each take what one of the way down has left; attention after each but on the smallest level."""

    def __init__(self, channels_in: int, channels_out: int, left: list[int], shape: UNetShape, first: bool, last: bool) -> None:
        """left: channels of what the way down has left for this level, in the order of their use."""
        super().__init__()
        widths = [channels_in] + [channels_out] * (len(left) - 1)
        self.attentions = level_attentions(channels_out, len(left), shape, not first)
        self.resnets = nn.ModuleList(
            ResidualBlock(width + beside, channels_out, shape.groups, EPS, shape.time_width)
            for width, beside in zip(widths, left, strict=True)
        )
        self.upsamplers = nn.ModuleList([] if last else [Doubling(channels_out)])

    def forward(self, x: Tensor, left: list[Tensor], time: Tensor, sound: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, 2H, 2W), of the last level (B, out, H, W). Takes what it needs off the end of `left`."""
        for index, block in enumerate(self.resnets):
            x = block(torch.cat([x, left.pop()], dim=1), time)
            if self.attentions:
                x = self.attentions[index](x, sound)
        for doubling in self.upsamplers:
            x = doubling(x)
        return x


def widths_left(shape: UNetShape) -> list[int]:
    """Channels of all that the way down leaves for the way up, in the order in which it is left."""
    left = [shape.channels[0]]
    for level, width in enumerate(shape.channels):
        left += [width] * (shape.blocks + (level < len(shape.channels) - 1))
    return left


class UNet(nn.Module):
    """Latents (B, 8, h, w) and sound (B, 50, 384) -> latents (B, 4, h, w)."""

    def __init__(self, shape: UNetShape | None = None) -> None:
        super().__init__()
        shape = shape or UNetShape()
        widths, last = shape.channels, len(shape.channels) - 1
        self.waves = widths[0]
        self.conv_in = nn.Conv2d(shape.inputs, widths[0], 3, padding=1)
        self.time_embedding = TimeEmbedding(widths[0], shape.time_width)
        self.down_blocks = nn.ModuleList(
            DownLevel(widths[max(0, level - 1)], width, shape, level == last) for level, width in enumerate(widths)
        )
        self.up_blocks = nn.ModuleList(_way_up(shape))
        self.mid_block = Middle(widths[-1], shape)
        self.conv_norm_out = nn.GroupNorm(shape.groups, widths[0], eps=EPS)
        self.conv_out = nn.Conv2d(widths[0], shape.outputs, 3, padding=1)

    def time_zero(self) -> Tensor:
        """(1, 4 C) the embedding of time 0: its cosines, which come first, are 1, its sines 0."""
        waves = torch.zeros_like(self.time_embedding.linear_1.weight[:1])
        waves[:, : self.waves // 2] = 1.0
        embedded: Tensor = self.time_embedding(waves)
        return embedded

    def way_down(self, latents: Tensor, time: Tensor, sound: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The middle (B, C, h/8, w/8), and what is left for the way up."""
        left = [self.conv_in(latents)]
        for level in self.down_blocks:
            left += level(left[-1], time, sound)
        return self.mid_block(left[-1], time, sound), left

    def forward(self, latents: Tensor, sound: Tensor) -> Tensor:
        """Latents (B, 4, h, w) of the speaking face.

        latents: (B, 8, h, w), of the face with its lower half blacked out, and of the whole one; h and w multiples of 8.
        sound: (B, rows, `sound`), which says its rows' order itself.
        """
        time = self.time_zero()
        middle, left = self.way_down(latents, time, sound)
        return self.way_up(middle, left, time, sound)

    def way_up(self, x: Tensor, left: list[Tensor], time: Tensor, sound: Tensor) -> Tensor:
        """(B, 4, h, w) from the middle and from what the way down has left, which is used up."""
        for level in self.up_blocks:
            x = level(x, left, time, sound)
        drawn: Tensor = self.conv_out(F.silu(self.conv_norm_out(x)))
        return drawn


def _way_up(shape: UNetShape) -> list[UpLevel]:
    """The levels from the smallest picture up."""
    left, widths, levels = widths_left(shape), shape.channels[::-1], []
    for level, width in enumerate(widths):
        beside = [left.pop() for _ in range(shape.blocks + 1)]
        before = widths[max(0, level - 1)]
        levels.append(UpLevel(before, width, beside, shape, first=level == 0, last=level == len(widths) - 1))
    return levels
