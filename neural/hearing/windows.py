"""Long sound in windows that overlap, for encoders that hear 50 vectors a second: memory does not grow with the song.

Vector j belongs to the time j / 50 s. Windows hold `WINDOW_VECTORS` and overlap by twice `MARGIN_VECTORS`; of each window the
middle is kept. Around the sound there is silence; the last window is shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError

#: Feature vectors a second, and samples of sound (at 16 kHz) from one to the next.
ENCODER_RATE_HZ = 50
VECTOR_SAMPLES = 320
#: One window of the network, and what of it is dropped at each end because it lacks its neighbours.
WINDOW_VECTORS = 750
MARGIN_VECTORS = 50
CORE_VECTORS = WINDOW_VECTORS - 2 * MARGIN_VECTORS


@dataclass(frozen=True)
class HeardWindow:
    """The sound (n,) float32 of one window, the first vector to keep of it, and how many.

    before, after: vectors at its beginning and end that hear nothing but the silence around the sound.
    """

    sound: FloatArray
    first: int
    count: int
    before: int
    after: int


def heard_windows(blocks: Iterable[FloatArray], lead: int, beyond: int) -> Iterator[HeardWindow]:
    """The windows of a sound at 16 kHz that comes in blocks (n,) or (n, 1) of any lengths.

    lead: samples that the first vector hears before its time. beyond: samples that a window holds beyond a whole number of
    vectors, so that a window of k vectors is 320 k + beyond samples long. Raises InputError for values that are not finite.
    """
    span = WINDOW_VECTORS * VECTOR_SAMPLES + beyond
    held = np.zeros(MARGIN_VECTORS * VECTOR_SAMPLES + lead, dtype=np.float32)
    samples = vectors = 0
    for block in blocks:
        block = block.reshape(-1)
        if not np.isfinite(block).all():
            raise InputError("neural.sound_not_finite")
        samples += len(block)
        held = np.concatenate([held, block.astype(np.float32, copy=False)])
        while len(held) >= span:
            yield HeardWindow(held[:span], MARGIN_VECTORS, CORE_VECTORS, max(0, MARGIN_VECTORS - vectors), 0)
            vectors += CORE_VECTORS
            held = held[CORE_VECTORS * VECTOR_SAMPLES :]
    left = -(-samples // VECTOR_SAMPLES) - vectors
    while left > 0:
        count = min(left, CORE_VECTORS)
        length = span - (CORE_VECTORS - count) * VECTOR_SAMPLES
        sound = np.pad(held, (0, max(0, length - len(held))))[:length]
        after = max(0, MARGIN_VECTORS - (left - count))
        yield HeardWindow(sound, MARGIN_VECTORS, count, max(0, MARGIN_VECTORS - vectors), after)
        vectors += count
        held, left = held[count * VECTOR_SAMPLES :], left - count
