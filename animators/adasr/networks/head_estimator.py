"""The head pose and expression estimator of face-vid2vid: a ResNet-50 with an own way of widening, and five linear heads.

Wang, Mallya, Liu, "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing" (CVPR 2021), as AdaSR uses it; He and
others, "Deep Residual Learning for Image Recognition" (CVPR 2016). The names of submodules are those of the published state.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from neural.one_shot.geometry import HeadMotion

FIRST_WIDTH = 64
#: Of each stage: its width, whether it begins with a block that halves the picture, and how many blocks follow that do not.
STAGES = ((256, False, 3), (512, True, 3), (1024, True, 5), (2048, True, 2))
POSE_BINS = 66
KEYPOINTS = 15


class ResBottleneck(nn.Module):
    """1x1, 3x3 (with the stride), 1x1, each with a norm; added to the input: (B, C, H, W) -> (B, C, H/stride, W/stride)."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__()
        inner = channels // 4
        self.conv1 = nn.Conv2d(channels, inner, 1)
        self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1)
        self.conv3 = nn.Conv2d(inner, channels, 1)
        self.norm1 = nn.BatchNorm2d(inner)
        self.norm2 = nn.BatchNorm2d(inner)
        self.norm3 = nn.BatchNorm2d(channels)
        self.halves = stride > 1
        if self.halves:
            self.skip = nn.Conv2d(channels, channels, 1, stride)
            self.norm4 = nn.BatchNorm2d(channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out = F.relu(self.norm1(self.conv1(x)))
        out = F.relu(self.norm2(self.conv2(out)))
        out = self.norm3(self.conv3(out))
        return F.relu(out + (self.norm4(self.skip(x)) if self.halves else x))


class HeadEstimator(nn.Module):
    """Picture of a head -> its pose, shift and expression; any size of which 32 is a divisor."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, FIRST_WIDTH, 7, 2, 3)
        self.norm1 = nn.BatchNorm2d(FIRST_WIDTH)
        channels, block = FIRST_WIDTH, 1
        for number, (width, halves, blocks) in enumerate(STAGES, start=2):
            self.add_module(f"conv{number}", nn.Conv2d(channels, width, 1))
            self.add_module(f"norm{number}", nn.BatchNorm2d(width))
            channels = width
            if halves:
                self.add_module(f"block{block}", ResBottleneck(width, 2))
                block += 1
            row = nn.Sequential()
            for i in range(blocks):
                row.add_module(f"b{block}_{i}", ResBottleneck(width, 1))
            self.add_module(f"block{block}", row)
            block += 1
        self.fc_roll = nn.Linear(channels, POSE_BINS)
        self.fc_pitch = nn.Linear(channels, POSE_BINS)
        self.fc_yaw = nn.Linear(channels, POSE_BINS)
        self.fc_t = nn.Linear(channels, 3)
        self.fc_exp = nn.Linear(channels, 3 * KEYPOINTS)

    def forward(self, picture: Tensor) -> HeadMotion:
        """What moves the head in pictures (B, 3, H, W) RGB in [0, 1], its angles as logits.

        The published program was trained with the heads of yaw and roll in each other's place, and so they are read.
        """
        out = F.max_pool2d(F.relu(self.norm1(self.conv1(picture))), kernel_size=3, stride=2, padding=1)
        block = 1
        for number, (_, halves, _) in enumerate(STAGES, start=2):
            out = F.relu(self.get_submodule(f"norm{number}")(self.get_submodule(f"conv{number}")(out)))
            for _ in range(2 if halves else 1):
                out = self.get_submodule(f"block{block}")(out)
                block += 1
        mean = F.adaptive_avg_pool2d(out, 1).flatten(1)
        return HeadMotion(self.fc_roll(mean), self.fc_pitch(mean), self.fc_yaw(mean), self.fc_t(mean), self.fc_exp(mean))
