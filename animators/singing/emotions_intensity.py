"""How strongly the performer feels the moment: found in the song, or told by key points."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from animators.singing.articulation import Articulation
from animators.singing.framing import FEATURE_RATE_HZ
from animators.singing.smoothing import highest, ramp, smooth
from animators.singing.song_analysis import SongAnalysis
from pipeline.contracts import FloatArray

#: Energy of the mix is told over this range under its loud passages, and over this long.
ENERGY_RANGE_DB = 22.0
ENERGY_SIGMA_S = 1.0
#: Under this level the mix is a rest.
REST_DB = -58.0


def automatic_intensity(song: SongAnalysis, voice: Articulation) -> FloatArray:
    """(N,) in [0, 1] at `FEATURE_RATE_HZ`, from the mix's energy and the voice's effort and height."""
    energy, _ = mix_energy(song.mix.loudness_db)
    singing = smooth(voice.effort * smooth(voice.gate, 0.3), 0.4)
    return np.clip(0.4 * energy + 0.45 * singing + 0.25 * smooth(voice.high, 0.4), 0.0, 1.0).astype(np.float32)


def edited_intensity(points: Sequence[tuple[float, float]], count: int) -> FloatArray:
    """(count,) at `FEATURE_RATE_HZ`: straight lines between the key points (seconds, intensity), held before and after them."""
    times_s, values = np.asarray(points, dtype=np.float64).T
    return np.interp(np.arange(count) / FEATURE_RATE_HZ, times_s, values).astype(np.float32)


def mix_energy(loudness_db: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Energy of the mix (N,) in [0, 1], slow; and (N,) 0 in rests, 1 elsewhere, from its level (N,) in dB."""
    power = smooth(np.power(10.0, 0.1 * loudness_db), ENERGY_SIGMA_S)
    level_db = 10.0 * np.log10(power + 1e-12)
    loud_db = max(float(np.percentile(level_db, 95)), REST_DB)
    shape = np.clip(1.0 + (level_db - loud_db) / ENERGY_RANGE_DB, 0.0, 1.0)
    sounding = smooth(ramp(highest(loudness_db, 0.5, 0.3), REST_DB - 8.0, REST_DB + 6.0), 0.15)
    return (shape * sounding).astype(np.float32), sounding.astype(np.float32)
