"""The SPADE decoder for the CPU: same weights, same picture as `one_shot.spade`, a fifth of the products.

Gains and offsets are made and used tile by tile and never stored; the steering features, which all norms of a size share, are
transformed once; and where they are stretched, `StretchedConvolution` makes use of it.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neural.one_shot.cpu import tile_kernels
from neural.one_shot.cpu.convolutions import StretchedConvolution, TiledConvolution, Workspace
from neural.one_shot.cpu.moments import mean_and_scale
from neural.one_shot.folding import folded
from neural.one_shot.spade import HIDDEN, MIDDLE_BLOCKS, NEGATIVE_SLOPE, Spade, SpadeDecoder, SpadeResBlock


class CpuSpade:
    """Gains and offsets from the hidden features, put upon an instance norm."""

    def __init__(self, norm: Spade, workspace: Workspace, with_offset: bool = True) -> None:
        gain, gain_bias = folded(norm.mlp_gamma)
        offset, offset_bias = folded(norm.mlp_beta)
        parts = ([gain, offset], [gain_bias + 1, offset_bias]) if with_offset else ([gain], [gain_bias + 1])
        self.convolution = TiledConvolution(torch.cat(parts[0]), torch.cat(parts[1]), workspace)
        self.channels = len(gain)

    def __call__(self, x: Tensor, hidden: Tensor, first_channel: int, slope: float) -> Tensor:
        """x (h, w, C), stretched to hidden's size (1, H, W, ...), -> (1, H, W, C) through a leaky ReLU.

        128 channels of the hidden features from `first_channel` on are this norm's.
        """
        mean, scale = mean_and_scale(x.numpy())
        out = torch.empty(1, hidden.shape[1], hidden.shape[2], self.channels)

        def epilogue(products: Tensor, first_row: int, rows: int) -> None:
            tile_kernels.steered_pixels_of(
                products.numpy(), self.convolution.bias, x.numpy(), mean, scale, slope, out[0].numpy(), first_row, rows
            )

        self.convolution.run(hidden, epilogue, first_channel)
        return out


class CpuMiddleBlock:
    """A block that changes neither size nor channels."""

    def __init__(self, block: SpadeResBlock, workspace: Workspace) -> None:
        self.norms = [CpuSpade(norm, workspace) for norm in (block.norm_0, block.norm_1)]
        self.convolutions = [TiledConvolution(*folded(conv), workspace) for conv in (block.conv_0, block.conv_1)]

    def __call__(self, x: Tensor, hidden: Tensor, first_channel: int) -> Tensor:
        """x (1, h, w, C) -> the same shape; this block's hidden features are 2 x 128 channels from `first_channel`."""
        out = x
        for i in range(2):
            out = self.norms[i](out[0], hidden, first_channel + i * HIDDEN, NEGATIVE_SLOPE)
            out = self.convolutions[i](out)
        return out.add_(x)


class CpuUpBlock:
    """A block that doubles its input, which it gets small, and changes its channels."""

    def __init__(self, block: SpadeResBlock, stretch: int, workspace: Workspace) -> None:
        self.stretch = stretch
        norms = (block.norm_0, block.norm_1, block.norm_s)
        self.hidden = [StretchedConvolution(*folded(norm.mlp_shared[0]), workspace) for norm in norms]
        self.norms = [CpuSpade(norm, workspace, with_offset=norm is not block.norm_s) for norm in norms]
        self.convolutions = [TiledConvolution(*folded(conv), workspace) for conv in (block.conv_0, block.conv_1)]
        projection = block.conv_s.weight.detach()[:, :, 0, 0]
        self.projection = projection.t().contiguous()
        # The projection is linear, so the offsets of its norm may be projected beforehand: few channels instead of many.
        offset, offset_bias = folded(block.norm_s.mlp_beta)
        self.offset = TiledConvolution(torch.einsum("oc,cihw->oihw", projection, offset), projection @ offset_bias, workspace)

    def __call__(self, x: Tensor, steering: Tensor, prepared: Tensor) -> Tensor:
        """x (1, H/2, W/2, in) -> (1, H, W, out); `prepared` belongs to the steering features (1, h, w, S)."""

        def hidden(i: int) -> Tensor:
            return self.hidden[i](steering, self.stretch, 0.0, prepared)

        out = self.convolutions[0](self.norms[0](x[0], hidden(0), 0, NEGATIVE_SLOPE))
        out = self.convolutions[1](self.norms[1](out[0], hidden(1), 0, NEGATIVE_SLOPE))
        steered = hidden(2)
        skip = self.norms[2](x[0], steered, 0, 1.0)
        out.flatten(0, 2).addmm_(skip.flatten(0, 2), self.projection)
        return out.add_(self.offset(steered))


class CpuSpadeDecoder:
    """See `one_shot.spade.SpadeDecoder`, whose spectral norms must be folded."""

    def __init__(self, decoder: SpadeDecoder, workspace: Workspace) -> None:
        blocks = [decoder.get_submodule(f"G_middle_{i}") for i in range(MIDDLE_BLOCKS)]
        self.first = TiledConvolution(*folded(decoder.fc), workspace)
        shared = [
            folded(norm.mlp_shared[0])
            for block in blocks
            if isinstance(block, SpadeResBlock)
            for norm in (block.norm_0, block.norm_1)
        ]
        #: The hidden features of all norms of the middle blocks, side by side.
        self.hidden = TiledConvolution(torch.cat([w for w, _ in shared]), torch.cat([b for _, b in shared]), workspace)
        self.middle = [CpuMiddleBlock(block, workspace) for block in blocks if isinstance(block, SpadeResBlock)]
        self.up = [CpuUpBlock(decoder.up_0, 2, workspace), CpuUpBlock(decoder.up_1, 4, workspace)]
        self.doubled = not isinstance(decoder.conv_img, nn.Conv2d)
        last = decoder.get_submodule("conv_img.0") if self.doubled else decoder.conv_img
        self.last = TiledConvolution(*folded(last), workspace)

    def __call__(self, features: Tensor) -> Tensor:
        """Features (1, h, w, 256) -> picture (4h, 4w, 3) in (0, 1), or (8h, 8w, 3) by a decoder that doubles once more."""
        hidden = self.hidden(features, slope=0.0)
        out = self.first(features)
        for i, middle in enumerate(self.middle):
            out = middle(out, hidden, 2 * HIDDEN * i)
        prepared = self.up[0].hidden[0].prepare(features)
        for up in self.up:
            out = up(out, features, prepared)
        picture = self.last(F.leaky_relu(out, NEGATIVE_SLOPE, inplace=True)).sigmoid_()
        if self.doubled:
            picture = F.pixel_shuffle(picture.permute(0, 3, 1, 2), 2).permute(0, 2, 3, 1)
        return picture[0]
