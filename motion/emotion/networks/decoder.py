"""From what is heard, a style and its intensity to the curves of a rig.

Source: "DEITalk" (2024): eight temporal convolutions, before each of which style and intensity are joined to the values again.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from motion.emotion.networks.convolutions import TemporalConvolution, within
from motion.emotion.networks.shape import DeitalkShape


class Decoder(nn.Module):
    """(B, T, features), (B, T, styles) and (B, T, intensity_width) -> (B, T, outputs)."""

    def __init__(self, shape: DeitalkShape, dropout: float = 0.0) -> None:
        super().__init__()
        self.style = nn.Linear(shape.styles, shape.style_width)
        inputs = [shape.features, *[shape.filters] * (len(shape.dilations) - 1)]
        self.layers = nn.ModuleList(
            TemporalConvolution(width + shape.beside_width, shape.filters, dilation)
            for width, dilation in zip(inputs, shape.dilations, strict=True)
        )
        self.dropout = nn.Dropout(dropout)
        self.curves = nn.Linear(shape.filters, shape.outputs)

    def forward(self, heard: Tensor, style: Tensor, intensity: Tensor | None, mask: Tensor | None = None) -> Tensor:
        """intensity: None in a network without it. style: one-hot, or between styles where one passes into another."""
        beside = self.style(style)
        if intensity is not None:
            beside = torch.cat([beside, intensity], dim=-1)
        hidden = heard
        for layer in self.layers:
            hidden = self.dropout(layer(within(torch.cat([hidden, beside], dim=-1), mask)))
        out: Tensor = self.curves(hidden)
        return out
