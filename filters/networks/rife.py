"""RIFE 3.8: the picture half-way between two others.

Huang and others, "Real-Time Intermediate Flow Estimation for Video Frame Interpolation" (ECCV 2022). Attribute names are the keys
of the published file.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

#: Channels inside of a block.
CHANNELS = 90
#: Both pictures, the mask of the scale before, and the flow of the scale before.
INPUTS = 3 + 3 + 1 + 4
#: How coarsely each block looks, in pixels; twice as coarse where things move far.
SCALES = (4, 2, 1)
#: Flow in pixels at the coarsest look from which on everything is looked at twice as coarsely.
FAR_PX = 16 * SCALES[0]
#: Both sides of the pictures must be multiples of this.
MULTIPLE = 64


class FlowBlock(nn.Module):
    """Pictures, mask and flow -> what to add to flow and mask, seen `scale` times as coarsely."""

    def __init__(self) -> None:
        super().__init__()
        half = CHANNELS // 2
        self.conv0 = nn.Sequential(conv(INPUTS, half, stride=2), conv(half, CHANNELS, stride=2))
        for index in range(4):
            self.add_module(f"convblock{index}", nn.Sequential(conv(CHANNELS, CHANNELS), conv(CHANNELS, CHANNELS)))
        self.conv1 = enlarging(4)
        self.conv2 = enlarging(1)

    def forward(self, seen: Tensor, flow: Tensor, scale: int) -> tuple[Tensor, Tensor]:
        """Flow (N, 4, H, W) and mask (N, 1, H, W) to add.

        seen: (N, 7, H, W), both pictures and the mask. flow: (N, 4, H, W), in pixels.
        """
        features: Tensor = self.conv0(torch.cat([resized(seen, 1 / scale), resized(flow, 1 / scale) / scale], dim=1))
        for index in range(4):
            features = features + self.get_submodule(f"convblock{index}")(features)
        return resized(self.conv1(features), scale) * scale, resized(self.conv2(features), scale)


class Rife(nn.Module):
    """Three flow blocks from coarse to fine -> both pictures brought to the middle by their flows -> their mixture."""

    def __init__(self) -> None:
        super().__init__()
        self.block0, self.block1, self.block2 = FlowBlock(), FlowBlock(), FlowBlock()

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """The picture in the middle of the times of two, (N, 3, H, W) in [0, 1] with sides that are multiples of 64."""
        flow = torch.zeros_like(first[:, :1]).expand(-1, 4, -1, -1)
        mask = torch.zeros_like(first[:, :1])
        coarse, _ = self.block0(torch.cat([first, second, mask], dim=1), flow, 2 * SCALES[0])
        factor = 2 if float(coarse.abs().max()) > FAR_PX else 1
        near, far = first, second
        for block, scale in zip((self.block0, self.block1, self.block2), SCALES, strict=True):
            more_flow, more_mask = block(torch.cat([near, far, mask], dim=1), flow, scale * factor)
            flow, mask = flow + more_flow, mask + more_mask
            near, far = displaced(first, flow[:, :2]), displaced(second, flow[:, 2:])
        share = torch.sigmoid(mask)
        return near * share + far * (1 - share)


def conv(channels_in: int, channels_out: int, stride: int = 1) -> nn.Sequential:
    """A 3x3 convolution with its own leaky slope a channel."""
    return nn.Sequential(nn.Conv2d(channels_in, channels_out, 3, stride, padding=1), nn.PReLU(channels_out))


def enlarging(channels_out: int) -> nn.Sequential:
    """Two transposed convolutions that bring a block's features back to its input's size."""
    half = CHANNELS // 2
    return nn.Sequential(
        nn.ConvTranspose2d(CHANNELS, half, 4, 2, 1), nn.PReLU(half), nn.ConvTranspose2d(half, channels_out, 4, 2, 1)
    )


def resized(features: Tensor, scale: float) -> Tensor:
    """Features (N, C, H, W) with both sides times `scale`, bilinear."""
    if scale == 1:
        return features
    return functional.interpolate(
        features, scale_factor=scale, mode="bilinear", align_corners=False, recompute_scale_factor=False
    )


def displaced(picture: Tensor, flow: Tensor) -> Tensor:
    """At every pixel what `picture` (N, C, H, W) shows `flow` (N, 2, H, W) pixels further (x, y); its border is carried on."""
    height, width = picture.shape[-2:]
    x = torch.linspace(-1, 1, width, device=picture.device, dtype=picture.dtype)
    y = torch.linspace(-1, 1, height, device=picture.device, dtype=picture.dtype)
    across = x + flow[:, 0] / (max(width - 1, 1) / 2)
    down = y[:, None] + flow[:, 1] / (max(height - 1, 1) / 2)
    grid = torch.stack([across, down], dim=-1)
    return functional.grid_sample(picture, grid, mode="bilinear", padding_mode="border", align_corners=True)
