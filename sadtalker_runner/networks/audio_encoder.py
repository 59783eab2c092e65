"""The audio encoder of Wav2Lip: a window of the mel spectrogram becomes one vector.

Prajwal and others, "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM MM 2020).
"""

from __future__ import annotations

from torch import Tensor, nn

#: (in, out, kernel, stride, padding, added to the input) of each convolution.
LAYERS: tuple[tuple[int, int, int, int | tuple[int, int], int, bool], ...] = (
    (1, 32, 3, 1, 1, False),
    (32, 32, 3, 1, 1, True),
    (32, 32, 3, 1, 1, True),
    (32, 64, 3, (3, 1), 1, False),
    (64, 64, 3, 1, 1, True),
    (64, 64, 3, 1, 1, True),
    (64, 128, 3, 3, 1, False),
    (128, 128, 3, 1, 1, True),
    (128, 128, 3, 1, 1, True),
    (128, 256, 3, (3, 2), 1, False),
    (256, 256, 3, 1, 1, True),
    (256, 512, 3, 1, 0, False),
    (512, 512, 1, 1, 0, False),
)
EMBEDDING = 512


class ConvBlock(nn.Module):
    """Convolution and batch norm, the input added where `residual`, then ReLU."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int, stride: int | tuple[int, int], padding: int, residual: bool
    ) -> None:
        super().__init__()
        self.conv_block = nn.Sequential(
            nn.Conv2d(in_channels, out_channels, kernel, stride, padding), nn.BatchNorm2d(out_channels)
        )
        self.residual = residual

    def forward(self, x: Tensor) -> Tensor:
        """(B, in, H, W) -> (B, out, H', W')."""
        out: Tensor = self.conv_block(x)
        return (out + x if self.residual else out).relu()


def audio_encoder() -> nn.Sequential:
    """Mel windows (B, 1, 80, 16) in [-4, 4] -> (B, 512, 1, 1), none of them negative."""
    return nn.Sequential(*(ConvBlock(*layer) for layer in LAYERS))
