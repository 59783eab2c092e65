"""What Wav2Lip's networks are taught by: agreement of lips and sound, likeness, and the judge of pictures.

Prajwal et al., "A Lip Sync Expert Is All You Need for Speech to Lip Generation In the Wild" (ACM Multimedia 2020), and for
LipGAN's "Towards Automatic Face-to-Face Translation" (ACM Multimedia 2019).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.sync_losses import agreement_loss
from lipsync.wav2lip.lips import LOWER_HALF
from lipsync.wav2lip.networks.discriminator import PictureJudge


@dataclass(frozen=True)
class GeneratorWeights:
    """Parts of the generator's loss; likeness has the rest. The published ones, but where no expert is asked they are 0.

    agreement: of the expert. picture: of the judge of pictures.
    """

    agreement: float = 0.03
    picture: float = 0.07

    @property
    def likeness(self) -> float:
        """Of the mean difference to the real pictures."""
        return 1.0 - self.agreement - self.picture


def five_mouths(frames: Tensor) -> Tensor:
    """(..., 3 T, 48, 96) the lower halves of frames (..., T, 3, 96, 96) as the expert sees them."""
    return frames[..., LOWER_HALF, :].flatten(-4, -3)


def picture_loss(judge: PictureJudge, drawn: Tensor) -> Tensor:
    """How surely the judge tells drawn faces (N, 3, 96, 96) from photographs."""
    logits = judge(drawn[..., LOWER_HALF, :])
    return F.binary_cross_entropy_with_logits(logits, torch.ones_like(logits))


def judge_loss(judge: PictureJudge, real: Tensor, drawn: Tensor) -> Tensor:
    """How badly the judge tells real faces (N, 3, 96, 96) from drawn ones, which must be detached."""
    seen, invented = (judge(faces[..., LOWER_HALF, :]) for faces in (real, drawn))
    return F.binary_cross_entropy_with_logits(seen, torch.ones_like(seen)) + F.binary_cross_entropy_with_logits(
        invented, torch.zeros_like(invented)
    )


def pair_loss(judge: nn.Module, sound: Tensor, faces: Tensor, together: Tensor) -> Tensor:
    """LipGAN's judge of single frames: whether sound windows (N, 1, 80, 16) and faces (N, 3, 96, 96) belong together, against
    `together` (N,)."""
    heard, shown = judge(sound, faces[..., LOWER_HALF, :])
    return agreement_loss(heard, shown, together)
