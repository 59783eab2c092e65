"""How the mouth is held at every moment: opening, width, closure, hiss. From the voice alone.

Where the song's lips were learned (`song.lips`), `sung_lips.py` sings them. Else they are made of signal features: every sound
asks for a place of the jaw and the lips with some weight, and the asked places are blended over time with lopsided bells, wider
ahead than behind, for people prepare a sound before it is heard: dominance functions in the spirit of Cohen & Massaro
("Modeling coarticulation in synthetic visual speech", 1993), on frames instead of phonemes. The constants were set on the true
lips of the GRID corpus' speaker s1 and looked at over singing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.contracts import FloatArray, TimedPhoneme
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import bell, highest, ramp, smooth, smooth_where
from motion.singing.performance.articulation_parts import Articulation, held_curve, hiss_curve, note_height, steady, vowel_weight
from motion.singing.performance.sung_lips import sung_articulation, voice_gate
from motion.singing.performance.told_lips import heeding, told_lips
from motion.singing.song_analysis import SongAnalysis

__all__ = ["Articulation", "articulate"]

#: Loudness becomes opening by this power: below 1, so that soft syllables are still seen.
LOUDNESS_POWER = 0.7
#: Share of the opening that every vowel gets, even the closest.
CLOSE_VOWEL_SHARE = 0.28
#: What a dB more of the vowel band over the murmur band opens, and the range in which it counts.
BALANCE_PER_DB = 0.03
BALANCE_RANGE_DB = (-14.0, 10.0)
#: Above this pitch the murmur band is empty and says nothing.
BALANCE_FADES_HZ = (280.0, 420.0)
#: High notes need room: what they add to the vowel's openness, from so many semitones over the singer's middle on.
HIGH_NOTE_OPENING = 0.3
#: Depth in dB of a dip of the vowel band between its neighbours that starts and completes a closure, and how far these lie.
CLOSURE_DEPTH_DB = (7.0, 20.0)
CLOSURE_REACH_S = 0.22
#: Level of hiss, under the singer's, that tells a dip with tongue and teeth (s, t) from one with the lips.
CLOSURE_HISS_DB = (-27.0, -16.0)
#: Bells of the jaw, of the corners of the lips, and of a closure: seconds ahead, seconds behind.
JAW_BELL_S = (0.055, 0.042)
WIDTH_BELL_S = (0.085, 0.06)
CLOSURE_BELL_S = (0.024, 0.020)
#: Rounding and spreading are seen this much before the vowel is heard; jaw and closures keep time with the sound, as in GRID.
WIDTH_LEAD_S = 0.03
#: Where lips are to stay shut in rests: how long before the voice they may part, how long after it they may close.
REST_LEAD_S, REST_TAIL_S, REST_SIGMA_S = 0.03, 0.05, 0.03


def articulate(song: SongAnalysis, phonemes: Sequence[TimedPhoneme] = (), shut_in_rests: bool = False) -> Articulation:
    """Articulation of a whole song; all curves are 0 where nobody sings, but for the breath.

    phonemes: what the voice says, where that is known; the lips heed them (`told_lips.py`). shut_in_rests: see `DrivingSound`.
    """
    if not song.activity.active.any():
        nothing = np.zeros(song.count, dtype=np.float32)
        return replace(Articulation(*[nothing] * 12), breath=song.plan.breath)
    heard = sung_articulation(song) if song.lips.learned else feature_articulation(song)
    said = heeding(heard, told_lips(phonemes, song.count)) if phonemes else heard
    return resting(said, song) if shut_in_rests else said


def resting(said: Articulation, song: SongAnalysis) -> Articulation:
    """The same with lips that part but for the voice: no breath is seen, and no word long before it is heard."""
    near = voice_gate(song.activity.active.astype(np.float32), REST_LEAD_S, REST_TAIL_S, REST_SIGMA_S)
    parted = {name: getattr(said, name) * near for name in ("opening", "jaw", "hiss", "teeth")}
    return replace(said, breath=np.zeros_like(said.breath), **parted)


def feature_articulation(song: SongAnalysis) -> Articulation:
    """Articulation from signal features, without any network."""
    active = song.activity.active.astype(np.float32)
    held = held_curve(song)
    semitones, high = note_height(song)
    loudness = steady(song.activity.loudness, active, held)
    hiss = hiss_curve(song)
    vowel = _vowel_openness(song, held) + HIGH_NOTE_OPENING * high * np.minimum(loudness, 1.0)
    asked = np.power(loudness, LOUDNESS_POWER) * (CLOSE_VOWEL_SHARE + (1.0 - CLOSE_VOWEL_SHARE) * vowel)
    gate = np.minimum(1.0, 1.15 * bell(active, *JAW_BELL_S)) * (highest(active, 0.02, 0.06) > 0)
    opening = bell(asked * (1.0 - 0.8 * hiss), *JAW_BELL_S) * gate
    return Articulation(
        opening=np.clip(opening, 0.0, 1.2).astype(np.float32),
        spread=(_earlier(bell(_spread(song, held), *WIDTH_BELL_S)) * gate).astype(np.float32),
        closure=bell(_closure(song), *CLOSURE_BELL_S),
        hiss=bell(hiss, *CLOSURE_BELL_S) * gate,
        held=held,
        high=high,
        effort=smooth(song.activity.loudness, 0.25).astype(np.float32),
        breath=song.plan.breath,
        semitones=semitones,
        gate=gate.astype(np.float32),
        jaw=np.zeros(song.count, dtype=np.float32),
        teeth=np.zeros(song.count, dtype=np.float32),
    )


def _earlier(curve: FloatArray) -> FloatArray:
    shift = round(WIDTH_LEAD_S * FEATURE_RATE_HZ)
    return np.concatenate([curve[shift:], np.repeat(curve[-1:], shift)])


def _vowel_openness(song: SongAnalysis, held: FloatArray) -> FloatArray:
    """(N,) openness of the vowel in about [0, 1.2]: the vowel estimate, helped by the balance of vowel band and murmur band."""
    weight = vowel_weight(song)
    openness = smooth_where(song.voice.openness, weight, 0.035, 0.3)
    balance = song.voice.vowel_db - song.voice.murmur_db
    low_voice = ramp(-song.voice.f0_hz, -BALANCE_FADES_HZ[1], -BALANCE_FADES_HZ[0])
    told = weight * low_voice
    if (told > 0.3).sum() > FEATURE_RATE_HZ // 2:
        balance = np.clip(balance - np.median(balance[told > 0.3]), *BALANCE_RANGE_DB)
        openness = openness + BALANCE_PER_DB * low_voice * smooth_where(balance, weight + 1e-3, 0.02, 0.0)
    return steady(np.clip(openness, 0.0, 1.2).astype(np.float32), weight, held)


def _spread(song: SongAnalysis, held: FloatArray) -> FloatArray:
    """(N,) in [-1, 1]; consonants and short rests take the shape of the vowels around them."""
    weight = vowel_weight(song)
    return steady(smooth_where(song.voice.spread, weight, 0.05, 0.0), weight, held)


def _closure(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: dips of the vowel band between vowels, without a hiss at their edge: m, b, p, and what looks alike."""
    level = smooth(song.voice.vowel_db, 0.008)
    shoulders = np.minimum(highest(level, CLOSURE_REACH_S, 0.0), highest(level, 0.0, CLOSURE_REACH_S))
    dip = ramp(shoulders - level, *CLOSURE_DEPTH_DB)
    hiss_db = highest(song.voice.hiss_db, 0.03, 0.03) - song.activity.reference_db
    return dip * (1.0 - ramp(hiss_db, *CLOSURE_HISS_DB)) * song.activity.active
