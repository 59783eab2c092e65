"""The 3D morphable model regressor: a ResNet-50 that reads shape, expression, texture, pose and light off an aligned face.

Deng and others, "Accurate 3D Face Reconstruction with Weakly-Supervised Learning" (CVPR workshops 2019), PyTorch edition; He and
others, "Deep Residual Learning for Image Recognition" (CVPR 2016), the variant with the stride in the 3x3 convolution.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: Blocks and inner width of the four stages of a ResNet-50.
STAGES = ((3, 64), (4, 128), (6, 256), (3, 512))
EXPANSION = 4
#: Sizes of the heads, in the order of the output.
HEADS = (80, 64, 80, 3, 27, 2, 1)
INPUT_PIXELS = 224


@dataclass(frozen=True)
class FaceCoefficients:
    """Coefficients of B faces: identity (B, 80), expression (B, 64), texture (B, 80), angle (B, 3) in radians, light (B, 27),
    translation (B, 3)."""

    identity: Tensor
    expression: Tensor
    texture: Tensor
    angle: Tensor
    light: Tensor
    translation: Tensor

    @classmethod
    def split(cls, coefficients: Tensor) -> FaceCoefficients:
        """The parts of a regressor's output (B, 257)."""
        return cls(*coefficients.split((80, 64, 80, 3, 27, 3), dim=1))


class Bottleneck(nn.Module):
    """1x1, 3x3 (with the stride), 1x1, each with a norm; added to the input, which is projected where its shape differs."""

    def __init__(self, in_channels: int, width: int, stride: int) -> None:
        super().__init__()
        out_channels = width * EXPANSION
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.conv2 = nn.Conv2d(width, width, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.downsample = None
        if stride != 1 or in_channels != out_channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm2d(out_channels)
            )

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, 4 width, H/stride, W/stride)."""
        out = F.relu(self.bn1(self.conv1(x)))
        out = F.relu(self.bn2(self.conv2(out)))
        out = self.bn3(self.conv3(out))
        return F.relu(out + (x if self.downsample is None else self.downsample(x)))


class ResNet50(nn.Module):
    """Picture (B, 3, 224, 224) -> features (B, 2048, 1, 1)."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        channels = 64
        for number, (blocks, width) in enumerate(STAGES, start=1):
            layer = nn.Sequential()
            for i in range(blocks):
                layer.append(Bottleneck(channels, width, stride=2 if i == 0 and number > 1 else 1))
                channels = width * EXPANSION
            self.add_module(f"layer{number}", layer)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), kernel_size=3, stride=2, padding=1)
        for number in range(1, len(STAGES) + 1):
            out = self.get_submodule(f"layer{number}")(out)
        return F.adaptive_avg_pool2d(out, 1)


class FaceReconstructionNet(nn.Module):
    """Aligned face -> ResNet-50 -> seven linear heads, side by side: 257 coefficients."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ResNet50()
        self.final_layers = nn.ModuleList(nn.Conv2d(STAGES[-1][1] * EXPANSION, size, 1) for size in HEADS)

    def forward(self, picture: Tensor) -> Tensor:
        """Coefficients (B, 257) of faces (B, 3, 224, 224) RGB in [0, 1], aligned to the mean landmarks."""
        features = self.backbone(picture)
        return torch.cat([head(features) for head in self.final_layers], dim=1).flatten(1)
