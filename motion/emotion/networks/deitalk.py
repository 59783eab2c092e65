"""The whole network: from the speech encoder's features and a style to the curves of a rig and the saliency of the feeling.

Source: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024; no public code).

    network = Deitalk(DeitalkShape(features=512, outputs=55))
    told = network(features, style, first_frame, total_frames)      # a window, or a whole sound: 0 and its length

A sound of any length can be decoded in blocks that give the same as one piece. First pass: `projection` of the scaled features,
frame by frame, of which the greatest of each value so far is kept, and the frames' vectors (T, 128), which are small. Second
pass: the decoder over blocks of features with `DeitalkShape.reach_frames` more on either side; positions, saliency and style are
each frame's own.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from motion.emotion.networks.decoder import Decoder
from motion.emotion.networks.intensity import Intensity, MotionEncoder, SpeechIntensity
from motion.emotion.networks.positional import dynamic_positions
from motion.emotion.networks.shape import DeitalkShape


class Told(NamedTuple):
    """What the network tells. curves: (B, T, outputs), scaled: see `in_units`. intensity: None in a network without it."""

    curves: Tensor
    intensity: Intensity | None


class Deitalk(nn.Module):
    """The network, with the scales of what goes in and comes out."""

    def __init__(self, shape: DeitalkShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.feature_mean: Tensor
        self.feature_scale: Tensor
        self.curve_mean: Tensor
        self.curve_scale: Tensor
        self.register_buffer("feature_mean", torch.zeros(shape.features))
        self.register_buffer("feature_scale", torch.ones(shape.features))
        self.register_buffer("curve_mean", torch.zeros(shape.outputs))
        self.register_buffer("curve_scale", torch.ones(shape.outputs))
        self.intensity = SpeechIntensity(shape) if shape.switches.intensity else None
        self.decoder = Decoder(shape, dropout)

    def forward(
        self,
        features: Tensor,
        style: Tensor,
        first_frame: Tensor,
        total_frames: Tensor,
        mask: Tensor | None = None,
        saliency: Tensor | None = None,
    ) -> Told:
        """Scaled curves of windows of sounds.

        features: (B, T, features) at 30 Hz, as the encoder gives them. style: (B, styles), or (B, T, styles) where it changes.
        first_frame, total_frames: (B,) where each window begins in its sound, and the sound's length, in frames. mask: (B, T)
        False beyond a sequence's end. saliency: (B, T) takes the place of the network's own.
        """
        scaled = (features - self.feature_mean) / self.feature_scale
        frames = scaled.shape[1]
        styles = style if style.dim() == 3 else style[:, None].expand(-1, frames, -1)
        told = None if self.intensity is None else self.intensity(scaled, mask, saliency)
        heard = scaled
        if self.shape.switches.positions:
            heard = heard + dynamic_positions(first_frame, total_frames, frames, self.shape.features)
        return Told(self.decoder(heard, styles, None if told is None else told.features, mask), told)

    def in_units(self, scaled: Tensor) -> Tensor:
        """The curves in the rig's own units."""
        return scaled * self.curve_scale + self.curve_mean

    def scaled_curves(self, curves: Tensor) -> Tensor:
        """The curves as the network tells them."""
        return (curves - self.curve_mean) / self.curve_scale

    @torch.no_grad()
    def whole(self, features: Tensor, style: Tensor, saliency: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """Curves (T, outputs) in the rig's units, and saliency (T,), of one whole sound: features (T, features), style (styles,)
        or (T, styles), saliency (T,) in place of the network's own."""
        self.eval()
        total = torch.tensor([len(features)])
        own = None if saliency is None else saliency[None]
        told = self(features[None].float(), style[None], torch.zeros_like(total), total, None, own)
        return self.in_units(told.curves)[0], None if told.intensity is None else told.intensity.saliency[0]


def motion_encoder(shape: DeitalkShape) -> MotionEncoder | None:
    """The motion encoder that the network is trained beside; None where it has no intensity."""
    return MotionEncoder(shape) if shape.switches.intensity else None
