"""A small decoder after FaceFormer: every frame is told from the frames before it, the style, and its own moment of the sound.

Source: Fan, Lin, Saito, Wang & Komura, "FaceFormer: Speech-driven 3D facial animation with transformers", 2022. FaceFormer has a
one-hot vector of the speaker; here it is that of the style. It is taught on what it told itself, as published, in two passes: one
over the true past, and one over what the first told, which costs two steps instead of one a frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motion.emotion.training.baselines.attention import aligned_mask, causal_bias, periodic_positions
from motion.emotion.training.baselines.base import Baseline, BaselineShape

#: What changes by less, in scaled curves, has settled.
SETTLED = 1e-4


class FaceFormer(Baseline):
    """See the module."""

    def __init__(self, shape: BaselineShape) -> None:
        super().__init__(shape)
        width = shape.width
        self.sound = nn.Linear(shape.features, width)
        self.past = nn.Linear(shape.outputs, width)
        self.style = nn.Linear(shape.styles, width, bias=False)
        layer = nn.TransformerDecoderLayer(width, shape.heads, 2 * width, dropout=0.0, batch_first=True)
        self.decoder = nn.TransformerDecoder(layer, shape.layers)
        self.curves = nn.Linear(width, shape.outputs)

    def told(self, features: Tensor, style: Tensor, mask: Tensor, truth: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """See `Baseline.told`."""
        heard, felt = self.sound(features), self.style(style)[:, None]
        if truth is None:
            return self._settled(heard, felt), None
        start = torch.zeros_like(truth[:, :1])
        with torch.no_grad():
            own = self._pass(heard, felt, torch.cat([start, truth[:, :-1]], dim=1))
        return self._pass(heard, felt, torch.cat([start, own[:, :-1]], dim=1)), None

    def _pass(self, heard: Tensor, felt: Tensor, before: Tensor) -> Tensor:
        """All frames at once; before: (B, T, outputs) of each frame the curves of the one before it."""
        frames = heard.shape[1]
        asked = self.past(before) + felt + periodic_positions(frames, self.shape.width)
        bias = causal_bias(frames, self.shape.heads).repeat(len(heard), 1, 1)
        out: Tensor = self.curves(self.decoder(asked, heard, tgt_mask=bias, memory_mask=aligned_mask(frames)))
        return out

    def _settled(self, heard: Tensor, felt: Tensor) -> Tensor:
        """As if told frame by frame, each over what was told before: passes over all frames at once until nothing changes.

        After n passes the first n frames are as they would be one by one, and mostly all are long before (Song, Meng, Liao &
        Ermon, "Accelerating feedforward computation via parallel nonlinear equation solving", 2021).
        """
        told = start = heard.new_zeros(len(heard), heard.shape[1], self.shape.outputs)
        for _ in range(heard.shape[1]):
            again = self._pass(heard, felt, torch.cat([start[:, :1], told[:, :-1]], dim=1))
            if (again - told).abs().max() < SETTLED:
                return again
            told = again
        return told
