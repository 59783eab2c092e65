"""A small network after EmoTalk: one branch hears what is said, another how, and a decoder is guided by both and the style.

Source: Peng, Wu, Song, Xu, Zhu, He, Liu & Fan, "EmoTalk: Speech-driven emotional disentanglement for 3D face animation", 2023:
content and emotion encoders, a decoder with periodic positions and biased attention, losses of position and velocity and a
classifier on the emotion's branch. Left out is the exchange between pairs of the same sentence in two emotions, which asks for a
set that has them, and the level of emotion that is given there is not known here.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.training.baselines.attention import causal_bias, periodic_positions
from motion.emotion.training.baselines.base import Baseline, BaselineShape


class EmoTalk(Baseline):
    """See the module."""

    def __init__(self, shape: BaselineShape) -> None:
        super().__init__(shape)
        width = shape.width
        self.content = nn.Linear(shape.features, width)
        self.emotion = nn.Conv1d(shape.features, width // 2, 5, padding=2)
        self.emotion_further = nn.Conv1d(width // 2, width // 2, 5, padding=8, dilation=4)
        self.heard_style = nn.Linear(width // 2, shape.styles)
        self.style = nn.Linear(shape.styles, width // 4)
        self.joined = nn.Linear(width + width // 2 + width // 4, width)
        layer = nn.TransformerEncoderLayer(width, shape.heads, 2 * width, dropout=0.0, batch_first=True)
        self.decoder = nn.TransformerEncoder(layer, shape.layers + 1, enable_nested_tensor=False)
        self.curves = nn.Linear(width, shape.outputs)

    def told(self, features: Tensor, style: Tensor, mask: Tensor, truth: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """See `Baseline.told`; the style is given, and heard by the emotion's branch for its own loss."""
        frames = features.shape[1]
        known = mask[..., None]
        emotion = functional.relu(self.emotion((features * known).transpose(1, 2)))
        emotion = functional.relu(self.emotion_further(emotion)).transpose(1, 2) * known
        logits = self.heard_style(emotion.sum(dim=1) / known.sum(dim=1).clamp(min=1))
        given = self.style(style)[:, None].expand(-1, frames, -1)
        joined = self.joined(torch.cat([self.content(features), emotion, given], dim=-1))
        joined = joined + periodic_positions(frames, self.shape.width)
        hidden = torch.zeros(len(features), 1, 1, frames).masked_fill(~mask[:, None, None], -torch.inf)
        bias = causal_bias(frames, self.shape.heads, causal=False)[None] + hidden
        out: Tensor = self.curves(self.decoder(joined, mask=bias.flatten(0, 1)))
        return out, logits
