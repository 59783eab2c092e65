"""Wav2Lip's judge of pictures: tells drawn mouths from photographed ones, whatever is said.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM Multimedia 2020), section 3.3.
"""

from __future__ import annotations

from torch import Tensor, nn

from lipsync.wav2lip.networks.blocks import narrowed

SLOPE = 0.01


def sharp_block(inside: int, outside: int, size: int = 3, stride: int | tuple[int, int] = 1, padding: int = 1) -> nn.Sequential:
    """Convolution and leaky ReLU without a norm, which would hide the grain that tells photographs.

    Its first numbers keep a picture's power through the many layers (He et al. 2015), as no norm does.
    """
    block = nn.Sequential(nn.Conv2d(inside, outside, size, stride, padding), nn.LeakyReLU(SLOPE))
    nn.init.kaiming_normal_(block[0].weight, SLOPE)  # type: ignore[arg-type]
    return block


class PictureJudge(nn.Module):
    """Lower halves of faces (B, 3, 48, 96) in 0..1 to (B,) how photographed each looks, a logit."""

    def __init__(self, width: float = 1.0) -> None:
        """width: of its channels, 1 as published."""
        super().__init__()
        c32, c64, c128, c256, c512 = (narrowed(channels, width) for channels in (32, 64, 128, 256, 512))
        self.encoder = nn.Sequential(
            sharp_block(3, c32, 7, padding=3),
            sharp_block(c32, c64, 5, (1, 2), 2),
            sharp_block(c64, c64, 5, padding=2),
            sharp_block(c64, c128, 5, 2, 2),
            sharp_block(c128, c128, 5, padding=2),
            sharp_block(c128, c256, 5, 2, 2),
            sharp_block(c256, c256, 5, padding=2),
            sharp_block(c256, c512, 3, 2),
            sharp_block(c512, c512),
            sharp_block(c512, c512, 3, 2),
            sharp_block(c512, c512, padding=0),
            nn.Conv2d(c512, 1, 1),
        )

    def forward(self, mouths: Tensor) -> Tensor:
        """See the class."""
        logits: Tensor = self.encoder(mouths).flatten(1)[:, 0]
        return logits
