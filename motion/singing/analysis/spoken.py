"""Where a voice is heard that need not have a tone: the learned detector, block by block, on the analysis' own clock."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from neural.voice_detector import FRAME_S, VoiceDetector

#: The detector says so of a voice this much after the middle of the frame in which it begins (GRID, speaker s1).
DELAY_S = 0.04


class SpokenVoice:
    """Listens to a voice block by block; what it keeps is a number for each 32 ms."""

    def __init__(self) -> None:
        """Raises `MissingError` where the detector's weights can't be had."""
        self._detector = VoiceDetector()
        self._told: list[FloatArray] = []

    def listening(self, voice: Iterable[FloatArray]) -> Iterator[FloatArray]:
        """The blocks of mono sound at `ANALYSIS_RATE_HZ` as they come, each heard on its way."""
        for block in voice:
            self._told.append(self._detector.push(block.reshape(-1)))
            yield block

    def curve(self, count: int) -> FloatArray:
        """Probability (count,) in [0, 1] at `FEATURE_RATE_HZ` that somebody is heard; 0 after the sound; called once, last."""
        told = np.concatenate([*self._told, self._detector.finish()])
        if len(told) == 0:
            return np.zeros(count, dtype=np.float32)
        told_s = (np.arange(len(told)) + 0.5) * FRAME_S - DELAY_S
        return np.interp(np.arange(count) / FEATURE_RATE_HZ, told_s, told, right=0.0).astype(np.float32)
