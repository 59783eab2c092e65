"""The sound of a session on its way out: what is to be heard when, handed on in blocks; silence where nothing is."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from core.contracts import FloatArray
from live.feed import BLOCK_SAMPLES, RATE_HZ

#: What is broken off fades out so fast.
FADE_S = 0.04
#: Samples that a filter sees around each, when sound comes in blocks.
CONTEXT = 32
Samples = npt.NDArray[np.int16]


@dataclass(eq=False)
class _Stretch:
    """samples: heard from the sample `begin` of the session on."""

    begin: int
    samples: Samples

    @property
    def end(self) -> int:
        return self.begin + len(self.samples)


class SoundLine:
    """One session's sound. All methods may be called from any thread."""

    def __init__(self) -> None:
        self._stretches: list[_Stretch] = []
        self._lock = threading.Lock()
        self._at = 0

    @property
    def now_s(self) -> float:
        """Where the next block begins."""
        return self._at / RATE_HZ

    def put(self, at_s: float, sound: FloatArray, rate_hz: int) -> float:
        """Have it heard from `at_s` on, which has not passed; when it ends. sound: (n,) float32 in [-1, 1], mono."""
        samples = as_sent(sound, rate_hz)
        with self._lock:
            stretch = _Stretch(max(round(at_s * RATE_HZ), self._at), samples)
            self._stretches.append(stretch)
        return stretch.end / RATE_HZ

    def hush(self) -> None:
        """What is heard fades out at once, and what was to be heard is dropped."""
        with self._lock:
            fade = np.linspace(1.0, 0.0, int(FADE_S * RATE_HZ))
            kept = []
            for stretch in self._stretches:
                if stretch.begin < self._at:
                    rest = stretch.samples[self._at - stretch.begin :][: len(fade)]
                    kept.append(_Stretch(self._at, (rest * fade[: len(rest)]).astype(np.int16)))
            self._stretches = kept

    def take(self) -> Samples:
        """(BLOCK_SAMPLES,) the next block."""
        with self._lock:
            block = np.zeros(BLOCK_SAMPLES, dtype=np.int32)
            end = self._at + BLOCK_SAMPLES
            for stretch in self._stretches:
                first, last = max(stretch.begin, self._at), min(stretch.end, end)
                if first < last:
                    block[first - self._at : last - self._at] += stretch.samples[first - stretch.begin : last - stretch.begin]
            self._at = end
            self._stretches = [stretch for stretch in self._stretches if stretch.end > end]
        return np.clip(block, -32768, 32767).astype(np.int16)


class Stretched:
    """Sound at the microphone's rate, block by block, at three times that rate: the feed's. It comes 2 ms later."""

    def __init__(self) -> None:
        self._before = np.zeros(2 * CONTEXT, dtype=np.float32)

    def push(self, block: FloatArray) -> FloatArray:
        """(3 n,) for the (n,) next samples."""
        whole = np.concatenate([self._before, block])
        self._before = whole[-2 * CONTEXT :]
        return np.asarray(resample_poly(whole, 3, 1)[3 * CONTEXT : -3 * CONTEXT], dtype=np.float32)


def as_sent(sound: FloatArray, rate_hz: int) -> Samples:
    """(n,) int16 at `RATE_HZ`."""
    at_rate = sound if rate_hz == RATE_HZ else resample_poly(sound, RATE_HZ, rate_hz)
    return np.round(32767.0 * np.clip(at_rate, -1.0, 1.0)).astype(np.int16)
