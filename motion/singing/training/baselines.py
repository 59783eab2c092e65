"""What the learned lips must beat: ridge regressions, loudness alone, the lips made of signal features, and two broken
pairings.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray, Motion
from core.timebase import frame_times_s
from motion.singing.training.dataset import HOP_SAMPLES, SAMPLE_RATE_HZ, Stream
from motion.singing.training.inputs import MEL_CHANNELS
from motion.singing.training.measures import ClipCurves
from motion.singing.training.prepare import Example
from neural.hearing.whisper_graph import CHANNELS

#: Which rows a ridge regression sees, counted from the one it speaks of, 20 ms apart: that one alone, or neighbours too.
ALONE = (0,)
FEW_NEIGHBOURS = (-8, -4, 0, 4, 8)
NEIGHBOURS = (-12, -8, -4, -2, 0, 2, 4, 8, 12)
#: Strength of the ridge on inputs of variance 1.
RIDGE = 0.01
#: The control in which the sound is moved against the lips.
SHIFT_S = 0.2

#: (T, C) rows -> (T, K) curves.
Predictor = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class View:
    """The part of the input rows that a baseline sees: columns `start` to `stop` of the rows at `offsets`."""

    start: int
    stop: int | None
    offsets: tuple[int, ...]

    def of(self, rows: FloatArray) -> FloatArray:
        """(T, C') float32."""
        seen = np.asarray(rows[:, self.start : self.stop], dtype=np.float32)
        return with_neighbours(seen, self.offsets)


#: The vectors of the encoder's upper layer alone; the same with neighbours; the log-mel with neighbours.
WHISPER_VIEW = View(-MEL_CHANNELS - CHANNELS, -MEL_CHANNELS, ALONE)
WHISPER_CONTEXT_VIEW = View(-MEL_CHANNELS - CHANNELS, -MEL_CHANNELS, FEW_NEIGHBOURS)
MEL_VIEW = View(-MEL_CHANNELS, None, NEIGHBOURS)
#: The ridges that do best on speakers never heard, on the upper and on the lower layer: two neighbours on each side, and so
#: strongly regularised.
NEAR_NEIGHBOURS, STRONG_RIDGE = (-2, -1, 0, 1, 2), 0.8
UPPER_NEAR_VIEW = View(-MEL_CHANNELS - CHANNELS, -MEL_CHANNELS, NEAR_NEIGHBOURS)
LOWER_NEAR_VIEW = View(0, CHANNELS, NEAR_NEIGHBOURS)


def with_neighbours(rows: FloatArray, offsets: tuple[int, ...]) -> FloatArray:
    """(T, C * len(offsets)): every row beside its neighbours; the first and last row stand in beyond the ends."""
    places = np.arange(len(rows))
    return np.concatenate([rows[np.clip(places + offset, 0, len(rows) - 1)] for offset in offsets], axis=1)


def ridge(examples: Sequence[Example], view: View, strength: float = RIDGE) -> Predictor:
    """Ridge regression (Hoerl & Kennard, 1970) from a view of the rows to all curves, and the closure as one more.

    strength: of the regularisation on inputs of variance 1, a row of the examples.
    """
    solved = solve_ridge(examples, view, strength)
    return lambda rows: ((view.of(rows) - solved.mean) / solved.scale @ solved.weights + solved.level).astype(np.float32)


@dataclass(frozen=True)
class Ridge:
    """A solved ridge on the columns (C') of a view: (seen - mean) / scale @ weights (C', K) + level (K,)."""

    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    level: FloatArray


def solve_ridge(examples: Sequence[Example], view: View, strength: float) -> Ridge:
    """See `ridge`."""
    total, cross, count = None, None, 0
    mean, scale = _moments(examples, view)
    level = np.mean([_truth(example).mean(axis=0) for example in examples], axis=0)
    for example in examples:
        seen = (view.of(example.rows) - mean) / scale
        wanted = _truth(example) - level
        total = seen.T @ seen if total is None else total + seen.T @ seen
        cross = seen.T @ wanted if cross is None else cross + seen.T @ wanted
        count += len(seen)
    assert total is not None and cross is not None
    total[np.diag_indices_from(total)] += strength * count
    return Ridge(mean, scale, np.linalg.solve(total, cross), level)


def _truth(example: Example) -> FloatArray:
    return np.concatenate([example.curves, example.closure[:, None]], axis=1)


def _moments(examples: Sequence[Example], view: View) -> tuple[FloatArray, FloatArray]:
    sample = np.concatenate([view.of(example.rows)[::7] for example in examples])
    return sample.mean(axis=0), sample.std(axis=0) + np.float32(1e-3)


def loudness_rows(sound: FloatArray) -> FloatArray:
    """(T, 2) level of the sound at 50 Hz, in 20 ms and in 100 ms windows, 0 at 60 dB under the loudest, 1 at it."""
    count = -(-len(sound) // HOP_SAMPLES)
    power = np.square(np.pad(sound, (0, count * HOP_SAMPLES - len(sound))).reshape(count, HOP_SAMPLES)).mean(axis=1)
    slow = np.convolve(power, np.ones(5) / 5.0, mode="same")
    level = 10.0 * np.log10(np.stack([power, slow], axis=1) + 1e-9)
    return (np.clip(level - level.max(), -60.0, 0.0) / 60.0 + 1.0).astype(np.float32)


def feature_lips(streams: Sequence[Stream]) -> list[tuple[np.ndarray, FloatArray]]:
    """For every stream (times (m,), opening (m, 1)) of the performer made of signal features, on all streams as one song.

    The opening is what the jaw opens less what closes the lips over it, in ARKit units.
    """
    sound = np.concatenate([stream.sound for stream in streams])
    fps = 50.0
    with tempfile.TemporaryDirectory() as folder:
        voice = Path(folder) / "voice.wav"
        soundfile.write(voice, sound, SAMPLE_RATE_HZ)
        motion = _feature_motion(voice, fps, round(len(sound) / SAMPLE_RATE_HZ * fps))
    opening = np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0)
    times_s, start_s, result = frame_times_s(len(opening), fps), 0.0, []
    for stream in streams:
        here = np.arange(-(-len(stream.sound) // HOP_SAMPLES)) * HOP_SAMPLES / SAMPLE_RATE_HZ
        result.append((here, np.interp(start_s + here, times_s, opening)[:, None].astype(np.float32)))
        start_s += len(stream.sound) / SAMPLE_RATE_HZ
    return result


def _feature_motion(voice: Path, fps: float, frames: int) -> Motion:
    from motion.singing.runner import SingingMotion, SingingSettings

    return SingingMotion(SingingSettings(lips="features")).motion(voice, voice, fps, frames)


def shuffled(clips: Sequence[ClipCurves], seed: int = 0) -> list[ClipCurves]:
    """Every clip's prediction beside another clip's truth: what agreement is there by the shape of a sentence alone."""
    order = np.random.default_rng(seed).permutation(len(clips))
    partner = np.empty(len(clips), dtype=np.int64)
    partner[order] = np.roll(order, 1)
    return [replace(clip, true=clips[partner[k]].true) for k, clip in enumerate(clips)]


def shifted(clips: Sequence[ClipCurves], shift_s: float = SHIFT_S) -> list[ClipCurves]:
    """Every clip's prediction `shift_s` late."""
    return [replace(clip, time_s=clip.time_s + shift_s) for clip in clips]
