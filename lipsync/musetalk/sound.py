"""Sound as MuseTalk hears it: mel windows for Whisper, and for each frame of a film the rows of Whisper around it.

Whisper writes 50 rows a second, each by five layers. A frame sees ten of them: four before its beginning, six after. Nothing here
needs torch.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from neural import log_mel
from neural.log_mel import RATE_HZ

#: Facts of Whisper tiny and of what MuseTalk was taught with.
ROWS_PER_S, LAYERS, WIDTH = 50, 5, 384
#: Rows that a frame sees, and how many of them lie before its beginning.
ROWS_SEEN, ROWS_BEFORE = 10, 4
#: Length of the features of one frame: for each row its layers.
FEATURES = ROWS_SEEN * LAYERS
#: Whisper hears windows of this length.
WINDOW_S = 30
#: In the place of a row before the sound's beginning or after its end.
NO_ROW = -1
#: Keeps a time that falls on a row's beginning, but for its rounding, from being counted to the row before.
ROUNDING = 1e-6


def mel_windows(sound: FloatArray) -> Iterator[FloatArray]:
    """(80, 3000) float32 for every 30 s of the sound, the last filled up with silence.

    sound: (n,) float32 in [-1, 1], mono, 16 kHz; none at all gives no window.
    """
    length = WINDOW_S * RATE_HZ
    edge = log_mel.WINDOW_SAMPLES // 2
    for start in range(0, len(sound), length):
        window = np.zeros(length, np.float32)
        part = sound[start : start + length]
        window[: len(part)] = part
        mirrored = np.pad(window, edge, mode="reflect")
        yield log_mel.scaled(log_mel.log_power_mel(mirrored)[:, : length // log_mel.HOP_SAMPLES])


def row_count(samples: int) -> int:
    """Rows that belong to so many samples; the others of the last window are silence."""
    return samples * ROWS_PER_S // RATE_HZ


def rows_of_frames(frames: int, rows: int, fps: float, before: int = ROWS_BEFORE) -> npt.NDArray[np.int64]:
    """(frames, 10) the numbers of the rows that each frame sees, `NO_ROW` where there is none.

    rows: of the whole sound. fps: of the film, above 0, which may be broken (29.97). before: rows before a frame's beginning. The
    network was taught at 25 frames a second with 4; `published_before` tells what the published program takes at other rates.
    """
    first = np.floor(np.arange(frames) * (ROWS_PER_S / fps) + ROUNDING).astype(np.int64) - before
    seen = first[:, None] + np.arange(ROWS_SEEN)
    return np.where((seen >= 0) & (seen < rows), seen, NO_ROW)


def published_before(fps: float) -> int:
    """Rows before a frame's beginning in the published program, which looks further back below 25 frames a second."""
    return 2 * math.ceil(ROWS_PER_S / int(fps))


def features_of(heard: FloatArray, rows: npt.NDArray[np.int64]) -> FloatArray:
    """(frames, 50, 384) float32: each frame's rows one after the other, of each row its layers; zeros where there is no row.

    heard: (all rows, 5, 384). rows: (frames, 10), as `rows_of_frames` gives them.
    """
    features = np.zeros((*rows.shape, LAYERS, WIDTH), np.float32)
    there = rows != NO_ROW
    features[there] = heard[rows[there]]
    return features.reshape(len(rows), FEATURES, WIDTH)


def frame_features(heard: FloatArray, frames: int, fps: float) -> Iterator[FloatArray]:
    """(50, 384) float32 for every frame of a film, made as they are asked for: together they are ten times what was heard."""
    for row in rows_of_frames(frames, len(heard), fps):
        yield features_of(heard, row[None])[0]


@cache
def order_of_rows() -> FloatArray:
    """(50, 384) float32, added to a frame's features so that the network can tell their order: sines and cosines in turn."""
    rates = np.exp(np.arange(0, WIDTH, 2) * (-math.log(10_000.0) / WIDTH))
    angles = np.arange(FEATURES)[:, None] * rates
    return np.stack([np.sin(angles), np.cos(angles)], axis=2).reshape(FEATURES, WIDTH).astype(np.float32)
