"""What the mouth does for a piece of speech of which the sound alone is known: by the live lips network and the level."""

from __future__ import annotations

import threading
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.signal import resample_poly

from core.contracts import FloatArray
from motion.singing.analysis.framing import ANALYSIS_RATE_HZ
from motion.singing.analysis.smoothing import highest, smooth
from motion.singing.lips.lip_curves import LipCurves
from motion.singing.lips.streaming import LiveLips
from motion.singing.performance.articulation_parts import Articulation
from motion.singing.performance.sung_lips import (
    CLOSURE_REACH_S,
    OPENING_MM,
    SPOKEN_LEAD_S,
    SPOKEN_SIGMA_S,
    SPOKEN_TAIL_S,
    closing_of,
    spread_of,
    voice_gate,
)

#: Loudness, as `phoneme_lips.loudness_of` tells it, from which on somebody speaks.
SPEAKS_FROM = 0.2
LEVEL_SIGMA_S = 0.03
#: The live network is less sure of closures than that of films, which hears further ahead.
SURER = 2.0
#: One network serves all who perform; it hears one voice at a time.
_ONE_VOICE = threading.Lock()


@cache
def _lips() -> LiveLips:
    return LiveLips()


def heard_articulation(sound: FloatArray, rate_hz: int, loudness: FloatArray, before_s: float) -> Articulation:
    """The mouth of a sound (n,) at `FEATURE_RATE_HZ`, which begins `before_s` after the curve. loudness: (N,), of the curve.

    Raises MissingError where the trained lips are missing.
    """
    count = len(loudness)
    curves = _heard(sound, rate_hz, before_s)
    aperture_mm = np.maximum(curves.curve("aperture_mm", count), 0.0)
    active = (smooth(loudness, LEVEL_SIGMA_S) > SPEAKS_FROM).astype(np.float32)
    gate = voice_gate(active, SPOKEN_LEAD_S, SPOKEN_TAIL_S, SPOKEN_SIGMA_S)
    spread = spread_of(aperture_mm, curves.curve("width_mm", count), curves.curve("mouthPucker", count))
    closing = closing_of(SURER * curves.curve("closure", count), aperture_mm)
    jaw = np.clip(curves.curve("jaw_mm", count) / OPENING_MM, 0.0, 1.0)
    return replace(
        Articulation(*[np.zeros(count, dtype=np.float32)] * 12),
        opening=(aperture_mm / OPENING_MM * gate).astype(np.float32),
        jaw=(jaw * gate).astype(np.float32),
        spread=(spread * gate).astype(np.float32),
        closure=(highest(closing, CLOSURE_REACH_S, CLOSURE_REACH_S) * gate).astype(np.float32),
        effort=smooth(loudness, 0.25).astype(np.float32),
        gate=gate,
    )


def _heard(sound: FloatArray, rate_hz: int, before_s: float) -> LipCurves:
    """What the network says of the sound after `before_s` of silence."""
    at_rate = resample_poly(sound, ANALYSIS_RATE_HZ, rate_hz) if rate_hz != ANALYSIS_RATE_HZ else sound
    silence = np.zeros(round(before_s * ANALYSIS_RATE_HZ), dtype=np.float32)
    with _ONE_VOICE:
        lips = _lips()
        fed = lips.feed(np.concatenate([silence, np.asarray(at_rate, dtype=np.float32)]))
        return LipCurves(np.concatenate([fed, lips.finish()]))
