"""The generator of face-vid2vid with a SPADE decoder: a portrait becomes a feature volume once, and each frame a warp of it.

Wang, Mallya, Liu, "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing" (CVPR 2021), as
SadTalker and AdaSR use it.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor, nn

from neural.one_shot.blocks import DownBlock2d, ResBlock3d, SameBlock2d
from neural.one_shot.dense_motion import DenseMotion, DenseMotionNetwork
from neural.one_shot.spade import SpadeDecoder


@dataclass(frozen=True)
class GeneratorShape:
    """Sizes of the generator, by default the published ones. The feature volume has `channels` x `depth` x H/4 x W/4 cells.

    smallest_weight: below it a key point has no say about a cell's flow, as SadTalker has it; 0: every weight counts.
    doubled: frames are twice as large as the picture, as LivePortrait has it.
    """

    keypoints: int = 15
    first_width: int = 64
    channels: int = 32
    depth: int = 16
    blocks_3d: int = 6
    compressed: int = 4
    hourglass_width: int = 32
    hourglass_blocks: int = 5
    hourglass_largest_width: int = 1024
    smallest_weight: float = 1e-3
    doubled: bool = False


class Generator(nn.Module):
    """Portrait -> appearance volume; key points -> dense motion; volume warped, flattened, darkened where hidden -> decoder."""

    def __init__(self, shape: GeneratorShape | None = None) -> None:
        super().__init__()
        shape = shape or GeneratorShape()
        width = shape.first_width
        self.shape = shape
        self.dense_motion_network = DenseMotionNetwork(
            shape.keypoints,
            shape.channels,
            shape.depth,
            shape.compressed,
            shape.hourglass_width,
            shape.hourglass_blocks,
            shape.hourglass_largest_width,
            shape.smallest_weight,
        )
        self.first = SameBlock2d(3, width)
        self.down_blocks = nn.ModuleList([DownBlock2d(width, 2 * width), DownBlock2d(2 * width, 4 * width)])
        self.second = nn.Conv2d(4 * width, shape.channels * shape.depth, kernel_size=1)
        self.resblocks_3d = nn.Sequential()
        for i in range(shape.blocks_3d):
            self.resblocks_3d.add_module(f"3dr{i}", ResBlock3d(shape.channels))
        self.third = SameBlock2d(shape.channels * shape.depth, 4 * width, negative_slope=0.01)
        self.fourth = nn.Conv2d(4 * width, 4 * width, kernel_size=1)
        self.decoder = SpadeDecoder(4 * width, width, shape.doubled)

    def forward(self, picture: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """Frames (B, 3, H, W) RGB in (0, 1) of the portrait `picture` (B, 3, H, W) RGB in [0, 1], H and W multiples of 128, with
        its key points moved from `source` to `driving`, both (B, K, 3)."""
        volume = self.appearance(picture)
        return self.draw(volume, self.dense_motion_network(volume, driving, source))

    def appearance(self, picture: Tensor) -> Tensor:
        """The portrait's feature volume (B, channels, depth, H/4, W/4): all that is known of it. The same for every frame."""
        out = self.first(picture)
        for block in self.down_blocks:
            out = block(out)
        volume: Tensor = self.resblocks_3d(self.second(out).unflatten(1, (self.shape.channels, self.shape.depth)))
        return volume

    def draw(self, volume: Tensor, motion: DenseMotion) -> Tensor:
        """Frames (B, 3, H, W) RGB in (0, 1) of the feature volume moved by `motion`."""
        features: Tensor = self.decoder(self.warped(volume, motion))
        return features

    def warped(self, volume: Tensor, motion: DenseMotion) -> Tensor:
        """What the decoder draws (B, 4 first_width, H/4, W/4); `volume` may be of batch 1 for all frames."""
        spread = volume.to(motion.deformation.dtype).expand(len(motion.deformation), -1, -1, -1, -1)
        moved = F.grid_sample(spread, motion.deformation, align_corners=False)
        out: Tensor = self.fourth(self.third(moved.flatten(1, 2).to(volume.dtype)))
        return out * motion.occlusion
