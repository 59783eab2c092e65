"""Bridges moments in which a driver is not seen, within each shot, and says when they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.easing import smooth_step
from core.messages import Message
from faces.tracking.track_notes import MOST_TIMES, between, spans_where

#: Gaps up to this many seconds are bridged from what is before to what is after; in longer ones the face goes to its rest and
#: comes back, in this time each.
SHORT_GAP_S, TO_REST_S = 1.0, 0.5
#: Gaps under this are a frame or two that nobody misses.
LEAST_SAID_S = 0.2
BoolArray = npt.NDArray[np.bool_]


def shots_of(count: int, cuts: Sequence[int]) -> Iterator[slice]:
    """The shots of a film of `count` frames; cuts: first frames of all but the first, rising."""
    edges = [0, *(cut for cut in cuts if 0 < cut < count), count]
    yield from (slice(begin, end) for begin, end in pairwise(edges))


def bridged_within_shots(
    values: FloatArray, known: BoolArray, rest: FloatArray, cuts: Sequence[int], fps: float
) -> npt.NDArray[np.float32]:
    """Values (T, C) with those rows that are not known (T,) filled in, nothing carried over a cut. rest: (C,), taken in long gaps
    and in shots in which nothing is known."""
    filled = np.array(values, np.float32)
    for shot in shots_of(len(values), cuts):
        rows = np.flatnonzero(known[shot]) + shot.start
        if not len(rows):
            filled[shot] = rest
            continue
        edges = [shot.start - 1, *rows.tolist(), shot.stop]
        for before, after in pairwise(edges):
            if after - before > 1:
                first = filled[before] if before >= shot.start else None
                last = filled[after] if after < shot.stop else None
                filled[before + 1 : after] = bridge(first, last, rest, after - before - 1, fps)
    return filled


def bridge(first: FloatArray | None, last: FloatArray | None, rest: FloatArray, frames: int, fps: float) -> FloatArray:
    """(frames, C) between two rows (C,), of which one may be missing at an end of a shot."""
    if frames <= SHORT_GAP_S * fps:
        begin, end = (last if first is None else first), (first if last is None else last)
        assert begin is not None and end is not None
        share = smooth_step(np.arange(1, frames + 1, dtype=np.float32) / (frames + 1))[:, None]
        return np.asarray(begin + share * (end - begin))
    after = np.arange(1, frames + 1, dtype=np.float32)[:, None] / fps
    row = np.tile(np.asarray(rest, np.float32), (frames, 1))
    for near, time_s in ((first, after), (last, after[::-1])):
        if near is not None:
            row += (1 - smooth_step(time_s / TO_REST_S)) * (near - rest)
    return row


def gap_notes(code: str, missing: BoolArray, fps: float, start_s: float) -> list[Message]:
    """One sentence that tells when something is missing (T,), if it ever is for longer than a moment. start_s: of the first frame
    in the film that people know."""
    spans = [(first, last) for first, last in spans_where(missing, fps) if last - first >= LEAST_SAID_S * fps]
    times = [between(first, last, fps, start_s) for first, last in spans]
    return [Message(code, {"times": times[:MOST_TIMES]})] if times else []
