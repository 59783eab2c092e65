"""The talking tracks that the learned lips come from, the split of their clips, and streams: long sounds with the truth beside
them.

Data: one speaker of the GRID audio-visual sentence corpus (Cooke, Barker, Cunningham & Shao, "An audio-visual corpus for speech
perception and automatic speech recognition", 2006; CC BY 4.0), tracked by the Face Landmarker.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from core.timebase import frame_times_s
from motion.singing.training.targets import (
    CHANNEL_NAMES,
    in_face_coordinates,
    lip_geometry,
    mouth_blendshapes,
    neutral_mouth,
)

SAMPLE_RATE_HZ = 16000
VIDEO_FPS = 25.0
#: The curves of the learned lips; value k belongs to the time k / 50 s.
CURVE_RATE_HZ = 50
HOP_SAMPLES = SAMPLE_RATE_HZ // CURVE_RATE_HZ
#: Meaning of the six letters of a clip's name.
WORD_SLOTS = ("command", "colour", "preposition", "letter", "digit", "adverb")
#: Lips nearer than this touch, as far as 25 pictures a second show it: the lowest apertures between two openings gather around
#: 0.9 mm and thin out at 2 mm. A closure lies between two openings over `SPEAKING_APERTURE_MM`.
CLOSED_APERTURE_MM = 2.0
SPEAKING_APERTURE_MM = 3.0
#: The tracked lips are this much late: without it the sound would burst 19 ms before closed lips part (`lag.py` measures it).
TRACK_DELAY_S = 0.02
#: Parts of the corpus: clips whose name's checksum leaves 0 by 5 are held out, those that leave 1 by 20 set thresholds.
HELD_OUT_OF, DEVELOPMENT_OF = 5, 20


@dataclass(frozen=True)
class Corpus:
    """Clips with sound and truth.

    names: (K,) sentence codes. sounds: K arrays (n,) float32 mono at `SAMPLE_RATE_HZ`.
    curves: K arrays (T, C) float32 at `VIDEO_FPS`, `CHANNEL_NAMES`, less the neutral mouth (aperture: as it is).
    neutral: (C,) what was taken off.
    """

    names: tuple[str, ...]
    sounds: tuple[FloatArray, ...]
    curves: tuple[FloatArray, ...]
    neutral: FloatArray

    def part(self, clips: Sequence[int]) -> Corpus:
        """The chosen clips alone."""
        return Corpus(
            tuple(self.names[clip] for clip in clips),
            tuple(self.sounds[clip] for clip in clips),
            tuple(self.curves[clip] for clip in clips),
            self.neutral,
        )


@dataclass(frozen=True)
class Tracks:
    """A file of tracked clips as it was published.

    names, sounds: as in `Corpus`. frames: (K,) of each clip; the arrays below are the clips end to end. landmarks: (T, P, 3) in
    picture pixels; index: (P,) Face Mesh numbers; pose: (T, 4, 4); shapes: (T, S) in [0, 1], `SHAPE_NAMES`.
    """

    names: tuple[str, ...]
    sounds: tuple[FloatArray, ...]
    frames: np.ndarray
    landmarks: FloatArray
    index: list[int]
    pose: FloatArray
    shapes: FloatArray

    def part(self, clips: Sequence[int]) -> Tracks:
        """The chosen clips alone."""
        stops = np.cumsum(self.frames)
        rows = np.concatenate([np.arange(stops[clip] - self.frames[clip], stops[clip]) for clip in clips])
        arrays = self.landmarks[rows], self.index, self.pose[rows], self.shapes[rows]
        names, sounds = tuple(self.names[clip] for clip in clips), tuple(self.sounds[clip] for clip in clips)
        return Tracks(names, sounds, self.frames[list(clips)], *arrays)


def load_tracks(folder: Path, name: str, limit: int | None = None) -> Tracks:
    """The talking tracks `name` in `folder` (`name`.npz, `name`.flac), or their first `limit` clips.

    Raises InputError where the files are missing or are not what they should be.
    """
    tracks, sound_file = folder / f"{name}.npz", folder / f"{name}.flac"
    if not (tracks.is_file() and sound_file.is_file()):
        raise InputError(as_written(f"{folder} holds no {name}.npz and {name}.flac; name the folder of the talking tracks."))
    with np.load(tracks) as data:
        missing = {"clip", "frames", "samples", "landmarks", "landmark_index", "blendshapes", "blendshape_name", "pose"} - set(
            data
        )
        if missing:
            raise InputError(
                as_written(f"{tracks} lacks {', '.join(sorted(missing))}; use the talking tracks as they were published.")
            )
        count = len(data["clip"]) if limit is None else min(limit, len(data["clip"]))
        frames, samples = data["frames"][:count], data["samples"][:count]
        rows = int(frames.sum())
        index = [int(number) for number in data["landmark_index"]]
        landmarks, pose = data["landmarks"][:rows].astype(np.float32) / 32.0, data["pose"][:rows]
        shapes = mouth_blendshapes(
            data["blendshapes"][:rows] / np.float32(255.0), [str(name) for name in data["blendshape_name"]]
        )
        names = tuple(str(name) for name in data["clip"][:count])
    sound, rate_hz = soundfile.read(sound_file, frames=int(samples.sum()), dtype="float32")
    if rate_hz != SAMPLE_RATE_HZ or sound.ndim != 1 or len(sound) != samples.sum():
        raise InputError(as_written(f"{sound_file} is not {int(samples.sum())} samples of {SAMPLE_RATE_HZ} Hz mono sound."))
    sounds = tuple(np.split(sound, np.cumsum(samples)[:-1]))
    return Tracks(names, sounds, frames, landmarks, index, pose, shapes)


def load_corpus(folder: Path, limit: int | None = None) -> Corpus:
    """The corpus of GRID's speaker s1 in `folder`, or its first `limit` clips. Raises like `load_tracks`."""
    return corpus_of(load_tracks(folder, "grid_s1", limit))


