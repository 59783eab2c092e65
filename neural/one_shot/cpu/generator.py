"""The generator for the CPU: the frames of `one_shot.generator.Generator`, one at a time, several times as fast."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from neural.one_shot.cpu.convolutions import TiledConvolution, Workspace
from neural.one_shot.cpu.dense_motion import CpuDenseMotion
from neural.one_shot.cpu.spade import CpuSpadeDecoder
from neural.one_shot.cpu.warp_kernels import warp_volume
from neural.one_shot.folding import fold_spectral_norms, folded
from neural.one_shot.generator import Generator


@dataclass(frozen=True)
class Appearance:
    """What is known of the portrait: volume (D, H, W, C), and the same in few channels, compressed (C', D, H, W)."""

    volume: Tensor
    compressed: Tensor


class CpuGenerator:
    """A `Generator` in evaluation mode, made ready for the CPU. It takes the generator over: its spectral norms are folded.

    The results differ from the plain network's by rounding alone, about 1e-5 of the largest value.
    """

    def __init__(self, network: Generator) -> None:
        fold_spectral_norms(network)
        workspace = Workspace()
        self.network = network
        self.dense_motion = CpuDenseMotion(network.dense_motion_network, workspace)
        weight, bias = folded(network.third.conv, network.third.norm)
        shape = network.shape
        # The warp writes channels fastest and depth slower, the published weight has it the other way round.
        weight = weight.unflatten(1, (shape.channels, shape.depth)).transpose(1, 2).flatten(1, 2)
        self.third = TiledConvolution(weight, bias, workspace)
        fourth, self.fourth_bias = folded(network.fourth)
        self.fourth = fourth[:, :, 0, 0].t().contiguous()
        self.decoder = CpuSpadeDecoder(network.decoder, workspace)

    def appearance(self, picture: Tensor) -> Appearance:
        """What is known of the portrait `picture` (1, 3, H, W) RGB in [0, 1]; once for all frames."""
        volume = self.network.appearance(picture)
        compressed = self.network.dense_motion_network.compressed(volume)
        return Appearance(volume[0].permute(1, 2, 3, 0).contiguous(), compressed[0].contiguous())

    def frame(self, appearance: Appearance, driving: Tensor, source: Tensor) -> Tensor:
        """The frame (H, W, 3) RGB in (0, 1), with the key points moved from `source` to `driving`, both (K, 3)."""
        flow, occlusion = self.dense_motion(appearance.compressed, driving, source)
        return self.decoder(self.features(appearance.volume, flow, occlusion))

    def features(self, volume: Tensor, flow: Tensor, occlusion: Tensor) -> Tensor:
        """What the decoder draws (1, H/4, W/4, 256): the volume moved and flattened, darkened where hidden."""
        depth, height, width, channels = volume.shape
        moved = torch.empty(height, width, depth, channels)
        warp_volume(volume.numpy(), flow.numpy(), moved.numpy())
        out = self.third(moved.flatten(2)[None], slope=self.network.third.negative_slope)
        out = torch.addmm(self.fourth_bias, out.flatten(0, 2), self.fourth).view(1, height, width, -1)
        return out.mul_(occlusion[None, :, :, None])
