"""Convolutions for the CPU, with the same results as the plain ones and a fraction of the products.

All take and give float32 pictures with the channels last, (N, H, W, C), where for a 3x3x3 kernel the N pictures are the depth
slices of one volume. Weights are transformed once, when a network is loaded.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from neural.one_shot.cpu import stretch_kernels, tile_kernels

#: Floats of the products that are made before they are turned into pixels: small enough to stay near the processor.
STRIP_VALUES = 32_000_000

#: Turns the products of some tile rows into pixels: products (36, T, O), first tile row, tile rows.
Epilogue = Callable[[Tensor, int, int], None]


class Workspace:
    """Scratch memory that is kept from frame to frame: asking the system for it anew takes longer than filling it."""

    def __init__(self) -> None:
        self._buffers: dict[str, Tensor] = {}

    def take(self, name: str, *shape: int) -> Tensor:
        """A tensor of that shape, its contents undefined, valid until `name` is taken again."""
        size = int(np.prod(shape))
        buffer = self._buffers.get(name)
        if buffer is None or buffer.numel() < size:
            buffer = self._buffers[name] = torch.empty(size)
        return buffer[:size].view(shape)


def transformed_weight(weight: Tensor, transform: np.ndarray) -> list[Tensor]:
    """Kernels as the factors of a fast convolution: (O, C, [3,] 3, 3) -> for each depth tap (points, C, O)."""
    # Both sides of the transform as one matrix (points, 9): one product a tap.
    both = torch.from_numpy(np.kron(transform, transform))
    taps = (weight.unsqueeze(2) if weight.ndim == 4 else weight).flatten(3).permute(2, 3, 1, 0)
    return [(both @ tap.flatten(1).double()).unflatten(1, tap.shape[1:]).float() for tap in taps]


class TiledConvolution:
    """A 3x3 or 3x3x3 convolution with zeros around, by Winograd's F(4x4, 3x3) over height and width.

    weight: (O, C, 3, 3) or (O, C, 3, 3, 3); bias: (O,).
    """

    def __init__(self, weight: Tensor, bias: Tensor, workspace: Workspace) -> None:
        self.taps = transformed_weight(weight, tile_kernels.KERNEL_TRANSFORM)
        self.bias = bias.float().numpy().copy()
        self.workspace = workspace

    def run(self, pictures: Tensor, epilogue: Epilogue, first_channel: int = 0) -> None:
        """Convolve pictures (N, H, W, C), their channels from `first_channel` on; `epilogue` gets the products strip by strip."""
        count, height, width = pictures.shape[:3]
        rows, columns = -(-height // tile_kernels.TILE), -(-width // tile_kernels.TILE)
        channels, outputs = self.taps[0].shape[1:]
        row_values = tile_kernels.POINTS * count * columns * max(channels, outputs)
        strip = max(1, min(rows, STRIP_VALUES // row_values))
        for first_row in range(0, rows, strip):
            taken = min(strip, rows - first_row)
            slice_tiles = taken * columns
            border = slice_tiles * (len(self.taps) // 2)
            tiles = self.workspace.take("tiles", tile_kernels.POINTS, count * slice_tiles + 2 * border, channels)
            tiles[:, :border].zero_()
            tiles[:, border + count * slice_tiles :].zero_()
            tile_kernels.tiles_of(pictures.numpy(), first_channel, tiles.numpy(), first_row, taken, border)
            epilogue(self._products(tiles, count, slice_tiles, outputs), first_row, taken)

    def _products(self, tiles: Tensor, count: int, slice_tiles: int, outputs: int) -> Tensor:
        """Matrix products of the transformed tiles and kernels (36, N tiles, O), summed over the depth taps."""
        products = self.workspace.take("products", tile_kernels.POINTS, count * slice_tiles, outputs)
        for i, tap in enumerate(self.taps):
            seen = tiles[:, i * slice_tiles : (i + count) * slice_tiles]
            if i == 0:
                torch.bmm(seen, tap, out=products)
            else:
                products.baddbmm_(seen, tap)
        return products

    def __call__(self, pictures: Tensor, slope: float = 1.0, first_channel: int = 0, out: Tensor | None = None) -> Tensor:
        """(N, H, W, C) -> (N, H, W, O), bias added, through a leaky ReLU with `slope` for what is negative (1: none)."""
        count, height, width = pictures.shape[:3]
        result = torch.empty(count, height, width, len(self.bias)) if out is None else out
        pixels = result.numpy()

        def epilogue(products: Tensor, first_row: int, rows: int) -> None:
            tile_kernels.pixels_of(products.numpy(), self.bias, slope, pixels, first_row, rows)

        self.run(pictures, epilogue, first_channel)
        return result

    def halved(self, pictures: Tensor) -> Tensor:
        """(N, H, W, C) -> (N, H/2, W/2, O): bias added, ReLU, each 2x2 pixels averaged."""
        count, height, width = pictures.shape[:3]
        result = torch.empty(count, height // 2, width // 2, len(self.bias))

        def epilogue(products: Tensor, first_row: int, rows: int) -> None:
            tile_kernels.halved_pixels_of(products.numpy(), self.bias, result.numpy(), first_row, rows)

        self.run(pictures, epilogue)
        return result


class StretchedConvolution:
    """A 3x3 or 3x3x3 convolution of pictures whose pixels are first repeated along height and width.

    weight: (O, C, 3, 3) or (O, C, 3, 3, 3); bias: (O,).
    """

    def __init__(self, weight: Tensor, bias: Tensor, workspace: Workspace) -> None:
        self.taps = transformed_weight(weight, stretch_kernels.KERNEL_TRANSFORM)
        self.bias = bias.float().numpy().copy()
        self.workspace = workspace

    def prepare(self, pictures: Tensor) -> Tensor:
        """What the products are made from, for pictures (N, H, W, C); several convolutions may share it."""
        count, height, width, channels = pictures.shape
        border = height * width * (len(self.taps) // 2)
        values = torch.empty(stretch_kernels.POINTS, count * height * width + 2 * border, channels)
        values[:, :border].zero_()
        values[:, border + count * height * width :].zero_()
        stretch_kernels.differences_of(pictures.numpy(), values.numpy(), border)
        return values

    def __call__(self, pictures: Tensor, stretch: int, slope: float, prepared: Tensor | None = None) -> Tensor:
        """(N, H, W, C) -> (N, H stretch, W stretch, O), bias added, through a leaky ReLU; stretch at least 2."""
        count, height, width = pictures.shape[:3]
        values = self.prepare(pictures) if prepared is None else prepared
        pixels = height * width
        products = self.workspace.take("products", stretch_kernels.POINTS, count * pixels, len(self.bias))
        for i, tap in enumerate(self.taps):
            seen = values[:, i * pixels : (i + count) * pixels]
            if i == 0:
                torch.bmm(seen, tap, out=products)
            else:
                products.baddbmm_(seen, tap)
        result = torch.empty(count, height * stretch, width * stretch, len(self.bias))
        stretch_kernels.stretched_of(products.numpy(), self.bias, slope, result.numpy(), stretch)
        return result
