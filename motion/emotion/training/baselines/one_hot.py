"""The style alone: lips by the sound and the style, and all else of the face one and the same as long as the style lasts.

What emotion in talking heads was before its strength changed: a label that chooses a face.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.training.baselines.base import Baseline, BaselineShape


class OneHot(Baseline):
    """See the module."""

    def __init__(self, shape: BaselineShape) -> None:
        super().__init__(shape)
        self.face = nn.Linear(shape.styles, shape.outputs)
        inputs = [shape.features + shape.styles, shape.width, shape.width, shape.width]
        self.layers = nn.ModuleList(
            nn.Conv1d(width, shape.width, 3, padding=dilation, dilation=dilation)
            for width, dilation in zip(inputs, (1, 2, 4, 8), strict=True)
        )
        self.lips = nn.Linear(shape.width, len(shape.lips))

    def told(self, features: Tensor, style: Tensor, mask: Tensor, truth: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """See `Baseline.told`."""
        frames = features.shape[1]
        given = style[:, None].expand(-1, frames, -1)
        hidden = torch.cat([features, given], dim=-1).transpose(1, 2)
        for layer in self.layers:
            hidden = functional.relu(layer(hidden * mask[:, None]))
        face = self.face(style)[:, None].expand(-1, frames, -1).clone()
        columns = list(self.shape.lips)
        face[..., columns] = face[..., columns] + self.lips(hidden.transpose(1, 2))
        return face, None
