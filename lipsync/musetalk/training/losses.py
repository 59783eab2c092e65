"""Losses of MuseTalk's training: pixels, what a network sees of them at several sizes, judges of patches, and the expert."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.networks.patch_judge import PatchJudge
from lipsync.musetalk.networks.sync_expert import SyncExpert
from lipsync.sync_losses import agreement_loss


def perceptual_loss(eyes: nn.Module, drawn: Tensor, real: Tensor, scales: Sequence[float]) -> Tensor:
    """Mean difference of what `eyes` see of pictures (N, 3, H, W), summed over layers and sizes. The real ones need no slope."""
    total = drawn.new_zeros(())
    for scale in scales:
        size = [max(1, round(side * scale)) for side in drawn.shape[2:]]
        small, true = (F.interpolate(each, size, mode="bilinear", antialias=True) for each in (drawn, real))
        with torch.no_grad():
            wanted = eyes(true)
        for seen, told in zip(eyes(small), wanted, strict=True):
            total = total + F.l1_loss(seen, told)
    return total


def judged_loss(judge: PatchJudge, drawn: Tensor, real: Tensor, features: float) -> Tensor:
    """How surely the judge tells pictures (N, 3, H, W) as drawn (Mao et al., "Least Squares GAN", ICCV 2017), and `features`
    times how otherwise it sees them than the real ones on its way (Wang et al., "pix2pixHD", CVPR 2018)."""
    marks, seen = judge(drawn)
    with torch.no_grad():
        _, wanted = judge(real)
    differences = [F.l1_loss(each, true) for each, true in zip(seen, wanted, strict=True)]
    return (1 - marks).square().mean() + features * torch.stack(differences).sum()


def judge_loss(judge: PatchJudge, drawn: Tensor, real: Tensor) -> Tensor:
    """How badly the judge tells real pictures from drawn ones (N, 3, H, W), which must be detached."""
    marks, invented = judge(real)[0], judge(drawn)[0]
    return ((1 - marks).square().mean() + invented.square().mean()) / 2


def sync_loss(expert: SyncExpert, rows: Tensor, drawn: Tensor) -> Tensor:
    """How little the expert takes faces (B, F, 3, side, side) and sound (B, 2 F, 5, 384) to belong together."""
    heard, shown = expert(rows, drawn)
    return agreement_loss(heard, shown, torch.ones_like(heard[:, 0]))


def lower_half(pictures: Tensor) -> Tensor:
    """The mouth's half of pictures (N, 3, H, W)."""
    return pictures[..., pictures.shape[-2] // 2 :, :]
