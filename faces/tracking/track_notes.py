"""Says, with times, where faces are not seen well enough to be given other lips."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.messages import Message
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces

#: What is said of a state.
CODES = {
    FaceState.TURNED: "faces.face_turned_at",
    FaceState.SMALL: "faces.face_small_at",
    FaceState.COVERED: "faces.face_covered_at",
    FaceState.CUT: "faces.face_cut_at",
}
#: Times less than this apart, in seconds, are told as one, and no more than so many of one state.
ONE_TIME_S = 1.0
MOST_TIMES = 6


def notes_about(faces: FilmFaces, numbers: Sequence[int], start_s: float = 0.0) -> list[Message]:
    """Sentences about the tracks of these numbers, one for each face and state.

    start_s: time of the first frame in the film that people know. Where a face is absent nothing is said.
    """
    notes = []
    for track in faces.tracks:
        if track.number not in numbers:
            continue
        for state, code in CODES.items():
            times = [between(first, last, faces.fps, start_s) for first, last in spans(track, state, faces.fps)]
            if times:
                notes.append(Message(code, {"number": track.number, "times": times[:MOST_TIMES]}))
    return notes


def spans(track: FaceTrack, state: FaceState, fps: float) -> list[tuple[int, int]]:
    """First frames in that state and those after the last, in the film's order."""
    return spans_where(np.asarray(track.state) == state, fps)


def spans_where(chosen: npt.NDArray[np.bool_], fps: float) -> list[tuple[int, int]]:
    """First frames of those that are chosen (T,) and those after the last, in order; times that are told as one are one."""
    inside = np.concatenate([[False], chosen, [False]])
    edges = np.flatnonzero(np.diff(inside.astype(np.int8)))
    found: list[tuple[int, int]] = []
    for first, last in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if found and first - found[-1][1] < ONE_TIME_S * fps:
            found[-1] = found[-1][0], last
        else:
            found.append((first, last))
    return found


def between(first: int, last: int, fps: float, start_s: float) -> str:
    """A span of frames as a person reads it: 0:12.4-0:14.0."""
    return f"{clock(start_s + first / fps)}-{clock(start_s + last / fps)}"


def clock(time_s: float) -> str:
    """A time to a tenth of a second: 0:07.3, 12:30.0, 1:02:03.5."""
    tenths = round(time_s * 10)
    minutes, tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    seconds = f"{tenths / 10:04.1f}"
    return f"{hours}:{minutes:02d}:{seconds}" if hours else f"{minutes}:{seconds}"
