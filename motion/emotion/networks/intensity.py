"""Dynamic emotional intensity: how strongly the feeling of a sound shows in each frame, learned without any label of it.

Source: "DEITalk" (2024). Speech and the motion that goes with it are each made one vector by max pooling over time, and these are
drawn together as CLIP draws pictures and texts together (Radford et al., 2021); the speech's vector must also tell its style.
What of a frame agrees with its sound's vector is salient.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from motion.emotion.networks.convolutions import TemporalConvolution, highest, lasting, within
from motion.emotion.networks.shape import DeitalkShape


class Intensity(NamedTuple):
    """features: (B, T, intensity_width), each frame's vector times its saliency. saliency: (B, T) in [-1, 1]. pooled:
    (B, intensity_width), the sound's vector, of the frames' vectors averaged over `breadth_frames`."""

    features: Tensor
    saliency: Tensor
    pooled: Tensor


class SpeechIntensity(nn.Module):
    """The speech's side: (B, T, features) before positions are added -> `Intensity`."""

    def __init__(self, shape: DeitalkShape) -> None:
        super().__init__()
        self.projection = nn.Linear(shape.features, shape.intensity_width)
        self.breadth_frames = shape.breadth_frames
        self.hidden = nn.Linear(shape.intensity_width, shape.class_width)
        self.told = nn.Linear(shape.class_width, shape.styles)

    def forward(self, features: Tensor, mask: Tensor | None = None, saliency: Tensor | None = None) -> Intensity:
        """mask: (B, T) False beyond a sequence's end. saliency: (B, T) takes the place of the network's own in the features."""
        steps = self.projection(features)
        weighed = lasting(steps, mask, self.breadth_frames)
        pooled = highest(weighed, mask)
        own = functional.cosine_similarity(weighed, pooled[:, None], dim=-1)
        in_effect = own if saliency is None else saliency
        return Intensity(in_effect[..., None] * steps, own, pooled)

    def begin_with(self, direction: Tensor) -> None:
        """Add a direction (features,) to every row of the projection, before anything is learned."""
        with torch.no_grad():
            self.projection.weight.add_(direction)

    def style_logits(self, pooled: Tensor) -> Tensor:
        """(B, styles): which style the sound's vector tells, as logits."""
        told: Tensor = self.told(functional.relu(self.hidden(pooled)))
        return told


class MotionEncoder(nn.Module):
    """The motion's side, which training alone needs: curves (B, T, outputs) -> (B, intensity_width)."""

    def __init__(self, shape: DeitalkShape) -> None:
        super().__init__()
        widths = [shape.outputs, *shape.motion_filters]
        self.layers = nn.ModuleList(
            TemporalConvolution(inputs, outputs, dilation)
            for inputs, outputs, dilation in zip(widths[:-1], widths[1:], shape.motion_dilations, strict=True)
        )
        self.projection = nn.Linear(widths[-1], shape.intensity_width)

    def forward(self, curves: Tensor, mask: Tensor | None = None) -> Tensor:
        """See the class. mask: as in `SpeechIntensity`."""
        hidden = curves
        for layer in self.layers:
            hidden = layer(within(hidden, mask))
        return highest(self.projection(hidden), mask)
