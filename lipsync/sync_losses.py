"""Losses of experts that tell whether lips and a sound belong together, as the trainings of several engines use them."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

#: Keeps a logarithm from what it has no value for.
EDGE = 1e-6


def agreement_loss(heard: Tensor, shown: Tensor, together: Tensor) -> Tensor:
    """Binary cross entropy of the cosine of places (B, C), each of length 1, against `together` (B,), 1 or 0."""
    cosine = (heard * shown).sum(dim=1).clamp(EDGE, 1 - EDGE)
    return F.binary_cross_entropy(cosine, together)


def row_loss(heard: Tensor, shown: Tensor) -> Tensor:
    """The same of rows of places (R, K, C), each sound against every mouth of its row: only those of one number are together.

    Right and wrong pairs count alike, though there are K - 1 times as many wrong ones.
    """
    cosine = torch.einsum("rkc,rlc->rkl", heard, shown).clamp(EDGE, 1 - EDGE)
    right = torch.eye(cosine.shape[1], dtype=torch.bool, device=cosine.device).expand_as(cosine)
    return -(cosine[right].log().mean() + (1 - cosine[~right]).log().mean()) / 2
