"""Dense motion for the CPU: same weights, same flow as `one_shot.dense_motion`, a fifth of the products."""

from __future__ import annotations

import torch
from torch import Tensor

from neural.one_shot.cpu.convolutions import StretchedConvolution, TiledConvolution, Workspace
from neural.one_shot.cpu.fourier_convolution import MaskAndOcclusion
from neural.one_shot.dense_motion import DenseMotionNetwork, mixed_flow
from neural.one_shot.folding import folded
from neural.one_shot.geometry import keypoint_heatmaps


def shift_matrices(count: int, shifts: Tensor) -> Tensor:
    """Matrices (K, count, count) that move a line of `count` cells by `shifts` (K,), in halves of its length.

    What `grid_sample` (corners not aligned) does for coordinates that run from -1 + shift to 1 + shift over the cells: linear
    interpolation, zero outside.
    """
    wanted = torch.linspace(-1, 1, count) + shifts[:, None]
    places = ((wanted + 1) * count - 1) / 2
    return (1 - (places[:, :, None] - torch.arange(count)).abs()).clamp_(min=0)


class CpuDenseMotion:
    """See `one_shot.dense_motion.DenseMotionNetwork`."""

    def __init__(self, network: DenseMotionNetwork, workspace: Workspace) -> None:
        encoder, decoder = network.hourglass.encoder, network.hourglass.decoder
        self.down = [TiledConvolution(*folded(block.conv, block.norm), workspace) for block in encoder.down_blocks]
        self.up = [StretchedConvolution(*folded(block.conv, block.norm), workspace) for block in decoder.up_blocks]
        self.last = TiledConvolution(*folded(decoder.conv, decoder.norm), workspace)
        self.smallest_weight = network.smallest_weight
        self.ends = MaskAndOcclusion(*folded(network.mask), *folded(network.occlusion))

    def __call__(self, compressed: Tensor, driving: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """Flow (D, H, W, 3) and occlusion (H, W) in (0, 1) of one frame.

        compressed: (C, D, H, W), the feature volume in few channels; driving, source: key points (K, 3).
        """
        prediction = self.hourglass(self.evidence(compressed, driving, source))
        logits, occlusion = self.ends(prediction)
        flow = mixed_flow(logits.permute(3, 0, 1, 2)[None], driving[None], source[None], self.smallest_weight)[0]
        return flow.contiguous(), occlusion.sigmoid()

    @staticmethod
    def evidence(compressed: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """What the hourglass sees, (D, H, W, (K + 1) (1 + C)): see `DenseMotionNetwork.evidence`.

        Every candidate flow is the grid plus one shift, so that the interpolation is a matrix product along each axis.
        """
        channels, depth, height, width = compressed.shape
        shifts = torch.cat([torch.zeros(1, 3), source - driving])
        along_x, along_y, along_z = (shift_matrices(count, shifts[:, i]) for i, count in enumerate((width, height, depth)))
        moved = compressed.reshape(-1, width) @ along_x.flatten(0, 1).t()
        moved = moved.view(channels * depth, height, len(shifts), width).permute(2, 1, 0, 3).flatten(2)
        moved = torch.bmm(along_y, moved).view(len(shifts), height, channels, depth, width)
        moved = torch.bmm(along_z, moved.permute(0, 3, 1, 4, 2).flatten(2)).view(len(shifts), depth, height, width, channels)
        out = torch.zeros(depth, height, width, len(shifts), 1 + channels)
        size = (depth, height, width)
        out[:, :, :, 1:, 0] = (keypoint_heatmaps(driving, size) - keypoint_heatmaps(source, size)).permute(1, 2, 3, 0)
        out[..., 1:] = moved.permute(1, 2, 3, 0, 4)
        return out.flatten(3)

    def hourglass(self, x: Tensor) -> Tensor:
        """(D, H, W, C) -> (D, H, W, first width + C)."""
        steps = [x]
        for down in self.down:
            steps.append(down.halved(steps[-1]))
        out = steps.pop()
        for up in self.up:
            out = torch.cat([up(out, 2, 0.0), steps.pop()], dim=3)
        return self.last(out, slope=0.0)
