"""What one person's mouth does in the film as it is: read once, before anything is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter1d

from core.contracts import FloatArray
from faces.fitting import landmarks as lm
from faces.fitting.handles import BoolArray
from faces.fitting.placing import placing
from faces.tracking.tracks import FaceState, FaceTrack
from lipsync.mesh_lips.person import READ_SHAPES, Person

#: The middle of the inner edges of the lips.
UPPER_LIP, LOWER_LIP = 13, 14
#: A face at rest is the median of at most so many frames in which the mouth is as shut as in this part of all.
REST_FRAMES, SHUT_PART = 60, 0.2
#: Degrees of turning that weigh, in the choice of a reference frame, as much as an eye span of opening.
TURN_DEG = 60.0
#: Times, in seconds, over which the lips' place and the film's own smile are steadied.
PLACE_S, SMILE_S = 0.25, 0.8


@dataclass(frozen=True)
class FilmMouth:
    """seen: (T,) whether the face is clear. shapes: (T, K) amounts of `READ_SHAPES`, 0 where it is not. opening, width: (T,) of
    the lips, in eye spans of the reference. offset: (T, 3) pixels of the reference frame by which the lips stand beside where the
    head would have them. red: (T,) thickness of both lips in eye spans. turn_deg: (T, 2) yaw and pitch. speed: (T,) eye spans a
    frame by which the lips move in the picture. oddness: (T,) eye spans by which lips lie, in the mean, beside what the shapes
    explain."""

    seen: BoolArray
    shapes: FloatArray
    opening: FloatArray
    width: FloatArray
    offset: FloatArray
    red: FloatArray
    turn_deg: FloatArray
    speed: FloatArray
    oddness: FloatArray

    @staticmethod
    def column(name: str) -> int:
        """Where a shape stands in `shapes`."""
        return READ_SHAPES.index(name)


def clear_frames(track: FaceTrack) -> BoolArray:
    """(T,) in which frames the face is clearly seen."""
    return np.asarray(track.state) == FaceState.CLEAR


def reference_frame(track: FaceTrack) -> int:
    """The frame from which the face at rest is taken: mouth shut, head straight. Raises ValueError where none is clear."""
    seen = np.flatnonzero(clear_frames(track))
    if not len(seen):
        raise ValueError("The face is clear in no frame.")
    opening = openings(track, seen)
    turn = np.abs(np.asarray(track.rotation_deg[seen], np.float32)).sum(axis=1) / TURN_DEG
    return int(seen[np.argmin(opening + 0.5 * turn)])


def openings(track: FaceTrack, frames: npt.NDArray[np.intp]) -> FloatArray:
    """(n,) how far the lips are apart in some frames, in eye spans of the picture."""
    places = np.asarray(track.landmarks[frames][:, [UPPER_LIP, LOWER_LIP, lm.RIGHT_EYE_OUTER, lm.LEFT_EYE_OUTER], :2])
    apart = np.linalg.norm(places[:, 0] - places[:, 1], axis=1)
    return np.asarray(apart / np.maximum(np.linalg.norm(places[:, 2] - places[:, 3], axis=1), 1e-3), np.float32)


def rest_landmarks(track: FaceTrack, reference: int) -> FloatArray:
    """(478, 3) the face at rest, in the pixels of the reference frame: the median of frames in which the mouth is shut."""
    seen = np.flatnonzero(clear_frames(track))
    opening = openings(track, seen)
    shut = seen[opening <= max(float(np.quantile(opening, SHUT_PART)), float(opening.min()) + 1e-3)]
    chosen = shut[np.linspace(0, len(shut) - 1, min(len(shut), REST_FRAMES)).round().astype(int)]
    known = np.asarray(track.landmarks[reference], np.float32)
    rows = [np.asarray(track.landmarks[frame], np.float32) for frame in chosen]
    return np.asarray(np.median([placing(known, points).at_rest(points) for points in rows], axis=0), np.float32)


def read_film_mouth(track: FaceTrack, person: Person, fps: float, cuts: Iterable[int] = ()) -> FilmMouth:
    """Read the whole track; what is steadied over time is so within each shot."""
    seen = clear_frames(track)
    count = len(track)
    shapes = np.zeros((count, len(READ_SHAPES)), np.float32)
    opening, width, red, speed, oddness = (np.zeros(count, np.float32) for _ in range(5))
    offset, middle = np.zeros((count, 3), np.float32), np.full((count, 2), np.nan, np.float32)
    upper, lower = (person.place_of(name) for name in ("lip_upper", "lip_lower"))
    rims = [person.place_of(name) for name in ("outer_upper", "outer_lower")]
    half = len(upper) // 2
    resting, size = person.rig.rest[person.handles], np.ones(count, np.float32)
    for frame in np.flatnonzero(seen):
        points = np.asarray(track.landmarks[frame], np.float32)
        stands = person.placing(points)
        handles = person.handles_in(points)
        at_rest = stands.at_rest(handles)
        shapes[frame] = person.read(at_rest)
        explained = resting + np.tensordot(shapes[frame], person.read_fields, 1)
        beside = (at_rest - explained)[person.lips]
        offset[frame] = beside.mean(axis=0)
        oddness[frame] = np.linalg.norm((beside - offset[frame])[:, :2], axis=1).mean() / person.eye_span
        opening[frame] = np.linalg.norm(at_rest[lower[half], :2] - at_rest[upper[half], :2]) / person.eye_span
        rim = [at_rest[each[len(each) // 2], :2] for each in rims]
        red[frame] = np.linalg.norm(rim[1] - rim[0]) / person.eye_span - opening[frame]
        width[frame] = np.linalg.norm(at_rest[upper[-1], :2] - at_rest[upper[0], :2]) / person.eye_span
        middle[frame], size[frame] = handles[person.lips, :2].mean(axis=0), stands.size
    moved = np.linalg.norm(np.diff(middle, axis=0, prepend=middle[:1]), axis=1) / (person.eye_span * size)
    speed[:] = np.nan_to_num(moved, nan=0.0)
    turn = np.asarray(track.rotation_deg[:, :2], np.float32)
    return FilmMouth(seen, shapes, opening, width, steadied(offset, seen, PLACE_S * fps, cuts), red, turn, speed, oddness)


def steadied(values: FloatArray, known: BoolArray, sigma_frames: float, cuts: Iterable[int] = ()) -> FloatArray:
    """Values (T, C) smoothed over time, frames that are not known left out, and nothing carried over cuts."""
    weight = known.astype(np.float32)[:, None]
    result = np.zeros_like(values, np.float32)
    edges = [0, *sorted(cuts), len(values)]
    for begin, end in pairwise(edges):
        if end <= begin:
            continue
        part, seen = values[begin:end] * weight[begin:end], weight[begin:end]
        total = gaussian_filter1d(seen, sigma_frames, axis=0, mode="nearest")
        result[begin:end] = gaussian_filter1d(part, sigma_frames, axis=0, mode="nearest") / np.maximum(total, 1e-6)
    return result
