"""The motion extractor: a ConvNeXt V2 that reads a head's key points, pose and expression in one picture.

Woo and others, "ConvNeXt V2: Co-designing and Scaling ConvNets with Masked Autoencoders" (CVPR 2023), in the size "tiny", with
the outputs of Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Implicit key points, and bins into which each angle of the head is sorted.
KEYPOINTS, BINS = 21, 66
#: Blocks and channels of the four stages.
BLOCKS, CHANNELS = (3, 3, 9, 3), (96, 192, 384, 768)
#: Keeps norms from dividing by zero.
EPSILON = 1e-6


@dataclass(frozen=True)
class RawMotion:
    """What the network says of B pictures.

    pitch, yaw, roll: (B, 66) logits over bins of 3 degrees. shift: (B, 3). scale: (B, 1). expression, canonical: (B, 63), an
    offset and a place (x, y, z) for each key point.
    """

    pitch: Tensor
    yaw: Tensor
    roll: Tensor
    shift: Tensor
    scale: Tensor
    expression: Tensor
    canonical: Tensor


class ChannelNorm(nn.Module):
    """Layer norm over the channels of each pixel: (B, C, H, W) -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        rows = F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, EPSILON)
        return rows.permute(0, 3, 1, 2)


class ResponseNorm(nn.Module):
    """Global response norm: channels that answer strongly in the whole picture are made stronger. (B, H, W, C) -> the same."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.zeros(1, 1, 1, channels))
        self.beta = nn.Parameter(torch.zeros(1, 1, 1, channels))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        # summed in float32: squares over a picture outgrow half precision
        strength = x.float().pow(2).sum(dim=(1, 2), keepdim=True).sqrt()
        share = (strength / (strength.mean(dim=-1, keepdim=True) + EPSILON)).to(x.dtype)
        return self.gamma * (x * share) + self.beta + x


class Block(nn.Module):
    """Convolution 7x7 in each channel, norm, two layers with GELU and response norm between, added to the input."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.dwconv = nn.Conv2d(channels, channels, kernel_size=7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=EPSILON)
        self.pwconv1 = nn.Linear(channels, 4 * channels)
        self.grn = ResponseNorm(4 * channels)
        self.pwconv2 = nn.Linear(4 * channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """(B, C, H, W) -> the same shape."""
        rows = self.norm(self.dwconv(x).permute(0, 2, 3, 1))
        rows = self.pwconv2(self.grn(F.gelu(self.pwconv1(rows))))
        return x + rows.permute(0, 3, 1, 2)


class Detector(nn.Module):
    """Four stages, each half as wide as the one before, the mean over the picture, and one layer for each output."""

    def __init__(self, blocks: tuple[int, ...] = BLOCKS, channels: tuple[int, ...] = CHANNELS) -> None:
        super().__init__()
        self.downsample_layers = nn.ModuleList(
            [nn.Sequential(nn.Conv2d(3, channels[0], kernel_size=4, stride=4), ChannelNorm(channels[0]))]
        )
        for wide, narrow in pairwise(channels):
            self.downsample_layers.append(nn.Sequential(ChannelNorm(wide), nn.Conv2d(wide, narrow, kernel_size=2, stride=2)))
        self.stages = nn.ModuleList(
            nn.Sequential(*(Block(width) for _ in range(count))) for count, width in zip(blocks, channels, strict=True)
        )
        last = channels[-1]
        self.norm = nn.LayerNorm(last, eps=EPSILON)
        self.fc_kp = nn.Linear(last, 3 * KEYPOINTS)
        self.fc_scale = nn.Linear(last, 1)
        self.fc_pitch = nn.Linear(last, BINS)
        self.fc_yaw = nn.Linear(last, BINS)
        self.fc_roll = nn.Linear(last, BINS)
        self.fc_t = nn.Linear(last, 3)
        self.fc_exp = nn.Linear(last, 3 * KEYPOINTS)

    def forward(self, x: Tensor) -> RawMotion:
        """See `MotionExtractor`."""
        for halve, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(halve(x))
        x = self.norm(x.mean(dim=(2, 3)))
        return RawMotion(
            self.fc_pitch(x), self.fc_yaw(x), self.fc_roll(x), self.fc_t(x), self.fc_scale(x), self.fc_exp(x), self.fc_kp(x)
        )


class MotionExtractor(nn.Module):
    """Pictures (B, 3, 256, 256) RGB in [0, 1] of heads, cut as the network was taught -> `RawMotion`."""

    def __init__(self, blocks: tuple[int, ...] = BLOCKS, channels: tuple[int, ...] = CHANNELS) -> None:
        """blocks, channels: of the four stages, by default the published ones."""
        super().__init__()
        self.detector = Detector(blocks, channels)

    def forward(self, pictures: Tensor) -> RawMotion:
        """See the class."""
        return cast(RawMotion, self.detector(pictures))
