"""The saliency that made sets teach, computed from the sound alone, so that it is known at every frame.

With, 100 times a second, V = 1 where a tone is heard in the voice (active, periodicity at least 0.6) and 0 elsewhere, and three
signs of arousal: level (dB, A-weighted), height (semitones), brightness (dB of 550 to 3200 Hz over 80 to 450 Hz),

    mean_i(t) = (G * (V sign_i))(t) / (G * V)(t)                G: a Gaussian of 0.45 s
    z_i(t)    = (mean_i(t) - m_i) / max(d_i, floor_i)           m_i, d_i: mean and deviation of mean_i where V = 1
    saliency  = 1 / (1 + exp(-2 (0.6 z_level + 0.25 z_height + 0.15 z_brightness)))

The floors (1.5 dB, 0.6 semitones, 1.5 dB) keep a flat voice flat. The signs are those that listeners take for arousal (Juslin &
Laukka, "Communication of emotions in vocal expression and music performance", 2003); a dull voice that swells counts as one.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from core.timebase import frame_times_s
from motion.singing.analysis.smoothing import at_frames, smooth, smooth_where
from motion.singing.song_analysis import SongAnalysis

SIGMA_S, STEEPNESS = 0.45, 2.0
#: Level, height, brightness: their shares, and the least deviation that counts as one.
SHARES, FLOORS = (0.6, 0.25, 0.15), (1.5, 0.6, 1.5)
TONE_PERIODICITY = 0.6
#: Furthest that a pitch may lie from the take's median, in semitones: beyond it an octave was mistaken.
FURTHEST_SEMITONES = 9.0


def saliency_of_signs(signs: FloatArray, voiced: FloatArray) -> FloatArray:
    """(N,) in (0, 1) at 100 Hz by the formula above.

    signs: (N, 3) level in dB, height in semitones, brightness in dB. voiced: (N,) V, 1 or 0. All 0.5 where no tone is heard.
    """
    combined = np.zeros(len(signs))
    where = voiced > 0.5
    if not where.any():
        return np.full(len(signs), 0.5, np.float32)
    for sign, share, floor in zip(signs.T, SHARES, FLOORS, strict=True):
        mean = smooth_where(sign, voiced, SIGMA_S, float(sign[where].mean()))
        combined += share * (mean - mean[where].mean()) / max(float(mean[where].std()), floor)
    return (1.0 / (1.0 + np.exp(-STEEPNESS * combined))).astype(np.float32)


def signs_of(song: SongAnalysis) -> tuple[FloatArray, FloatArray]:
    """Level, height and brightness (N, 3) of a voice at 100 Hz, and where a tone is heard (N,)."""
    voice = song.voice
    voiced = (song.activity.active & (voice.periodicity >= TONE_PERIODICITY)).astype(np.float64)
    semitones = 12.0 * np.log2(np.maximum(voice.f0_hz, 1.0))
    middle = float(np.median(semitones[voiced > 0.5])) if voiced.any() else 0.0
    voiced *= np.abs(semitones - middle) <= FURTHEST_SEMITONES
    signs = np.stack([voice.loudness_db, semitones - middle, voice.vowel_db - voice.murmur_db], axis=1)
    return signs.astype(np.float64), voiced


def true_saliency(song: SongAnalysis) -> FloatArray:
    """(frames,) in (0, 1), one a frame of the song's own rate."""
    curve = smooth(saliency_of_signs(*signs_of(song)), 0.02)
    return at_frames(curve, frame_times_s(song.frames, song.fps), song.fps)
