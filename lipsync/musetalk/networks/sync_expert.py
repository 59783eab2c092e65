"""Tells whether the mouths of some frames and what Whisper hears belong together, for the second stage of MuseTalk's training.

A SyncNet (Chung and Zisserman, "Out of Time: Automated Lip Sync in the Wild", 2016) of as many frames as the stage draws in turn;
it hears what MuseTalk hears, so that a clip needs no other sound.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from lipsync.musetalk.sound import LAYERS, WIDTH

#: Lower halves of faces as they are seen, high and wide.
MOUTH = (64, 128)


def folded(channels_in: int, channels_out: int, size: int, step: int) -> nn.Sequential:
    """Convolution, norm, ReLU over a picture."""
    return nn.Sequential(nn.Conv2d(channels_in, channels_out, size, step, size // 2), nn.BatchNorm2d(channels_out), nn.ReLU())


def in_time(channels_in: int, channels_out: int, step: int) -> nn.Sequential:
    """Convolution, norm, ReLU over time."""
    return nn.Sequential(nn.Conv1d(channels_in, channels_out, 3, step, 1), nn.BatchNorm1d(channels_out), nn.ReLU())


class SyncExpert(nn.Module):
    """Sound (B, 2 F, 5, 384) and faces (B, F, 3, side, side) in [-1, 1] to a place (B, C) for each, of length 1 and nowhere below
    0, so that their cosine, 0 to 1, is how much they belong together."""

    def __init__(self, frames: int = 16, width: int = 32) -> None:
        """frames: F, of a stretch. width: channels of the first convolution; C is sixteen times that."""
        super().__init__()
        w2, w4, w8, w16 = (width * times for times in (2, 4, 8, 16))
        self.frames = frames
        self.face_encoder = nn.Sequential(
            folded(3 * frames, width, 7, 1),
            folded(width, w2, 5, 2),
            folded(w2, w2, 3, 1),
            folded(w2, w4, 3, 2),
            folded(w4, w4, 3, 1),
            folded(w4, w8, 3, 2),
            folded(w8, w8, 3, 2),
            folded(w8, w16, 3, 2),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
            nn.Linear(w16, w16),
            nn.ReLU(),
        )
        self.layers = nn.Linear(LAYERS, 1, bias=False)
        nn.init.constant_(self.layers.weight, 1 / LAYERS)
        self.sound_encoder = nn.Sequential(
            in_time(WIDTH, w8, 1),
            in_time(w8, w8, 2),
            in_time(w8, w16, 2),
            nn.Flatten(),
            nn.Linear(w16 * -(-frames // 2), w16),
            nn.ReLU(),
        )

    def forward(self, sound: Tensor, faces: Tensor) -> tuple[Tensor, Tensor]:
        """See the class: the sound's place, then the mouths'."""
        lower = faces[..., faces.shape[-2] // 2 :, :].flatten(1, 2)
        mouths = F.interpolate(lower, MOUTH, mode="bilinear", align_corners=False)
        rows = self.layers(sound.transpose(2, 3))[..., 0].transpose(1, 2)
        return F.normalize(self.sound_encoder(rows)), F.normalize(self.face_encoder(mouths))
