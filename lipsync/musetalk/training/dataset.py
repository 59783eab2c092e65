"""Large crops of faces that speak, with what Whisper hears, and batches of them.

A clip is a folder. `crops.npy` (T, 320, 320, 3) uint8 RGB at 25 frames a second: MuseTalk's square, from its upper edge to the
lowest point of the face, and `BELOW` of its height more, so that a square may end anywhere there. `heights.npy` (T,) float32: how
high the square without that is in the film's pixels. `poses.npy` (T, 3) float32: turns of the head in degrees. `mouths.npy`
(T, 40) float32: points of the lips, in heights of the square, around their middle. `heard.npy` (rows, 5, 384) float16: Whisper's
rows, 50 a second, which begin with the first crop. `facts.json`: whose face it is. All but the facts stay in their files.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.lib.format import open_memmap
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from core.messages import as_written
from lipsync.musetalk.sound import features_of, rows_of_frames
from lipsync.musetalk.training.settings import DataSettings

FPS, ROWS_A_FRAME = 25.0, 2
#: What is kept below the face, in heights of the square, and frames that the shortest clip has.
BELOW, LEAST_FRAMES = 0.25, 60
FACTS_NAME, CROPS_NAME = "facts.json", "crops.npy"
#: Numbers by frame.
NUMBERS = ("heights", "poses", "mouths")


@dataclass(frozen=True)
class Clip:
    """One person's face in one piece; see the module."""

    person: str
    crops: ByteArray
    heights: FloatArray
    poses: FloatArray
    mouths: FloatArray
    heard: FloatArray

    def __len__(self) -> int:
        return len(self.crops)

    @property
    def side(self) -> int:
        """Of the square that the networks see, in pixels."""
        return round(self.crops.shape[1] / (1 + BELOW))

    def squares(self, numbers: Iterable[int], margin_px: float) -> ByteArray:
        """(n, side, side, 3) the squares of some frames that end so many pixels of the film below the face, `BELOW` at most."""
        made = []
        for number in numbers:
            share = min(max(0.0, margin_px / float(self.heights[number])), BELOW)
            part = np.asarray(self.crops[number][: round(self.side * (1 + share))])
            made.append(cv2.resize(part, (self.side, self.side), interpolation=cv2.INTER_AREA))
        return np.stack(made)

    def features(self, first: int, count: int) -> FloatArray:
        """(count, 50, 384) what the U-Net hears with frames in turn."""
        rows = rows_of_frames(first + count, len(self.heard), FPS)[first:]
        return features_of(np.asarray(self.heard, np.float32), rows)

    def rows(self, first: int, count: int) -> FloatArray:
        """(2 count, 5, 384) Whisper's rows of frames in turn; the last one stands where the sound has ended."""
        numbers = np.arange(ROWS_A_FRAME * first, ROWS_A_FRAME * (first + count))
        return np.asarray(self.heard[np.minimum(numbers, len(self.heard) - 1)], np.float32)


def write_clip(
    folder: Path, person: str, crops: Iterable[ByteArray], side: int, numbers: dict[str, FloatArray], heard: FloatArray
) -> None:
    """Write a clip into the new `folder`. crops: (side, side, 3). numbers: by the names of `NUMBERS`, (T, ...)."""
    folder.mkdir(parents=True)
    count = len(numbers["heights"])
    written = open_memmap(folder / CROPS_NAME, "w+", np.uint8, (count, side, side, 3))
    for number, crop in zip(range(count), crops, strict=True):
        written[number] = crop
    written.flush()
    for name in NUMBERS:
        np.save(folder / f"{name}.npy", numbers[name].astype(np.float32))
    np.save(folder / "heard.npy", heard.astype(np.float16))
    (folder / FACTS_NAME).write_text(json.dumps({"person": person}), encoding="utf-8")