def corpus_of(tracks: Tracks) -> Corpus:
    """The clips of one speaker with the truth of the lips: geometry freed of the head's pose, and the tracker's shapes."""
    points = in_face_coordinates(tracks.landmarks, tracks.index, tracks.pose)
    curves = np.concatenate([lip_geometry(points, tracks.index), tracks.shapes], axis=1)
    pieces = np.split(curves, np.cumsum(tracks.frames)[:-1])
    neutral = neutral_mouth(curves, _resting(pieces))
    neutral[0] = 0.0  # lips that touch have the aperture 0; no neutral is taken off
    return Corpus(tracks.names, tracks.sounds, tuple(piece - neutral for piece in pieces), neutral)


def _resting(pieces: Sequence[FloatArray]) -> np.ndarray:
    """(T,) true in the first and last four frames of every clip, in which nobody speaks yet or any more."""
    marks = []
    for piece in pieces:
        mark = np.zeros(len(piece), dtype=bool)
        mark[:4] = mark[-4:] = True
        marks.append(mark)
    return np.concatenate(marks)


def held_out(name: str) -> bool:
    """Whether a clip is for testing alone."""
    return zlib.crc32(name.encode()) % HELD_OUT_OF == 0


def for_development(name: str) -> bool:
    """Whether a clip is neither trained on nor tested on: thresholds are set on it."""
    return not held_out(name) and zlib.crc32(name.encode()) % DEVELOPMENT_OF == 1


def split(names: Sequence[str]) -> tuple[list[int], list[int], list[int]]:
    """Indices of the clips to train on, to set thresholds on, and to test on: whole clips, by name alone, each in one part."""
    parts: tuple[list[int], list[int], list[int]] = ([], [], [])
    for clip, name in enumerate(names):
        parts[2 if held_out(name) else 1 if for_development(name) else 0].append(clip)
    return parts


def closures(aperture_mm: FloatArray, closed_mm: float = CLOSED_APERTURE_MM) -> np.ndarray:
    """(E, 2) first and one-past-last frame of every closure: lips nearer than `closed_mm` between two openings.

    aperture_mm: (T,). An opening is over `SPEAKING_APERTURE_MM`; between two of them there is one closure at most, from the first
    to the last frame of shut lips. The shut mouth before the first and after the last opening is rest, no closure.
    """
    open_frames = np.flatnonzero(aperture_mm > SPEAKING_APERTURE_MM)
    found = []
    for before, after in pairwise(open_frames):
        shut = np.flatnonzero(aperture_mm[before + 1 : after] < closed_mm)
        if len(shut):
            found.append((before + 1 + shut[0], before + 2 + shut[-1]))
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def closure_mask(aperture_mm: FloatArray) -> FloatArray:
    """(T,) 1 within closures, else 0."""
    mask = np.zeros(len(aperture_mm), dtype=np.float32)
    for start, stop in closures(aperture_mm):
        mask[start:stop] = 1.0
    return mask


