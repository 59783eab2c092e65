"""When somebody speaks, by Silero VAD: a small recurrent network that needs no tone, so that it hears whispers and growls too.

It was taught on speech. Sung words are speech to it, a note that is held for seconds is not; music it seldom takes for a voice.

Network: Silero Team, "Silero VAD: pre-trained enterprise-grade Voice Activity Detector" (2021), version 6.2 (2025), MIT.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from neural.onnx_session import network_session
from weights.fetch import ensure

WEIGHT_NAME = "silero_vad"
RATE_HZ = 16_000
#: Facts of the published network: samples a probability is told for, those before them that it sees too, and its memory.
FRAME_SAMPLES, CONTEXT_SAMPLES, STATE_SHAPE = 512, 64, (2, 1, 128)
FRAME_S = FRAME_SAMPLES / RATE_HZ


class VoiceDetector:
    """One sound in pieces, as it comes: `push` gives a probability for every `FRAME_S` that is whole, `finish` the rest."""

    def __init__(self) -> None:
        """Raises `MissingError` where the weights can't be had."""
        self._session = network_session(ensure(WEIGHT_NAME), threads=1)
        self._begin()

    def _begin(self) -> None:
        self._held = np.zeros(CONTEXT_SAMPLES, dtype=np.float32)
        self._state = np.zeros(STATE_SHAPE, dtype=np.float32)

    def push(self, sound: FloatArray) -> FloatArray:
        """(k,) probabilities in [0, 1] that somebody speaks; sound: (n,) float32 in [-1, 1], mono at `RATE_HZ`; k may be 0."""
        held = np.concatenate([self._held, sound.astype(np.float32, copy=False)])
        count = (len(held) - CONTEXT_SAMPLES) // FRAME_SAMPLES
        told = np.empty(count, dtype=np.float32)
        rate = np.array(RATE_HZ, dtype=np.int64)
        for k in range(count):
            seen = held[k * FRAME_SAMPLES : (k + 1) * FRAME_SAMPLES + CONTEXT_SAMPLES]
            answer, self._state = self._session.run(None, {"input": seen[None], "state": self._state, "sr": rate})
            told[k] = answer[0, 0]
        self._held = held[count * FRAME_SAMPLES :]
        return told

    def finish(self) -> FloatArray:
        """(0 or 1,) probability of the last piece, as if silence followed; afterwards another sound may begin."""
        rest = len(self._held) - CONTEXT_SAMPLES
        told = self.push(np.zeros(FRAME_SAMPLES - rest, dtype=np.float32)) if rest else np.zeros(0, dtype=np.float32)
        self._begin()
        return told
