"""Dense motion of face-vid2vid: from a few key points to where every cell of the feature volume comes from.

Wang, Mallya, Liu, "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing" (CVPR 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from neural.one_shot.blocks import DownBlock3d, UpBlock3d, doubling_widths
from neural.one_shot.geometry import coordinate_grid, keypoint_heatmaps


@dataclass(frozen=True)
class DenseMotion:
    """deformation: (B, D, H, W, 3), where in the source each cell comes from, x, y, z in about [-1, 1].
    occlusion: (B, 1, H, W) in (0, 1), how much of it can be seen in the source."""

    deformation: Tensor
    occlusion: Tensor


class HourglassEncoder(nn.Module):
    """Halves the pictures of a volume again and again and keeps every step."""

    def __init__(self, in_channels: int, widths: list[int]) -> None:
        super().__init__()
        self.down_blocks = nn.ModuleList(
            DownBlock3d(in_channels if i == 0 else widths[i], widths[i + 1]) for i in range(len(widths) - 1)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        """The input and every halving of it, largest first."""
        steps = [x]
        for block in self.down_blocks:
            steps.append(block(steps[-1]))
        return steps


class HourglassDecoder(nn.Module):
    """Doubles the pictures again, each time beside the encoder's step of that size."""

    def __init__(self, in_channels: int, widths: list[int]) -> None:
        super().__init__()
        deepest = len(widths) - 2
        self.up_blocks = nn.ModuleList(
            UpBlock3d(widths[i + 1] * (1 if i == deepest else 2), widths[i]) for i in range(deepest, -1, -1)
        )
        channels = widths[0] + in_channels
        self.conv = nn.Conv3d(channels, channels, kernel_size=3, padding=1)
        self.norm = nn.BatchNorm3d(channels)

    def forward(self, steps: list[Tensor]) -> Tensor:
        """(B, first width + input channels, D, H, W) from the encoder's steps, largest first."""
        out = steps[-1]
        for block, skip in zip(self.up_blocks, reversed(steps[:-1]), strict=True):
            out = torch.cat([block(out), skip], dim=1)
        return F.relu(self.norm(self.conv(out)))


class Hourglass(nn.Module):
    """Encoder and decoder: (B, C, D, H, W) -> (B, first width + C, D, H, W)."""

    def __init__(self, in_channels: int, first_width: int, blocks: int, largest_width: int) -> None:
        super().__init__()
        widths = doubling_widths(first_width, blocks, largest_width)
        self.encoder = HourglassEncoder(in_channels, widths)
        self.decoder = HourglassDecoder(in_channels, widths)
        self.out_channels = first_width + in_channels

    def forward(self, x: Tensor) -> Tensor:
        """See the class."""
        out: Tensor = self.decoder(self.encoder(x))
        return out


class DenseMotionNetwork(nn.Module):
    """Key points -> one candidate flow each, and one that stands still -> an hourglass weighs them cell by cell -> one flow."""

    def __init__(
        self,
        keypoints: int,
        channels: int,
        depth: int,
        compressed: int,
        first_width: int,
        blocks: int,
        largest_width: int,
        smallest_weight: float,
    ) -> None:
        """smallest_weight: below it a key point has no say about a cell; 0: each has its own, however small."""
        super().__init__()
        self.smallest_weight = smallest_weight
        self.hourglass = Hourglass((keypoints + 1) * (compressed + 1), first_width, blocks, largest_width)
        self.mask = nn.Conv3d(self.hourglass.out_channels, keypoints + 1, kernel_size=7, padding=3)
        self.compress = nn.Conv3d(channels, compressed, kernel_size=1)
        self.norm = nn.BatchNorm3d(compressed)
        self.occlusion = nn.Conv2d(self.hourglass.out_channels * depth, 1, kernel_size=7, padding=3)

    def forward(self, feature: Tensor, driving: Tensor, source: Tensor) -> DenseMotion:
        """Motion from the key points `source` to `driving`, both (B, K, 3), for the feature volume (B, C, D, H, W)."""
        return self.weigh(self.evidence(self.compressed(feature), driving, source), driving, source)

    def compressed(self, feature: Tensor) -> Tensor:
        """The feature volume in few channels: (B, C, D, H, W) -> (B, compressed, D, H, W). The same for every frame of a film."""
        return F.relu(self.norm(self.compress(feature)))

    def evidence(self, compressed: Tensor, driving: Tensor, source: Tensor) -> Tensor:
        """What the hourglass sees (B, (K + 1) (1 + compressed), D, H, W): for each candidate flow the change of the point's heat
        map and the volume as that flow would move it. `compressed` may be of batch 1 for all frames.

        Coordinates keep the key points' precision; the result has that of `compressed`.
        """
        size = (compressed.shape[2], compressed.shape[3], compressed.shape[4])
        flows = candidate_flows(driving, source, size)
        batch, candidates = flows.shape[:2]
        # One grid_sample call for all candidates: they lie one behind the other along depth.
        volumes = compressed.to(flows.dtype).expand(batch, -1, -1, -1, -1)
        moved = F.grid_sample(volumes, flows.flatten(1, 2), align_corners=False)
        moved = moved.unflatten(2, (candidates, size[0])).transpose(1, 2)
        heat = keypoint_heatmaps(driving, size) - keypoint_heatmaps(source, size)
        heat = torch.cat([torch.zeros_like(heat[:, :1]), heat], dim=1)
        return torch.cat([heat[:, :, None], moved], dim=2).flatten(1, 2).to(compressed.dtype)

    def weigh(self, evidence: Tensor, driving: Tensor, source: Tensor) -> DenseMotion:
        """Flow and occlusion from what `evidence` gave."""
        prediction = self.hourglass(evidence)
        occlusion = torch.sigmoid(self.occlusion(prediction.flatten(1, 2)))
        return DenseMotion(mixed_flow(self.mask(prediction).to(driving.dtype), driving, source, self.smallest_weight), occlusion)


def candidate_flows(driving: Tensor, source: Tensor, size: tuple[int, int, int]) -> Tensor:
    """Where each cell would come from if one key point alone moved the volume: (B, K + 1, D, H, W, 3); the first stands still."""
    grid = coordinate_grid(size, driving)
    shifts = torch.cat([torch.zeros_like(source[:, :1]), source - driving], dim=1)
    return grid + shifts[:, :, None, None, None, :]


def mixed_flow(logits: Tensor, driving: Tensor, source: Tensor, smallest_weight: float) -> Tensor:
    """Flow (B, D, H, W, 3): the candidates weighed by the softmax of logits (B, K + 1, D, H, W), small weights left out.

    Every candidate is the grid plus a shift, so their mixture is the grid times the sum of weights plus the mixture of shifts.
    """
    weights = logits.softmax(dim=1)
    if smallest_weight > 0:
        weights = torch.where(weights < smallest_weight, 0.0, weights)
    shifts = torch.cat([torch.zeros_like(source[:, :1]), source - driving], dim=1)
    grid = coordinate_grid((logits.shape[2], logits.shape[3], logits.shape[4]), logits)
    moved = torch.einsum("bkdhw,bkc->bdhwc", weights, shifts)
    return grid * weights.sum(dim=1)[..., None] + moved
