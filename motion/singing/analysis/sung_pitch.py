"""The sung notes by SwiftF0, a small network that keeps to the voice where a separator has left some of the music in it.

Nieradzik, "SwiftF0" (2025), the package `swift-f0` (MIT), run by onnxruntime. The pitch in `pitch` is read frame by frame and is
exact to the period, as the vowels need it; this one is heard over an eighth of a second, and slips less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ

#: Nothing lower or higher is sung.
LOWEST_HZ, HIGHEST_HZ = 60.0, 1400.0
#: From this confidence on a frame is voiced; so the network was calibrated.
VOICED = 0.5
THREADS = 2


class SungPitch:
    """Listens to a voice block by block; what it keeps is two numbers for each 16 ms."""

    def __init__(self) -> None:
        from swift_f0 import SwiftF0

        self._stream = SwiftF0(threads=THREADS, spin=False).stream(LOWEST_HZ, HIGHEST_HZ)
        self._f0_hz: list[np.ndarray] = []
        self._confidence: list[np.ndarray] = []

    def listening(self, voice: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """The blocks of mono sound at `ANALYSIS_RATE_HZ` as they come, each heard on its way."""
        for block in voice:
            self._keep(self._stream.push(block.reshape(-1), ANALYSIS_RATE_HZ))
            yield block

    def curves(self, count: int) -> tuple[FloatArray, FloatArray]:
        """Fundamental frequency (count,) in Hz and confidence (count,) in [0, 1] at `FEATURE_RATE_HZ`; called once, at the end.

        Where nothing is voiced f0 runs on evenly and means nothing; after the sound ends the confidence is 0.
        """
        from swift_f0.core import FRAME_PERIOD

        self._keep(self._stream.flush())
        f0_hz, confidence = np.concatenate(self._f0_hz), np.concatenate(self._confidence)
        if len(f0_hz) == 0:
            return np.full(count, LOWEST_HZ, dtype=np.float32), np.zeros(count, dtype=np.float32)
        frame_s = np.arange(len(f0_hz)) * FRAME_PERIOD
        now_s = np.arange(count) / FEATURE_RATE_HZ
        voiced = confidence >= VOICED
        told = voiced if voiced.any() else np.ones(len(f0_hz), dtype=bool)
        octave = np.interp(now_s, frame_s[told], np.log2(f0_hz[told]))
        return np.exp2(octave).astype(np.float32), np.interp(now_s, frame_s, confidence, right=0.0).astype(np.float32)

    def _keep(self, part: Any) -> None:
        self._f0_hz.append(part.pitch_hz)
        self._confidence.append(part.confidence)
