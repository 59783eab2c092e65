"""MappingNet: a window of 3D morphable model coefficients becomes the head motion that face-vid2vid understands.

After Ren and others, "PIRenderer" (ICCV 2021), as SadTalker (CVPR 2023) uses it.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from neural.one_shot.geometry import HeadMotion

WIDTH = 1024
POSE_BINS = 66
KEYPOINTS = 15
LAYERS = 3
#: Coefficients of a frame: expression 64, angles 3, translation 3; the `full` network also takes crop scale and place, 3.
CROP_COEFFICIENTS = 70
FULL_COEFFICIENTS = 73


class MappingNet(nn.Module):
    """Convolution 7 over time -> 3 residual convolutions of dilation 3, each without padding -> mean over time -> five heads."""

    def __init__(self, coefficients: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv1d(coefficients, WIDTH, kernel_size=7))
        for i in range(LAYERS):
            layer = nn.Sequential(nn.LeakyReLU(0.1), nn.Conv1d(WIDTH, WIDTH, kernel_size=3, dilation=3))
            self.add_module(f"encoder{i}", layer)
        self.fc_roll = nn.Linear(WIDTH, POSE_BINS)
        self.fc_pitch = nn.Linear(WIDTH, POSE_BINS)
        self.fc_yaw = nn.Linear(WIDTH, POSE_BINS)
        self.fc_t = nn.Linear(WIDTH, 3)
        self.fc_exp = nn.Linear(WIDTH, 3 * KEYPOINTS)

    def forward(self, semantics: Tensor) -> HeadMotion:
        """Motion of B frames, its angles as logits, from their coefficients (B, 70 or 73, 27): the frame and 13 on each side."""
        out = self.first(semantics)
        for i in range(LAYERS):
            out = self.get_submodule(f"encoder{i}")(out) + out[:, :, 3:-3]
        mean = F.adaptive_avg_pool1d(out, 1).flatten(1)
        return HeadMotion(self.fc_yaw(mean), self.fc_pitch(mean), self.fc_roll(mean), self.fc_t(mean), self.fc_exp(mean))
