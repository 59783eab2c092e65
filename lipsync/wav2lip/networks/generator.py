"""Wav2Lip's generator: a face whose lower half it does not see, and what is heard, become the face that says it.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM Multimedia 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lipsync.wav2lip.networks.blocks import ConvBlock, UpBlock, residuals, sound_encoder


class Wav2LipGenerator(nn.Module):
    """Sound (B, 1, 80, 16) in -4..4 and faces (B, 6, 96, 96) in 0..1 to faces (B, 3, 96, 96) in 0..1, blue first.

    The six channels are the face with its lower half black, then a whole one of the same person.
    """

    WINDOW_HOPS = 16
    WHOLE_FIRST = False

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(ConvBlock(6, 16, 7, padding=3)),
                nn.Sequential(ConvBlock(16, 32, stride=2), *residuals(32, 2)),
                nn.Sequential(ConvBlock(32, 64, stride=2), *residuals(64, 3)),
                nn.Sequential(ConvBlock(64, 128, stride=2), *residuals(128, 2)),
                nn.Sequential(ConvBlock(128, 256, stride=2), *residuals(256, 2)),
                nn.Sequential(ConvBlock(256, 512, stride=2), *residuals(512, 1)),
                nn.Sequential(ConvBlock(512, 512, padding=0), ConvBlock(512, 512, 1, padding=0)),
            ]
        )
        self.audio_encoder = sound_encoder(1)
        self.face_decoder_blocks = nn.ModuleList(
            [
                nn.Sequential(ConvBlock(512, 512, 1, padding=0)),
                nn.Sequential(UpBlock(1024, 512, doubling=False), *residuals(512, 1)),
                nn.Sequential(UpBlock(1024, 512), *residuals(512, 2)),
                nn.Sequential(UpBlock(768, 384), *residuals(384, 2)),
                nn.Sequential(UpBlock(512, 256), *residuals(256, 2)),
                nn.Sequential(UpBlock(320, 128), *residuals(128, 2)),
                nn.Sequential(UpBlock(160, 64), *residuals(64, 2)),
            ]
        )
        self.output_block = nn.Sequential(ConvBlock(80, 32), nn.Conv2d(32, 3, 1), nn.Sigmoid())

    def forward(self, sound: Tensor, faces: Tensor) -> Tensor:
        """See the class."""
        seen = []
        for encode in self.face_encoder_blocks:
            faces = encode(faces)
            seen.append(faces)
        x = self.audio_encoder(sound)
        for decode in self.face_decoder_blocks:
            x = torch.cat([decode(x), seen.pop()], dim=1)
        result: Tensor = self.output_block(x)
        return result
