"""Tells drawn faces from photographed ones, patch by patch, for the second stage of MuseTalk's training.

A discriminator of patches (Isola et al., "Image-to-Image Translation with Conditional Adversarial Networks", CVPR 2017) with
spectral norms (Miyato et al., ICLR 2018), of the depth and widths that MuseTalk's settings name.
"""

from __future__ import annotations

from itertools import pairwise

import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.parametrizations import spectral_norm

SLOPE = 0.2
WIDEST = 512


class JudgeBlock(nn.Module):
    """Convolution 4x4, norm but in the first block, leaky ReLU, half the size: (B, in, H, W) -> (B, out, (H - 3) / 2, ...)."""

    def __init__(self, channels_in: int, channels_out: int, normed: bool) -> None:
        super().__init__()
        self.conv = spectral_norm(nn.Conv2d(channels_in, channels_out, 4))
        self.norm = nn.InstanceNorm2d(channels_out, affine=True) if normed else None

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        x = self.conv(x)
        return F.avg_pool2d(F.leaky_relu(x if self.norm is None else self.norm(x), SLOPE), 2)


class PatchJudge(nn.Module):
    """Pictures (B, 3, H, W) in [-1, 1], with four blocks 64 px or more a side, to (B, 1, h, w): 1 where a patch is taken for a
    photograph's, 0 for drawn."""

    def __init__(self, width: int = 32, blocks: int = 4) -> None:
        """width: channels of the first block, doubled from block to block."""
        super().__init__()
        widths = [3, *(min(WIDEST, width << number) for number in range(blocks))]
        self.blocks = nn.ModuleList(
            JudgeBlock(before, after, normed=number > 0) for number, (before, after) in enumerate(pairwise(widths))
        )
        self.last = spectral_norm(nn.Conv2d(widths[-1], 1, 1))

    def forward(self, pictures: Tensor) -> tuple[Tensor, list[Tensor]]:
        """The patches' marks, and what each block saw on the way."""
        seen = []
        for block in self.blocks:
            pictures = block(pictures)
            seen.append(pictures)
        marks: Tensor = self.last(pictures)
        return marks, seen
