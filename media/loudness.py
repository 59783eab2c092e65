"""How loud a sound is at its loudest, so that those who listen to a quiet one can turn it up first.

Networks and thresholds know music at the usual levels; a voice at -42 dB would be silence to them. What is as loud as music
usually is stays as it is, to the last bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from core.contracts import FloatArray
from media.sound_reader import read_audio_blocks

RATE_HZ, CHANNELS = 16_000, 2
#: The ear's moment, over which loudness is told (EBU R 128's momentary loudness).
MOMENT_S = 0.4
#: A sound whose loudest moment lies under the first level is turned up to the second, in dB re full scale (mean square).
QUIET_DB, USUAL_DB = -30.0, -15.0
#: Under this nothing but a converter's noise is left, which is no sound.
SILENT_DB = -84.0


def gain_of_quiet_sound(path: Path, start_s: float = 0.0, duration_s: float | None = None) -> float:
    """The factor that makes a quiet sound file, or the excerpt of it, as loud as music usually is; 1 for all others.

    Raises `InputError` where the file can't be read.
    """
    level_db = loudest_moment_db(read_audio_blocks(path, RATE_HZ, CHANNELS, 10 * RATE_HZ, start_s, duration_s), RATE_HZ)
    return float(10 ** ((USUAL_DB - level_db) / 20)) if SILENT_DB < level_db < QUIET_DB else 1.0


def loudest_moment_db(blocks: Iterable[FloatArray], sample_rate_hz: int) -> float:
    """Mean square over the channels of the loudest moment in dB re full scale; -inf for silence. blocks: (n, channels)."""
    step = round(MOMENT_S * sample_rate_hz)
    loudest, held = 0.0, np.zeros(0)
    for block in blocks:
        power = np.concatenate([held, np.square(block, dtype=np.float64).mean(axis=1)])
        whole = len(power) - len(power) % step
        if whole:
            loudest = max(loudest, float(power[:whole].reshape(-1, step).mean(axis=1).max()))
        held = power[whole:]
    if len(held):
        loudest = max(loudest, float(held.sum() / step))
    return float(10 * np.log10(loudest)) if loudest > 0 else -np.inf
