"""Three small networks that correct key points: stitching, eyes and lips.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024).
"""

from __future__ import annotations

from itertools import pairwise
from typing import cast

import torch
from torch import Tensor, nn

from animators.liveportrait.networks.motion_extractor import KEYPOINTS

#: Numbers of one head's key points.
VALUES = 3 * KEYPOINTS


class Layers(nn.Module):
    """Layers with ReLU between: (B, first) -> (B, last)."""

    def __init__(self, *widths: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inside, outside in pairwise(widths):
            layers += [nn.Linear(inside, outside), nn.ReLU()]
        self.mlp = nn.Sequential(*layers[:-1])

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        return cast(Tensor, self.mlp(x))


class Stitching(Layers):
    """How moved key points must be shifted so that shoulders and background stay where they are in the picture."""

    def __init__(self) -> None:
        super().__init__(2 * VALUES, 128, 128, 64, VALUES + 2)

    def stitched(self, source: Tensor, driving: Tensor) -> Tensor:
        """The key points `driving` (B, 21, 3), corrected for the portrait with those of `source`, of the same shape."""
        change = self(torch.cat([source.flatten(1), driving.flatten(1)], dim=1))
        moved = driving + change[:, :VALUES].unflatten(1, (KEYPOINTS, 3))
        return torch.cat([moved[..., :2] + change[:, None, VALUES:], moved[..., 2:]], dim=-1)


class Retargeting(Layers):
    """How the portrait's key points must be shifted so that a part of its face opens as far as is wanted."""

    def shift(self, source: Tensor, openness: Tensor) -> Tensor:
        """(B, 21, 3) for the portrait's key points `source`, of the same shape, and what is open (B, n): the portrait's own, then
        what is wanted."""
        change: Tensor = self(torch.cat([source.flatten(1), openness], dim=1))
        return change.unflatten(1, (KEYPOINTS, 3))


class EyeRetargeting(Retargeting):
    """Of the eyes: both of the portrait's, and one wanted."""

    def __init__(self) -> None:
        super().__init__(VALUES + 3, 256, 256, 128, 128, 64, VALUES)


class LipRetargeting(Retargeting):
    """Of the lips: the portrait's, and the wanted."""

    def __init__(self) -> None:
        super().__init__(VALUES + 2, 128, 128, 64, VALUES)
