"""The canonical key point detector of face-vid2vid: 15 points of a face, as if it looked straight ahead without expression.

Wang, Mallya, Liu, "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing" (CVPR 2021).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from neural.one_shot.blocks import BlurAndShrink, DownBlock2d, UpBlock3d, doubling_widths

KEYPOINTS = 15
DEPTH = 16
SHRINK = 4
TEMPERATURE = 0.1


class KeypointHourglass(nn.Module):
    """Picture (B, 3, H, W) -> five halvings -> lifted to a volume of depth 16 -> five doublings -> (B, 32, 16, H, W)."""

    def __init__(self, first_width: int = 32, blocks: int = 5, largest_width: int = 1024) -> None:
        super().__init__()
        widths = doubling_widths(first_width, blocks, largest_width)
        self.down_blocks = nn.Sequential()
        self.up_blocks = nn.Sequential()
        for i in range(blocks):
            self.down_blocks.add_module(f"down{i}", DownBlock2d(3 if i == 0 else widths[i], widths[i + 1]))
        self.conv = nn.Conv2d(widths[-1], widths[-1] * DEPTH, kernel_size=1)
        for i in range(blocks):
            self.up_blocks.add_module(f"up{i}", UpBlock3d(widths[blocks - i], widths[blocks - i - 1]))

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        flat = self.conv(self.down_blocks(x))
        out: Tensor = self.up_blocks(flat.unflatten(1, (-1, DEPTH)))
        return out


class KeypointDetector(nn.Module):
    """Picture -> a quarter of its size -> hourglass -> one heat map a point -> its centre of gravity."""

    def __init__(self, first_width: int = 32, blocks: int = 5, largest_width: int = 1024) -> None:
        super().__init__()
        self.predictor = KeypointHourglass(first_width, blocks, largest_width)
        self.kp = nn.Conv3d(first_width, KEYPOINTS, kernel_size=3, padding=1)
        self.down = BlurAndShrink(3, SHRINK)

    def forward(self, picture: Tensor) -> Tensor:
        """Canonical key points (B, 15, 3), x, y, z in [-1, 1], of pictures (B, 3, 256 or 512, the same) RGB in [0, 1]."""
        logits = self.kp(self.predictor(self.down(picture)))
        heat = (logits.flatten(2) / TEMPERATURE).softmax(dim=2).view(logits.shape)
        lines = [torch.linspace(-1, 1, count, dtype=heat.dtype, device=heat.device) for count in logits.shape[2:]]
        z, y, x = (heat.sum(dim=other) @ line for other, line in zip(((3, 4), (2, 4), (2, 3)), lines, strict=True))
        return torch.stack([x, y, z], dim=-1)
