"""Faces in other light and at other places, and sound of other rooms: a small set of people stands for more of them.

`variety` is how much: 0 mirrors and changes nothing else, 1 changes as much as real films differ. What is drawn together is
changed alike, so that no change tells lips that are in step from others.
"""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

#: At a variety of 1, most: of the light as a power of e, of each colour beside it, and of the contrast's exponent.
LIGHT, COLOUR, GAMMA = 0.3, 0.15, 0.35
#: Likewise of size, of the turn in rad, and of the shift in sides of the picture.
SIZE, TURN, SHIFT = 0.12, 0.12, 0.06
#: Likewise of loudness, and of low tones against high ones, in the spectrogram's units (12.5 dB each).
LOUDNESS, TILT = 0.6, 0.6


def varied_frames(frames: Tensor, chance: np.random.Generator, variety: float) -> Tensor:
    """Frames (..., 3, H, W) in 0..1 changed all alike, and mirrored half of the time."""
    if chance.integers(2):
        frames = frames.flip(-1)
    if not variety:
        return frames
    lit = in_other_light(frames, chance, variety)
    return at_other_place(lit, chance, variety)


def in_other_light(frames: Tensor, chance: np.random.Generator, variety: float) -> Tensor:
    """Frames (..., 3, H, W) darker or lighter, of another tint and contrast."""
    gain = np.exp(variety * (chance.uniform(-LIGHT, LIGHT) + chance.uniform(-COLOUR, COLOUR, 3)))
    power = float(np.exp(variety * chance.uniform(-GAMMA, GAMMA)))
    return (frames.pow(power) * torch.from_numpy(gain).float()[:, None, None]).clamp(0, 1)


def at_other_place(frames: Tensor, chance: np.random.Generator, variety: float) -> Tensor:
    """Frames (..., 3, H, W) as a face finder might have cut them otherwise: turned, shifted, larger or smaller."""
    size, turn = np.exp(variety * chance.uniform(-SIZE, SIZE)), variety * chance.uniform(-TURN, TURN)
    # sampling places run from -1 to 1 across a picture
    right, down = 2 * variety * chance.uniform(-SHIFT, SHIFT, 2)
    cos, sin = size * np.cos(turn), size * np.sin(turn)
    places = torch.tensor([[[cos, -sin, right], [sin, cos, down]]], dtype=torch.float32)
    height, width = frames.shape[-2:]
    picture = frames.reshape(1, -1, height, width)
    grid = F.affine_grid(places, [1, 1, height, width], align_corners=False)
    moved = F.grid_sample(picture, grid, padding_mode="border", align_corners=False)
    return moved.reshape(frames.shape)


def varied_sound(windows: Tensor, chance: np.random.Generator, variety: float) -> Tensor:
    """Windows (..., 80, hops) in -4..4 of a louder or softer, brighter or duller sound, all alike."""
    if not variety:
        return windows
    tilt = torch.linspace(-1, 1, windows.shape[-2])[:, None] * float(variety * chance.uniform(-TILT, TILT))
    return (windows + tilt + float(variety * chance.uniform(-LOUDNESS, LOUDNESS))).clamp(-4, 4)
