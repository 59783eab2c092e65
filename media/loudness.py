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
#: A voice recorded alone that lies farther under its mix is turned up to it; one farther still is none.
FAR_UNDER_DB, LEFTOVER_DB = 9.0, 60.0


def gain_of_quiet_sound(path: Path, start_s: float = 0.0, duration_s: float | None = None) -> float:
    """The factor that makes a quiet sound file, or the excerpt of it, as loud as music usually is; 1 for all others.

    Raises `InputError` where the file can't be read.
    """
    level_db = loudest_moment_db(read_audio_blocks(path, RATE_HZ, CHANNELS, 10 * RATE_HZ, start_s, duration_s), RATE_HZ)
    return float(10 ** ((USUAL_DB - level_db) / 20)) if SILENT_DB < level_db < QUIET_DB else 1.0


def gain_of_quiet_voice(voice: Path, mix: Path) -> float:
    """The factor for a voice that was recorded alone, so that it stands beside the mix as a singer does; 1 where it does.

    The mix counts as `gain_of_quiet_sound` leaves it. What lies more than `LEFTOVER_DB` under it is what a separator leaves
    of a song in which nobody sings, and is not turned up. Raises `InputError` where a file can't be read.
    """
    voice_db, mix_db = (_loudest_moment_of(path) for path in (voice, mix))
    if not max(SILENT_DB, mix_db - LEFTOVER_DB) < voice_db:
        return 1.0
    beside_db = USUAL_DB if SILENT_DB < mix_db < QUIET_DB else mix_db
    least_db = max(QUIET_DB, beside_db - FAR_UNDER_DB)
    return float(10 ** ((max(USUAL_DB, beside_db) - voice_db) / 20)) if voice_db < least_db else 1.0


def _loudest_moment_of(path: Path) -> float:
    return loudest_moment_db(read_audio_blocks(path, RATE_HZ, CHANNELS, 10 * RATE_HZ), RATE_HZ)


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