def read_clips(folder: Path) -> list[Clip]:
    """All clips of a folder, in order of their names. Raises InputError where there is none."""
    clips = []
    for facts in sorted(folder.glob(f"*/{FACTS_NAME}")):
        there = {name: facts.with_name(f"{name}.npy") for name in ("crops", *NUMBERS, "heard")}
        arrays = {name: np.load(file, mmap_mode="r", allow_pickle=False) for name, file in there.items()}
        if len(arrays["crops"]) >= LEAST_FRAMES:
            clips.append(Clip(json.loads(facts.read_text(encoding="utf-8"))["person"], **arrays))
    if not clips:
        raise InputError(as_written(f"{folder} holds no clip of {LEAST_FRAMES} frames or more; make some with training.prepare."))
    return clips


@dataclass(frozen=True)
class Batch:
    """Stretches of frames in turn. frames, others: (B, F, 3, side, side) in [-1, 1]: as they are, and the picture of the same
    person that each is drawn beside. features: (B, F, 50, 384), of each frame. rows: (B, 2 F, 5, 384), of each stretch."""

    frames: Tensor
    others: Tensor
    features: Tensor
    rows: Tensor

    def to(self, device: torch.device) -> Batch:
        """The same on another device."""
        return Batch(*(each.to(device) for each in (self.frames, self.others, self.features, self.rows)))


def draw_batch(clips: Sequence[Clip], settings: DataSettings, chance: np.random.Generator) -> Batch:
    """So many stretches of the clips, a longer one more often."""
    parts: list[tuple[Tensor, ...]] = []
    for _ in range(settings.batch):
        clip = drawn_clip(clips, chance)
        first = int(chance.integers(len(clip) - settings.frames + 1))
        parts.append(stretch_of(clip, first, settings, chance))
    return Batch(*(torch.stack(each) for each in zip(*parts, strict=True)))


def stretch_of(clip: Clip, first: int, settings: DataSettings, chance: np.random.Generator) -> tuple[Tensor, ...]:
    """Frames, others, features and rows of one stretch; see `Batch`. One margin holds for all of it."""
    numbers = range(first, first + settings.frames)
    margin_px = chance.normal(settings.margin_px, settings.margin_spread_px)
    others = [reference_of(clip, number, settings, chance) for number in numbers]
    pictures = [as_pictures(clip.squares(each, margin_px)) for each in (numbers, others)]
    if settings.mirrored and chance.integers(2):
        pictures = [each.flip(-1) for each in pictures]
    sound = clip.features(first, settings.frames), clip.rows(first, settings.frames)
    return (*pictures, *(torch.from_numpy(each) for each in sound))


def drawn_clip(clips: Sequence[Clip], chance: np.random.Generator) -> Clip:
    """One of the clips, a longer one more often."""
    lengths = np.array([len(clip) for clip in clips], float)
    return clips[int(chance.choice(len(clips), p=lengths / lengths.sum()))]


def reference_of(clip: Clip, number: int, settings: DataSettings, chance: np.random.Generator) -> int:
    """The frame that a frame is drawn beside: another one of the clip, by `settings.reference`."""
    others = np.delete(np.arange(len(clip)), number)
    if settings.reference == "any":
        return int(chance.choice(others))
    turned = np.linalg.norm(clip.poses[others] - clip.poses[number], axis=1)
    moved = np.linalg.norm(clip.mouths[others] - clip.mouths[number], axis=1)
    count = max(1, round(settings.share * len(others)))
    like, unlike = np.argsort(turned, kind="stable")[:count], np.argsort(-moved, kind="stable")[:count]
    both = np.intersect1d(like, unlike)
    # half and more of all on both sides always share one; with less, the pose decides
    return int(others[chance.choice(both if len(both) else like)])


def as_pictures(crops: ByteArray) -> Tensor:
    """Crops (N, H, W, 3) uint8 RGB as the networks see them: (N, 3, H, W) in [-1, 1]."""
    return torch.from_numpy(crops).permute(0, 3, 1, 2).contiguous().float() / 127.5 - 1.0
