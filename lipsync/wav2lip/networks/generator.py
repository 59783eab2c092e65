"""Wav2Lip's generator: a face whose lower half it does not see, and what is heard, become the face that says it.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM Multimedia 2020).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lipsync.wav2lip.networks.blocks import ConvBlock, UpBlock, narrowed, residuals, sound_encoder


class Wav2LipGenerator(nn.Module):
    """Sound (B, 1, 80, 16) in -4..4 and faces (B, 6, 96, 96) in 0..1 to faces (B, 3, 96, 96) in 0..1, blue first.

    The six channels are the face with its lower half black, then a whole one of the same person.
    """

    WINDOW_HOPS = 16
    WHOLE_FIRST = False

    def __init__(self, width: float = 1.0) -> None:
        """width: of its channels, 1 as published."""
        super().__init__()
        c16, c32, c64, c128, c256, c384, c512 = (narrowed(channels, width) for channels in (16, 32, 64, 128, 256, 384, 512))
        self.face_encoder_blocks = nn.ModuleList(
            [
                nn.Sequential(ConvBlock(6, c16, 7, padding=3)),
                nn.Sequential(ConvBlock(c16, c32, stride=2), *residuals(c32, 2)),
                nn.Sequential(ConvBlock(c32, c64, stride=2), *residuals(c64, 3)),
                nn.Sequential(ConvBlock(c64, c128, stride=2), *residuals(c128, 2)),
                nn.Sequential(ConvBlock(c128, c256, stride=2), *residuals(c256, 2)),
                nn.Sequential(ConvBlock(c256, c512, stride=2), *residuals(c512, 1)),
                nn.Sequential(ConvBlock(c512, c512, padding=0), ConvBlock(c512, c512, 1, padding=0)),
            ]
        )
        self.audio_encoder = sound_encoder(1, width)
        self.face_decoder_blocks = nn.ModuleList(
            [
                nn.Sequential(ConvBlock(c512, c512, 1, padding=0)),
                nn.Sequential(UpBlock(c512 + c512, c512, doubling=False), *residuals(c512, 1)),
                nn.Sequential(UpBlock(c512 + c512, c512), *residuals(c512, 2)),
                nn.Sequential(UpBlock(c512 + c256, c384), *residuals(c384, 2)),
                nn.Sequential(UpBlock(c384 + c128, c256), *residuals(c256, 2)),
                nn.Sequential(UpBlock(c256 + c64, c128), *residuals(c128, 2)),
                nn.Sequential(UpBlock(c128 + c32, c64), *residuals(c64, 2)),
            ]
        )
        self.output_block = nn.Sequential(ConvBlock(c64 + c16, c32), nn.Conv2d(c32, 3, 1), nn.Sigmoid())

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