@dataclass(frozen=True)
class Stream:
    """Clips laid end to end: one long sound as a song is one, and the truth at `CURVE_RATE_HZ`.

    sound: (n,) float32. curves: (T, C) float32. closure: (T,) in [0, 1]. clip: (T,) index into the corpus, -1 between clips.
    time_s: (T,) time within the clip. T = ceil(n / HOP_SAMPLES).
    """

    sound: FloatArray
    curves: FloatArray
    closure: FloatArray
    clip: np.ndarray
    time_s: np.ndarray


@dataclass(frozen=True)
class Piece:
    """A clip on its way into a stream: its sound, and when in the clip each moment of that sound was spoken.

    clip: index into the corpus, -1 for a pause, which has no words. sound: (n,). source_s: (m,) times in the clip, evenly spread
    over the sound: entry k belongs to the time k * step_s of the piece.
    """

    clip: int
    sound: FloatArray
    source_s: np.ndarray
    step_s: float


def plain_piece(corpus: Corpus, clip: int) -> Piece:
    """A clip as it was spoken."""
    sound = corpus.sounds[clip]
    return Piece(clip, sound, np.array([0.0, len(sound) / SAMPLE_RATE_HZ]), len(sound) / SAMPLE_RATE_HZ)


def pause_piece(samples: int) -> Piece:
    """Silence of `samples` samples with the mouth at rest."""
    return Piece(-1, np.zeros(samples, dtype=np.float32), np.zeros(2), samples / SAMPLE_RATE_HZ)


def lay_out(corpus: Corpus, pieces: Sequence[Piece]) -> Stream:
    """One stream of `pieces`, in order. Truth is read at the source's own times, so what is stretched has its truth stretched."""
    sound = np.concatenate([piece.sound for piece in pieces])
    count = -(-len(sound) // HOP_SAMPLES)
    curves = np.zeros((count, len(CHANNEL_NAMES)), dtype=np.float32)
    closure = np.zeros(count, dtype=np.float32)
    clip, time_s = np.full(count, -1), np.zeros(count)
    start = 0
    for piece in pieces:
        rows = np.arange(-(-start // HOP_SAMPLES), -(-(start + len(piece.sound)) // HOP_SAMPLES))
        if piece.clip >= 0 and len(rows):
            inside_s = (rows * HOP_SAMPLES - start) / SAMPLE_RATE_HZ
            source_s = np.interp(inside_s, np.arange(len(piece.source_s)) * piece.step_s, piece.source_s)
            truth = corpus.curves[piece.clip]
            curves[rows] = at_times(truth, source_s)
            closure[rows] = at_times(closure_mask(truth[:, 0])[:, None], source_s)[:, 0]
            clip[rows], time_s[rows] = piece.clip, source_s
        start += len(piece.sound)
    return Stream(sound, curves, closure, clip, time_s)


def at_times(curves: FloatArray, times_s: np.ndarray) -> FloatArray:
    """(len(times_s), C): curves (T, C) at `VIDEO_FPS`, read at any times in the clip along straight lines."""
    frames_s = truth_times_s(len(curves))
    return np.stack([np.interp(times_s, frames_s, column) for column in curves.T], axis=1).astype(np.float32)


def truth_times_s(frames: int) -> np.ndarray:
    """(frames,) when in a clip's sound the mouth was as the tracked frames show it."""
    times_s: np.ndarray = frame_times_s(frames, VIDEO_FPS) - TRACK_DELAY_S
    return times_s


def plain_streams(corpus: Corpus, clips: Sequence[int], clips_each: int = 10) -> list[Stream]:
    """Streams of `clips_each` clips as they were spoken, in the order given."""
    return [
        lay_out(corpus, [plain_piece(corpus, clip) for clip in clips[first : first + clips_each]])
        for first in range(0, len(clips), clips_each)
    ]
