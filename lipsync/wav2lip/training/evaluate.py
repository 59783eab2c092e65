"""How well trained networks do with people that they have never seen: does the expert tell lips that are in step, and do drawn
lips move as the real ones did?
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from core.contracts import ByteArray, FloatArray
from lipsync.wav2lip.lips import agreement, blue_first, seen
from lipsync.wav2lip.networks.expert import LipSyncExpert
from lipsync.wav2lip.training.dataset import Clip, drawn_stretch
from lipsync.wav2lip.training.losses import five_mouths

#: Where a crop has its mouth.
MOUTH = np.s_[:, 54:92, 22:74]
#: A cosine of the expert from which on it says that lips and sound belong together.
TOGETHER = 0.5
#: Frames by which the sound is moved to see where it fits best.
FARTHEST = 5


@dataclass(frozen=True)
class ExpertFigures:
    """chosen: share of stretches with whose own sound the expert agrees more than with that of another time. right: share of
    pairs, half in step and half not, of which it says the right thing. agreements: mean cosine by shift of the sound, from
    -FARTHEST to FARTHEST frames (above 0: the sound of later)."""

    chosen: float
    right: float
    agreements: tuple[float, ...]

    @property
    def best_shift(self) -> int:
        """Frames by which the sound is moved where it fits best; 0 for an expert that is in step."""
        return int(np.argmax(self.agreements)) - FARTHEST


def expert_figures(expert: LipSyncExpert, clips: Sequence[Clip], count: int = 300, seed: int = 0) -> ExpertFigures:
    """Ask the expert about `count` stretches of clips, and about all of them with their sound moved."""
    chance = np.random.default_rng([seed, 9])
    own, others = [], []
    expert.eval()
    with torch.inference_mode():
        for _ in range(count):
            clip, start, other = drawn_stretch(clips, chance)
            mouths = five_mouths(clip.frames(start)[None]).expand(2, -1, -1, -1)
            heard, shown = expert(torch.from_numpy(clip.windows[[start, other]]), mouths)
            cosines = (heard * shown).sum(dim=1).tolist()
            own.append(cosines[0])
            others.append(cosines[1])
    apart = np.array([own, others])
    right = ((apart[0] > TOGETHER).mean() + (apart[1] <= TOGETHER).mean()) / 2
    return ExpertFigures(float((apart[0] > apart[1]).mean()), float(right), shifted_agreements(expert, clips))


def shifted_agreements(expert: LipSyncExpert, clips: Sequence[Clip]) -> tuple[float, ...]:
    """Mean cosine for each shift of the sound; see `ExpertFigures`."""
    means = []
    for shift in range(-FARTHEST, FARTHEST + 1):
        scores = [agreement(expert, *shifted(clip.crops, clip.windows, shift)) for clip in clips]
        means.append(float(np.concatenate(scores).mean()))
    return tuple(means)


def shifted(crops: ByteArray, windows: FloatArray, shift: int) -> tuple[ByteArray, FloatArray]:
    """The frames (T', 96, 96, 3) that have a window when all windows come `shift` frames later, and their windows."""
    first, last = max(0, -shift), min(len(crops), len(crops) - shift)
    return np.array(crops[first:last]), windows[first + shift : last + shift]


@dataclass(frozen=True)
class LipFigures:
    """likeness: mean difference to the real lower halves, in levels of 255, less is better. movement: correlation of the drawn
    mouths' movement with the real ones', 1 at best. agreement: mean cosine of an expert, with the drawn lips and their sound."""

    likeness: float
    movement: float
    agreement: float


def lip_figures(generator: nn.Module, expert: LipSyncExpert, clips: Sequence[Clip]) -> LipFigures:
    """Let the generator draw all clips, seeing of each person nothing but the first picture, and compare."""
    differences, movements, agreements = [], [], []
    for clip in clips:
        drawn, real = drawn_clip(generator, clip), np.asarray(clip.crops)
        differences.append(np.abs(drawn[:, 48:].astype(np.float32) - real[:, 48:]).mean())
        movements.append(movement_correlation(drawn, real))
        agreements.append(agreement(expert, drawn, clip.windows).mean())
    return LipFigures(*(float(np.mean(each)) for each in (differences, movements, agreements)))


def drawn_clip(generator: nn.Module, clip: Clip, batch: int = 20) -> ByteArray:
    """(T, 96, 96, 3) uint8 RGB: the clip's frames with new lower halves; beside each the generator sees the first picture."""
    generator.eval()
    first = clip.frames(0, 1)
    drawn = []
    with torch.inference_mode():
        for start in range(0, len(clip), batch):
            frames = blue_first(torch.from_numpy(np.array(clip.crops[start : start + batch])))
            hidden = seen(frames, whole_first=False)[:, :3]
            sound = torch.from_numpy(clip.windows[start : start + batch])
            pictures = generator(sound, torch.cat([hidden, first.expand_as(frames)], dim=1))
            drawn.append((pictures.flip(1) * 255).round().clamp(0, 255).to(torch.uint8).permute(0, 2, 3, 1).numpy())
    return np.concatenate(drawn)


def movement_correlation(drawn: ByteArray, real: ByteArray) -> float:
    """How alike two films (T, 96, 96, 3) of one mouth move: correlation of what each pixel there does around its mean."""
    first, second = (film[MOUTH].astype(np.float32).mean(axis=3) for film in (drawn, real))
    first, second = first - first.mean(axis=0), second - second.mean(axis=0)
    power = float(np.sqrt(np.square(first).sum() * np.square(second).sum()))
    return float((first * second).sum()) / power if power > 0 else 0.0
