"""A small decoder after FaceFormer: every frame is told from the frames before it, the style, and its own moment of the sound.

Source: Fan, Lin, Saito, Wang & Komura, "FaceFormer: Speech-driven 3D facial animation with transformers", 2022. FaceFormer has a
one-hot vector of the speaker; here it is that of the style. It is taught on what it told itself, as published, in two passes: one
over the true past, and one over what the first told, which costs two steps instead of one a frame.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motion.emotion.training.baselines.attention import PERIOD, aligned_mask, causal_bias, periodic_positions
from motion.emotion.training.baselines.base import Baseline, BaselineShape

#: The past that a frame looks back on, in frames: as much as it was taught with.
PAST = 128


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
            return self._one_by_one(heard, felt), None
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

    def _one_by_one(self, heard: Tensor, felt: Tensor) -> Tensor:
        """Frame by frame, each over at most `PAST` of what was told before, from where positions begin anew."""
        frames = heard.shape[1]
        before = heard.new_zeros(len(heard), frames + 1, self.shape.outputs)
        for frame in range(frames):
            first = -(-max(0, frame + 1 - PAST) // PERIOD) * PERIOD
            here = slice(first, frame + 1)
            before[:, frame + 1] = self._pass(heard[:, here], felt, before[:, here])[:, -1]
        return before[:, 1:]
