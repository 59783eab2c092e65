"""Crops of faces that speak, with what is heard, and batches of them.

A clip is a folder: `crops.npy` (T, 96, 96, 3) uint8 RGB at 25 frames a second, `sound.npy` (hops, 80) of `neural.wav2lip_mel`,
which begins with the first crop, and `facts.json`, which says whose face it is. Crops stay in their file until they are needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.lib.format import open_memmap
from torch import Tensor

from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from core.messages import as_written
from lipsync.sync_rows import APART, least_frames, row_starts
from lipsync.wav2lip.lips import SIDE, blue_first
from lipsync.wav2lip.networks.expert import LipSyncExpert
from lipsync.wav2lip.sound import mel_windows
from lipsync.wav2lip.training.variation import varied_frames, varied_sound

#: What the networks were made for; films at other rates are taken at this one.
FPS = 25.0
#: Frames of a shown stretch.
STRETCH = LipSyncExpert.FRAMES
HOPS = LipSyncExpert.WINDOW_HOPS
CROPS_NAME, SOUND_NAME, FACTS_NAME = "crops.npy", "sound.npy", "facts.json"
#: A shorter clip has no row of stretches.
LEAST_FRAMES = least_frames(STRETCH)


@dataclass(frozen=True)
class Clip:
    """One person's face in one piece. crops: (T, 96, 96, 3) uint8 RGB. windows: (T, 1, 80, 16), what is heard with each."""

    person: str
    crops: ByteArray
    windows: FloatArray

    def __len__(self) -> int:
        return len(self.crops)

    def frames(self, start: int, count: int = STRETCH) -> Tensor:
        """(count, 3, 96, 96) float32 in 0..1, blue first."""
        return blue_first(torch.from_numpy(np.array(self.crops[start : start + count])))


def write_clip(folder: Path, person: str, crops: Iterable[ByteArray], count: int, spectrogram: FloatArray) -> None:
    """Write a clip of `count` crops into the new `folder`."""
    folder.mkdir(parents=True)
    written = open_memmap(folder / CROPS_NAME, "w+", np.uint8, (count, SIDE, SIDE, 3))
    for number, crop in zip(range(count), crops, strict=True):
        written[number] = crop
    written.flush()
    np.save(folder / SOUND_NAME, spectrogram.astype(np.float32))
    (folder / FACTS_NAME).write_text(json.dumps({"person": person}), encoding="utf-8")


def read_clips(folder: Path) -> list[Clip]:
    """All clips of a folder, in order of their names. Raises InputError where there is none."""
    clips = []
    for facts in sorted(folder.glob(f"*/{FACTS_NAME}")):
        crops = np.load(facts.with_name(CROPS_NAME), mmap_mode="r", allow_pickle=False)
        sound = np.load(facts.with_name(SOUND_NAME), allow_pickle=False)
        if len(crops) >= LEAST_FRAMES:
            person = json.loads(facts.read_text(encoding="utf-8"))["person"]
            clips.append(Clip(person, crops, mel_windows(sound, 0, len(crops), FPS, HOPS)))
    if not clips:
        raise InputError(as_written(f"{folder} holds no clip of {LEAST_FRAMES} frames or more; make some with training.prepare."))
    return clips


@dataclass(frozen=True)
class Rows:
    """For the expert: rows of stretches of one clip each, every one out of step with the others' sounds, so that nothing but the
    lips tells which belong together. sound: (R, 8, 1, 80, 16), with each stretch's first frame. frames: (R, 8, 5, 3, 96, 96)."""

    sound: Tensor
    frames: Tensor


@dataclass(frozen=True)
class Stretches:
    """For the generator.

    sound: (B, 5, 1, 80, 16), of each frame. frames: (B, 5, 3, 96, 96), as they are. others: likewise, the same person elsewhere.
    out_of_step: (B, 5, 1, 80, 16), sound of elsewhere.
    """

    sound: Tensor
    frames: Tensor
    others: Tensor
    out_of_step: Tensor


def elsewhere(start: int, frames: int, chance: np.random.Generator) -> int:
    """The beginning of a stretch of a clip that lies apart from the one at `start`."""
    starts = np.arange(frames - STRETCH + 1)
    return int(chance.choice(starts[np.abs(starts - start) >= APART]))


def drawn_clip_of(clips: Sequence[Clip], chance: np.random.Generator) -> Clip:
    """One of the clips, a longer one more often."""
    lengths = np.array([len(clip) for clip in clips], float)
    return clips[int(chance.choice(len(clips), p=lengths / lengths.sum()))]


def drawn_stretch(clips: Sequence[Clip], chance: np.random.Generator) -> tuple[Clip, int, int]:
    """A clip by its length, the beginning of a stretch of it, and of another one."""
    clip = drawn_clip_of(clips, chance)
    start = int(chance.integers(len(clip) - STRETCH + 1))
    return clip, start, elsewhere(start, len(clip), chance)


def draw_rows(clips: Sequence[Clip], count: int, chance: np.random.Generator, variety: float = 0.0) -> Rows:
    """So many rows, with the light, place and sound of each changed as `variety` says (see `variation.py`)."""
    sound, frames = [], []
    for _ in range(count):
        clip = drawn_clip_of(clips, chance)
        starts = row_starts(len(clip), STRETCH, chance)
        sound.append(varied_sound(torch.from_numpy(clip.windows[starts]), chance, variety))
        frames.append(varied_frames(torch.stack([clip.frames(int(start)) for start in starts]), chance, variety))
    return Rows(torch.stack(sound), torch.stack(frames))


def draw_stretches(clips: Sequence[Clip], count: int, chance: np.random.Generator, variety: float = 0.0) -> Stretches:
    """Stretches with others of the same person and the sounds of both, changed as `draw_rows` does."""
    sound, frames, others, out_of_step = [], [], [], []
    for _ in range(count):
        clip, start, other = drawn_stretch(clips, chance)
        pair = varied_frames(torch.stack([clip.frames(start), clip.frames(other)]), chance, variety)
        frames.append(pair[0])
        others.append(pair[1])
        heard = torch.from_numpy(np.stack([clip.windows[first : first + STRETCH] for first in (start, other)]))
        heard = varied_sound(heard, chance, variety)
        sound.append(heard[0])
        out_of_step.append(heard[1])
    return Stretches(*(torch.stack(each) for each in (sound, frames, others, out_of_step)))
