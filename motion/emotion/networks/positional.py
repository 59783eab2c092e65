"""Dynamic positional encoding: where a frame stands in the whole sound, however long that is.

Source: "DEITalk: Speech-Driven 3D Facial Animation with Dynamic Emotional Intensity Modeling" (2024): sin and cos of
20 pi t / (T 10000^(2i/d)). Vaswani et al. (2017) count the frames themselves, so that frames of a longer sound than any that was
trained on stand where nothing ever stood; here the last frame has the same place in every sound.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from motion.emotion.positions import BASE, TURNS


def dynamic_positions(first_frame: Tensor, total_frames: Tensor, frames: int, channels: int) -> Tensor:
    """(B, frames, channels) float32 in [-1, 1]: even values are sines, odd ones the cosines of the same angle.

    first_frame: (B,) the frame of the whole sound that comes first here. total_frames: (B,) frames of the whole sound.
    """
    frame = first_frame[:, None].to(torch.float64) + torch.arange(frames, dtype=torch.float64)
    share = frame / total_frames[:, None].to(torch.float64)
    pairs = torch.arange(0, channels, 2, dtype=torch.float64)
    slowness = BASE ** (-pairs / channels)
    angle = (2.0 * math.pi * TURNS * share)[..., None] * slowness
    both = torch.stack([torch.sin(angle), torch.cos(angle)], dim=-1).flatten(-2)
    return both[..., :channels].to(torch.float32)
