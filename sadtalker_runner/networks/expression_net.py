"""ExpNet: what is heard in a window of sound, as the expression coefficients of a 3D morphable face model.

Zhang and others, "SadTalker: Learning Realistic 3D Motion Coefficients for Stylized Audio-Driven Single Image Talking Face
Animation" (CVPR 2023).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sadtalker_runner.networks.audio_encoder import EMBEDDING, audio_encoder

EXPRESSIONS = 64


class ExpressionNet(nn.Module):
    """Mel window -> audio encoder -> with the portrait's own expression and the blink -> one linear layer -> 64 coefficients."""

    def __init__(self) -> None:
        super().__init__()
        self.audio_encoder = audio_encoder()
        self.mapping1 = nn.Linear(EMBEDDING + EXPRESSIONS + 1, EXPRESSIONS)

    def forward(self, mel_windows: Tensor, reference: Tensor, blink: Tensor) -> Tensor:
        """Expression coefficients (T, 64).

        mel_windows: (T, 1, 80, 16) in [-4, 4]. reference: (T, 64), the portrait's own coefficients. blink: (T, 1) in [0, 1], how
        far the eyes are shut.
        """
        heard = self.audio_encoder(mel_windows).flatten(1)
        out: Tensor = self.mapping1(torch.cat([heard, reference, blink], dim=1))
        return out
