"""Overlapping frames out of a stream of audio blocks, so that a song's sound never lies in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from core.contracts import FloatArray

#: Feature frames a second. Ten milliseconds is shorter than any closure of the lips.
FEATURE_RATE_HZ = 100
#: Everything the performer listens to lies under 8 kHz: pitch, formants, the hiss of sibilants, the beat.
ANALYSIS_RATE_HZ = 16_000
HOP_SAMPLES = ANALYSIS_RATE_HZ // FEATURE_RATE_HZ
#: Sound read at once; bounds the memory of the analysis whatever the song's length.
BLOCK_SAMPLES = 5 * ANALYSIS_RATE_HZ


def frame_batches(blocks: Iterable[FloatArray], window_samples: int, frames: int) -> Iterator[FloatArray]:
    """Frames centred on 0, 10, 20 ... milliseconds of mono sound that arrives in blocks.

    blocks: float32 (n,) or (n, 1) pieces of one stream at `ANALYSIS_RATE_HZ`, in order.
    Yields float32 (batch, window_samples), `frames` rows in all: sound before the start and after the end counts as silence.
    """
    held = np.zeros(window_samples // 2, dtype=np.float32)
    done = 0
    for block in blocks:
        held = np.concatenate([held, block.reshape(-1)])
        ready = min((len(held) - window_samples) // HOP_SAMPLES + 1, frames - done)
        if ready > 0:
            yield _rows(held, window_samples, ready)
            done += ready
            held = held[ready * HOP_SAMPLES :]
        if done == frames:
            return
    while done < frames:
        ready = min(frames - done, BLOCK_SAMPLES // HOP_SAMPLES)
        needed = (ready - 1) * HOP_SAMPLES + window_samples
        held = np.concatenate([held, np.zeros(max(0, needed - len(held)), dtype=np.float32)])
        yield _rows(held, window_samples, ready)
        done += ready
        held = held[ready * HOP_SAMPLES :]


def first_samples(blocks: Iterable[FloatArray], samples: int) -> Iterator[FloatArray]:
    """The first so many samples of a sound; one that ends before goes on as silence."""
    for block in blocks:
        yield block.reshape(-1)[:samples]
        samples -= len(block)
        if samples <= 0:
            return
    while samples > 0:
        yield np.zeros(min(samples, BLOCK_SAMPLES), dtype=np.float32)
        samples -= BLOCK_SAMPLES


def _rows(samples: FloatArray, window_samples: int, count: int) -> FloatArray:
    view = np.lib.stride_tricks.sliding_window_view(samples, window_samples)
    return view[: count * HOP_SAMPLES : HOP_SAMPLES]
