"""LipGAN's generator, the residual one that hears mel spectrograms: Wav2Lip's forerunner, in its own structure.

Prajwal et al., "Towards Automatic Face-to-Face Translation" (ACM Multimedia 2019). It was written for TensorFlow, whose "same"
padding stands before a picture and behind it in unlike parts where a step is longer than a pixel, and whose norms add 1e-3.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: What Keras adds to a variance.
EPSILON = 1e-3


class SameConv(nn.Module):
    """Convolution, norm, ReLU: (B, `inside`, H, W) -> (B, `outside`, ceil(H / step), ceil(W / step)), or without any padding."""

    def __init__(self, inside: int, outside: int, size: int = 3, step: int | tuple[int, int] = 1, padded: bool = True) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, outside, size, step)
        self.norm = nn.BatchNorm2d(outside, eps=EPSILON)
        self.padded = padded

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        if self.padded:
            x = F.pad(x, [side for axis in (1, 0) for side in self._padding(axis, x.shape[2 + axis])])
        return F.relu(self.norm(self.conv(x)))

    def _padding(self, axis: int, length: int) -> tuple[int, int]:
        """Zeros before and behind, the odd one behind, so that there are ceil(length / step) results."""
        size, step = self.conv.kernel_size[axis], self.conv.stride[axis]
        zeros = max(0, (-(-length // step) - 1) * step + size - length)
        return zeros // 2, zeros - zeros // 2


class SameUp(nn.Module):
    """Transposed convolution 3x3, norm, ReLU: (B, `inside`, H, W) -> (B, `outside`, `step` H, `step` W); a step is 2 or 3."""

    def __init__(self, inside: int, outside: int, step: int = 2) -> None:
        super().__init__()
        self.conv = nn.ConvTranspose2d(inside, outside, 3, step)
        self.norm = nn.BatchNorm2d(outside, eps=EPSILON)
        self.step = step

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        high, wide = (self.step * side for side in x.shape[2:])
        return F.relu(self.norm(self.conv(x)[:, :, :high, :wide]))


class Residual(nn.Module):
    """Two convolutions, the input added: (B, `channels`, H, W), nowhere below 0, -> the same shape."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first, self.second = SameConv(channels, channels), SameConv(channels, channels)

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        # The published program rectifies once more; both parts are rectified already.
        return self.second(self.first(x)) + x


def residuals(channels: int, count: int) -> list[nn.Module]:
    """Residual blocks in a row."""
    return [Residual(channels) for _ in range(count)]


class LipGanGenerator(nn.Module):
    """Sound (B, 1, 80, 27) in -4..4 and faces (B, 6, 96, 96) in 0..1 to faces (B, 3, 96, 96) in 0..1, blue first.

    The six channels are a whole face of the person, then the face with its lower half black. The layers are registered in the
    order in which the published program makes them, by which `checkpoint.py` tells them apart.
    """

    WINDOW_HOPS = 27
    WHOLE_FIRST = True

    def __init__(self) -> None:
        super().__init__()
        self.face_encoder = nn.ModuleList(
            [
                nn.Sequential(SameConv(6, 32, 7)),
                nn.Sequential(SameConv(32, 64, 5, 2), *residuals(64, 2)),
                nn.Sequential(SameConv(64, 128, 3, 2), *residuals(128, 3)),
                nn.Sequential(SameConv(128, 256, 3, 2), *residuals(256, 2)),
                nn.Sequential(SameConv(256, 512, 3, 2), *residuals(512, 2)),
                nn.Sequential(SameConv(512, 512, 3, 2)),
                nn.Sequential(SameConv(512, 512, padded=False), SameConv(512, 512, 1)),
            ]
        )
        self.audio_encoder = nn.Sequential(
            SameConv(1, 32),
            *residuals(32, 2),
            SameConv(32, 64, 3, 3),
            *residuals(64, 2),
            SameConv(64, 128, 3, (3, 1)),
            *residuals(128, 2),
            SameConv(128, 256, 3, 3),
            *residuals(256, 2),
            SameConv(256, 512, padded=False),
            SameConv(512, 512, 1),
        )
        self.decoder = nn.ModuleList(
            [
                nn.Sequential(SameUp(1024, 512, 3)),
                nn.Sequential(SameUp(1024, 512), *residuals(512, 2)),
                nn.Sequential(SameUp(1024, 256), *residuals(256, 2)),
                nn.Sequential(SameUp(512, 128), *residuals(128, 2)),
                nn.Sequential(SameUp(256, 64), *residuals(64, 2)),
                nn.Sequential(SameUp(128, 32)),
            ]
        )
        self.output = nn.Sequential(SameConv(64, 16), SameConv(16, 16), nn.Conv2d(16, 3, 1), nn.Sigmoid())

    def forward(self, sound: Tensor, faces: Tensor) -> Tensor:
        """See the class."""
        seen = []
        for encode in self.face_encoder:
            faces = encode(faces)
            seen.append(faces)
        x = torch.cat([seen.pop(), self.audio_encoder(sound)], dim=1)
        for decode in self.decoder:
            x = torch.cat([seen.pop(), decode(x)], dim=1)
        result: Tensor = self.output(x)
        return result
