"""Wav2Lip's expert: tells whether five frames of a mouth and what is heard belong together (SyncNet in colour).

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM Multimedia 2020).
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.wav2lip.networks.blocks import ConvBlock, narrowed, residuals, sound_encoder


class LipSyncExpert(nn.Module):
    """Sound (B, 1, 80, 16) in -4..4 and mouths (B, 15, 48, 96) in 0..1 to a place (B, 512) for each, of length 1.

    The fifteen channels are the lower halves of five frames in turn, blue first. The cosine of the two places, which is never
    below 0, is how much they belong together.
    """

    WINDOW_HOPS = 16
    FRAMES = 5

    def __init__(self, width: float = 1.0, frames: int = FRAMES) -> None:
        """width: of its channels, 1 as published. frames: that it sees at once, five as published."""
        super().__init__()
        c32, c64, c128, c256, c512 = (narrowed(channels, width) for channels in (32, 64, 128, 256, 512))
        self.face_encoder = nn.Sequential(
            ConvBlock(3 * frames, c32, 7, padding=3),
            ConvBlock(c32, c64, 5, stride=(1, 2)),
            *residuals(c64, 2),
            ConvBlock(c64, c128, stride=2),
            *residuals(c128, 3),
            ConvBlock(c128, c256, stride=2),
            *residuals(c256, 2),
            ConvBlock(c256, c512, stride=2),
            *residuals(c512, 2),
            ConvBlock(c512, c512, stride=2),
            ConvBlock(c512, c512, padding=0),
            ConvBlock(c512, c512, 1, padding=0),
        )
        self.audio_encoder = sound_encoder(2, width)

    def forward(self, sound: Tensor, mouths: Tensor) -> tuple[Tensor, Tensor]:
        """See the class: the sound's place, then the mouths'."""
        return F.normalize(self.audio_encoder(sound).flatten(1)), F.normalize(self.face_encoder(mouths).flatten(1))
