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
from lipsync.wav2lip.training.dataset import STRETCH, Clip, drawn_stretch, elsewhere
from lipsync.wav2lip.training.losses import five_mouths

#: Where a crop has its mouth.
MOUTH = np.s_[:, 54:92, 22:74]
#: A cosine of the expert from which on it says that lips and sound belong together.
TOGETHER = 0.5
#: Frames by which the sound is moved to see where it fits best.
FARTHEST = 5
#: Stretches in turn that last a second together.
SECOND = 21


@dataclass(frozen=True)
class ExpertFigures:
    """chosen: share of stretches with whose own sound the expert agrees more than with that of another time of the clip.
    chosen_by_a_second: the same, its agreement being the mean over a second. right: share of pairs, half in step and half not, of
    which it says the right thing. agreements: mean cosine by shift of the sound, from -FARTHEST to FARTHEST frames (above 0: the
    sound of later)."""

    chosen: float
    chosen_by_a_second: float
    right: float
    agreements: tuple[float, ...]

    @property
    def best_shift(self) -> int:
        """Frames by which the sound is moved where it fits best; 0 for an expert that is in step."""
        return int(np.argmax(self.agreements)) - FARTHEST


def expert_figures(expert: LipSyncExpert, clips: Sequence[Clip], count: int = 300, seed: int = 0) -> ExpertFigures:
    """Ask the expert about `count` stretches of clips, and about all of them with their sound moved."""
    chance = np.random.default_rng([seed, 9])
    expert.eval()
    cosines = [all_cosines(expert, clip) for clip in clips]
    places = {id(clip): table for clip, table in zip(clips, cosines, strict=True)}
    own, others, seconds = [], [], []
    for _ in range(count):
        clip, start, other = drawn_stretch(clips, chance)
        table = places[id(clip)]
        own.append(table[start, start])
        others.append(table[other, start])
        starts = len(table) - SECOND + 1
        first = int(chance.integers(starts))
        shift = elsewhere(first, starts + STRETCH - 1, chance) - first
        shown = np.arange(first, first + SECOND)
        seconds.append(table[shown, shown].mean() > table[shown + shift, shown].mean())
    apart = np.array([own, others])
    right = ((apart[0] > TOGETHER).mean() + (apart[1] <= TOGETHER).mean()) / 2
    chosen = float((apart[0] > apart[1]).mean())
    return ExpertFigures(chosen, float(np.mean(seconds)), float(right), shifted_agreements(cosines))


def all_cosines(expert: LipSyncExpert, clip: Clip, batch: int = 32) -> FloatArray:
    """(T - 4, T - 4) how much the sound of each first frame (rows) belongs to each five frames (columns)."""
    heard, shown = [], []
    count = len(clip) - STRETCH + 1
    with torch.inference_mode():
        for first in range(0, count, batch):
            starts = range(first, min(first + batch, count))
            five = five_mouths(torch.stack([clip.frames(start) for start in starts]))
            places = expert(torch.from_numpy(clip.windows[starts.start : starts.stop]), five)
            heard.append(places[0])
            shown.append(places[1])
    return np.asarray((torch.cat(heard) @ torch.cat(shown).T).numpy(), np.float32)


def shifted_agreements(cosines: Sequence[FloatArray]) -> tuple[float, ...]:
    """Mean cosine for each shift of the sound; see `ExpertFigures`. cosines: of each clip, as `all_cosines` gives them."""
    return tuple(
        float(np.concatenate([table.diagonal(-shift) for table in cosines]).mean()) for shift in range(-FARTHEST, FARTHEST + 1)
    )


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
