"""The wide convolutions at the end of dense motion, 7x7x7 and 7x7, as products of Fourier transforms.

The volume is cut into tiles of 32x32 pixels, each with 3 pixels around it, so that the transformed kernels stay small; both
convolutions share the transform of the volume. Depth is not transformed: its seven taps are summed as they are.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

KERNEL = 7
BORDER = KERNEL // 2
#: Pixels of a tile, and of its transform: with the kernel's border on both sides, and a little more for a size that is quick.
TILE = 32
POINTS = 40


def kernel_spectrum(kernels: Tensor) -> Tensor:
    """Spectra (840, ...) of kernels (..., 7, 7), for a correlation whose first whole result lies at pixel 0 of the tile."""
    spectrum = torch.fft.rfft2(kernels, s=(POINTS, POINTS)).conj()
    return spectrum.flatten(-2).movedim(-1, 0).contiguous()


class MaskAndOcclusion:
    """Logits of the candidate flows, and of what is hidden, from the hourglass's volume.

    mask_weight: (K, C, 7, 7, 7), mask_bias: (K,); occlusion_weight: (1, C x D, 7, 7), occlusion_bias: (1,), C running slower.
    """

    def __init__(self, mask_weight: Tensor, mask_bias: Tensor, occlusion_weight: Tensor, occlusion_bias: Tensor) -> None:
        self.outputs, channels = mask_weight.shape[:2]
        #: (840, C, 7 K): the depth taps side by side.
        self.mask_spectrum = kernel_spectrum(mask_weight.permute(1, 2, 0, 3, 4).reshape(channels, -1, KERNEL, KERNEL))
        self.mask_bias = mask_bias
        by_depth = occlusion_weight[0].unflatten(0, (channels, -1)).transpose(0, 1)
        #: (840, D, C)
        self.occlusion_spectrum = kernel_spectrum(by_depth)
        self.occlusion_bias = occlusion_bias

    def __call__(self, volume: Tensor) -> tuple[Tensor, Tensor]:
        """Volume (D, H, W, C), H and W multiples of 32 or not above 32 -> mask logits (D, H, W, K), occlusion logits (H, W)."""
        depth, height, width = volume.shape[:3]
        down, across = -(-height // TILE), -(-width // TILE)
        spectrum = self._spectrum(volume, down, across)
        taps = torch.bmm(spectrum.flatten(1, 2), self.mask_spectrum)
        taps = taps.view(-1, down * across, depth, KERNEL, self.outputs)
        total = torch.zeros_like(taps[:, :, :, 0])
        for tap in range(KERNEL):
            shift = tap - BORDER
            into, out_of = slice(max(0, -shift), depth - max(0, shift)), slice(max(0, shift), depth + min(0, shift))
            total[:, :, into] += taps[:, :, out_of, tap]
        seen = torch.einsum("ftdc,fdc->ft", spectrum, self.occlusion_spectrum)
        mask = self._pixels(total, down, across, height, width).permute(2, 0, 1, 3) + self.mask_bias
        occlusion = self._pixels(seen[:, :, None, None], down, across, height, width)[:, :, 0, 0] + self.occlusion_bias
        return mask, occlusion

    def _spectrum(self, volume: Tensor, down: int, across: int) -> Tensor:
        """Spectra (840, tiles, D, C) of the tiles with their borders."""
        depth, height, width, channels = volume.shape
        right, bottom = across * TILE - width + POINTS - TILE - BORDER, down * TILE - height + POINTS - TILE - BORDER
        padded = F.pad(volume.permute(0, 3, 1, 2), (BORDER, right, BORDER, bottom))
        tiles = padded.unfold(2, POINTS, TILE).unfold(3, POINTS, TILE)
        spectrum = torch.fft.rfft2(tiles)
        return spectrum.permute(4, 5, 2, 3, 0, 1).reshape(-1, down * across, depth, channels)

    @staticmethod
    def _pixels(spectrum: Tensor, down: int, across: int, height: int, width: int) -> Tensor:
        """Pixels (H, W, D, K) of spectra (840, tiles, D, K)."""
        planes = torch.fft.irfft2(spectrum.permute(1, 2, 3, 0).unflatten(-1, (POINTS, -1)), s=(POINTS, POINTS))
        inner = planes[..., :TILE, :TILE].unflatten(0, (down, across))
        return inner.permute(0, 4, 1, 5, 2, 3).flatten(2, 3).flatten(0, 1)[:height, :width]
