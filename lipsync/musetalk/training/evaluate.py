"""How well MuseTalk's trained networks do with people that they have never seen: does the expert tell lips that are in step, and
are drawn mouths like the real ones, as sharp, and as lively?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import torch

from core.contracts import ByteArray, FloatArray
from lipsync.musetalk.networks.sync_expert import SyncExpert
from lipsync.musetalk.networks.unet import UNet
from lipsync.musetalk.networks.vae import SCALE, Vae
from lipsync.musetalk.runner import as_bytes, lower_half_black
from lipsync.musetalk.sound import order_of_rows
from lipsync.musetalk.training.dataset import Clip, as_pictures, drawn_clip
from lipsync.musetalk.training.settings import V15_MARGIN_PX
from lipsync.sync_rows import APART

#: Frames of each clip that are drawn for the figures.
LOOKED_AT = 100


def chosen_share(expert: SyncExpert, clips: Sequence[Clip], count: int = 100, seed: int = 0) -> float:
    """Share of stretches of clips with whose own sound the expert agrees more than with that of another time of the clip."""
    chance = np.random.default_rng([seed, 9])
    device = expert.layers.weight.device
    right = 0
    expert.eval()
    for _ in range(count):
        clip = drawn_clip(clips, chance)
        starts = np.arange(len(clip) - expert.frames + 1)
        start = int(chance.choice(starts))
        other = int(chance.choice(starts[np.abs(starts - start) >= APART]))
        frames = as_pictures(clip.squares(range(start, start + expert.frames), V15_MARGIN_PX))[None].expand(2, -1, -1, -1, -1)
        sound = torch.from_numpy(np.stack([clip.rows(first, expert.frames) for first in (start, other)]))
        with torch.inference_mode():
            heard, shown = expert(sound.to(device), frames.to(device))
        own, wrong = (heard * shown).sum(dim=1).tolist()
        right += own > wrong
    return right / count


@dataclass(frozen=True)
class LipFigures:
    """likeness: mean difference to the real lower halves, in levels of 255, less is better. sharpness: detail of the drawn mouths
    in parts of the real ones', 1 at best: MuseTalk's are known to be blurred. movement: correlation of what each pixel does there
    around its mean with what the real one does, 1 at best."""

    likeness: float
    sharpness: float
    movement: float


def lip_figures(unet: UNet, vae: Vae, clips: Sequence[Clip]) -> LipFigures:
    """Let the U-Net draw the beginnings of clips, seeing of each person nothing but the first picture, and compare."""
    rows = []
    for clip in clips:
        real = clip.squares(range(min(len(clip), LOOKED_AT)), V15_MARGIN_PX)
        mouths, true = (film[:, film.shape[1] // 2 :] for film in (drawn_faces(unet, vae, clip, real), real))
        difference = np.abs(mouths.astype(np.float32) - true).mean()
        rows.append((difference, detail(mouths) / max(detail(true), 1e-6), movement(mouths, true)))
    return LipFigures(*(float(each) for each in np.mean(rows, axis=0)))


def drawn_faces(unet: UNet, vae: Vae, clip: Clip, real: ByteArray, batch: int = 8) -> ByteArray:
    """(T, side, side, 3) uint8: the first T frames with new lower halves."""
    device = unet.conv_in.weight.device
    features = torch.from_numpy(clip.features(0, len(real)) + order_of_rows())
    unet.eval()
    drawn = []
    with torch.inference_mode():
        beside = vae.encode(as_pictures(real[:1]).to(device))[0]
        for first in range(0, len(real), batch):
            faces = as_pictures(real[first : first + batch]).to(device)
            hidden = vae.encode(lower_half_black(faces))[0]
            latents = torch.cat([hidden, beside.expand_as(hidden)], dim=1) * SCALE
            found = unet(latents, features[first : first + batch].to(device))
            drawn.append(as_bytes(vae.decode(found / SCALE)).permute(0, 2, 3, 1).cpu().numpy())
    return np.concatenate(drawn)


def detail(film: ByteArray) -> float:
    """Mean strength of edges in pictures (T, H, W, 3): of the Laplacian of their brightness, in levels."""
    return float(np.mean([np.abs(cv2.Laplacian(cv2.cvtColor(each, cv2.COLOR_RGB2GRAY), cv2.CV_32F)).mean() for each in film]))


def movement(drawn: ByteArray, real: ByteArray) -> float:
    """How alike two films (T, H, W, 3) of one mouth move; 0 where one of them does not."""
    first, second = (around_its_mean(film) for film in (drawn, real))
    power = float(np.sqrt(np.square(first).sum() * np.square(second).sum()))
    return float((first * second).sum()) / power if power > 0 else 0.0


def around_its_mean(film: ByteArray) -> FloatArray:
    """(T, H, W) what each pixel's brightness does."""
    grey = film.astype(np.float32).mean(axis=3)
    return np.asarray(grey - grey.mean(axis=0), np.float32)
