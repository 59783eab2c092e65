"""How the mouth is held at every moment: opening, width, closure, hiss. From the voice alone.

Every sound asks for a place of the jaw and the lips with some weight, and the asked places are blended over time with lopsided
bells, wider ahead than behind, for people prepare a sound before it is heard: dominance functions in the spirit of Cohen &
Massaro ("Modeling coarticulation in synthetic visual speech", 1993), on frames instead of phonemes. The constants were set on the
true lips of the GRID corpus' speaker s1 and looked at over singing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.singing.framing import FEATURE_RATE_HZ
from animators.singing.smoothing import bell, highest, lowest, ramp, runs, smooth, smooth_where
from animators.singing.song_analysis import SongAnalysis
from pipeline.contracts import FloatArray

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
HIGH_NOTE_SEMITONES = (2.0, 9.0)
#: Depth in dB of a dip of the vowel band between its neighbours that starts and completes a closure, and how far these lie.
CLOSURE_DEPTH_DB = (7.0, 20.0)
CLOSURE_REACH_S = 0.22
#: Level of hiss, under the singer's, that tells a dip with tongue and teeth (s, t) from one with the lips.
CLOSURE_HISS_DB = (-27.0, -16.0)
#: A hiss: high band over vowel band, and its level under the singer's.
HISS_BALANCE_DB = (-3.0, 8.0)
HISS_LEVEL_DB = (-36.0, -22.0)
#: Bells of the jaw, of the corners of the lips, and of a closure: seconds ahead, seconds behind.
JAW_BELL_S = (0.055, 0.042)
WIDTH_BELL_S = (0.085, 0.06)
CLOSURE_BELL_S = (0.024, 0.020)
#: Rounding and spreading are seen this much before the vowel is heard; jaw and closures keep time with the sound, as in GRID.
WIDTH_LEAD_S = 0.03
#: Within a held note shapes are steadied over this long.
HELD_SIGMA_S = 0.22
HELD_REACH_S = 0.13
#: Breath before a phrase: shortest rest that allows it, and how long it is seen.
BREATH_REST_S = 0.3
BREATH_LENGTH_S = (0.22, 0.6)


@dataclass(frozen=True)
class Articulation:
    """Curves (N,) float32 at `FEATURE_RATE_HZ`.

    opening in [0, 1.2]: how far the mouth is open, 1 for a loud "ah". spread in [-1, 1]: rounded to spread.
    closure in [0, 1]: lips pressed together between vowels. hiss in [0, 1]: teeth together, lips apart.
    held in [0, 1]: within a held note. high in [0, 1]: height of the note for this singer.
    effort in [0, 1.2]: loudness without its syllables. breath in [0, 1]: breathing in.
    semitones: pitch over the singer's middle, 0 where there is none. gate in [0, 1]: 0 where the mouth is shut.
    """

    opening: FloatArray
    spread: FloatArray
    closure: FloatArray
    hiss: FloatArray
    held: FloatArray
    high: FloatArray
    effort: FloatArray
    breath: FloatArray
    semitones: FloatArray
    gate: FloatArray


def articulate(song: SongAnalysis) -> Articulation:
    """Articulation of a whole song; all curves are 0 where nobody sings, but for the breath."""
    active = song.activity.active.astype(np.float32)
    breath = _breath(song)
    if not active.any():
        nothing = np.zeros(song.count, dtype=np.float32)
        return Articulation(
            nothing, nothing, nothing, nothing, nothing, nothing, nothing, breath=breath, semitones=nothing, gate=nothing
        )
    held = _held(song)
    semitones, high = _height(song)
    loudness = _steady(song.activity.loudness, active, held)
    hiss = _hiss(song)
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
        breath=breath,
        semitones=semitones,
        gate=gate.astype(np.float32),
    )


def _earlier(curve: FloatArray) -> FloatArray:
    shift = round(WIDTH_LEAD_S * FEATURE_RATE_HZ)
    return np.concatenate([curve[shift:], np.repeat(curve[-1:], shift)])


def _weight(song: SongAnalysis) -> FloatArray:
    """How much each frame's vowel counts: clear, sung and loud."""
    return np.where(song.voice.openness > 0.0, np.minimum(song.activity.loudness, 1.0), 0.0).astype(np.float32)


def _steady(curve: FloatArray, weight: FloatArray, held: FloatArray) -> FloatArray:
    """`curve`, but slow within held notes, so that the mouth holds its shape and neither trembles nor tires."""
    slow = smooth_where(curve, weight * held, HELD_SIGMA_S, 0.0)
    return (curve + held * (slow - curve)).astype(np.float32)


def _held(song: SongAnalysis) -> FloatArray:
    """(N,) 1 inside notes whose loudness and tone last, fading over their ends."""
    loudness = song.activity.loudness
    floor = lowest(loudness, HELD_REACH_S, HELD_REACH_S)
    ceiling = highest(loudness, HELD_REACH_S, HELD_REACH_S)
    tone = lowest(smooth(song.voice.periodicity, 0.02), HELD_REACH_S, HELD_REACH_S)
    openness = smooth(song.voice.openness, 0.03)
    moves = highest(openness, HELD_REACH_S, HELD_REACH_S) - lowest(openness, HELD_REACH_S, HELD_REACH_S)
    lasts = ramp(floor / np.maximum(ceiling, 0.05), 0.7, 0.88) * ramp(tone, 0.6, 0.8) * ramp(-moves, -0.4, -0.2)
    return smooth(lasts * song.activity.active, 0.05).astype(np.float32)


def _height(song: SongAnalysis) -> tuple[FloatArray, FloatArray]:
    """Semitones over the singer's middle note (0 where there is none), and how high that is in [0, 1]."""
    weight = _weight(song)
    if weight.max() <= 0.0:
        return np.zeros(song.count, dtype=np.float32), np.zeros(song.count, dtype=np.float32)
    notes = 12.0 * np.log2(np.maximum(song.voice.f0_hz, 1.0))
    semitones = np.where(
        weight > 0.0, notes - np.median(notes[weight > 0.3] if (weight > 0.3).any() else notes[weight > 0.0]), 0.0
    )
    semitones = semitones.astype(np.float32)
    steady = smooth_where(semitones, weight, 0.06, 0.0)
    return (steady * (weight > 0)).astype(np.float32), ramp(steady, *HIGH_NOTE_SEMITONES) * smooth(np.minimum(1.0, weight), 0.04)


def _vowel_openness(song: SongAnalysis, held: FloatArray) -> FloatArray:
    """(N,) openness of the vowel in about [0, 1.2]: the vowel estimate, helped by the balance of vowel band and murmur band."""
    weight = _weight(song)
    openness = smooth_where(song.voice.openness, weight, 0.035, 0.3)
    balance = song.voice.vowel_db - song.voice.murmur_db
    low_voice = ramp(-song.voice.f0_hz, -BALANCE_FADES_HZ[1], -BALANCE_FADES_HZ[0])
    told = weight * low_voice
    if (told > 0.3).sum() > FEATURE_RATE_HZ // 2:
        balance = np.clip(balance - np.median(balance[told > 0.3]), *BALANCE_RANGE_DB)
        openness = openness + BALANCE_PER_DB * low_voice * smooth_where(balance, weight + 1e-3, 0.02, 0.0)
    return _steady(np.clip(openness, 0.0, 1.2).astype(np.float32), weight, held)


def _spread(song: SongAnalysis, held: FloatArray) -> FloatArray:
    """(N,) in [-1, 1]; consonants and short rests take the shape of the vowels around them."""
    weight = _weight(song)
    return _steady(smooth_where(song.voice.spread, weight, 0.05, 0.0), weight, held)


def _closure(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: dips of the vowel band between vowels, without a hiss at their edge: m, b, p, and what looks alike."""
    level = smooth(song.voice.vowel_db, 0.008)
    shoulders = np.minimum(highest(level, CLOSURE_REACH_S, 0.0), highest(level, 0.0, CLOSURE_REACH_S))
    dip = ramp(shoulders - level, *CLOSURE_DEPTH_DB)
    hiss_db = highest(song.voice.hiss_db, 0.03, 0.03) - song.activity.reference_db
    return dip * (1.0 - ramp(hiss_db, *CLOSURE_HISS_DB)) * song.activity.active


def _hiss(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: s, sh, z, ch."""
    balance = ramp(song.voice.hiss_db - song.voice.vowel_db, *HISS_BALANCE_DB)
    level = ramp(song.voice.hiss_db - song.activity.reference_db, *HISS_LEVEL_DB)
    return (balance * level * song.activity.active).astype(np.float32)


def _breath(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: a rise and a quicker fall before every phrase that has room for it; deeper before long phrases."""
    breath = np.zeros(song.count, dtype=np.float32)
    previous_stop_s = 0.0
    for start_s, stop_s in song.activity.phrases_s:
        rest_s = start_s - previous_stop_s
        previous_stop_s = stop_s
        if rest_s < BREATH_REST_S:
            continue
        depth = 0.55 + 0.45 * min(1.0, (stop_s - start_s) / 4.0)
        length_s = float(
            np.clip(0.7 * rest_s, BREATH_LENGTH_S[0], BREATH_LENGTH_S[0] + (BREATH_LENGTH_S[1] - BREATH_LENGTH_S[0]) * depth)
        )
        first, last = round((start_s - length_s) * FEATURE_RATE_HZ), round(start_s * FEATURE_RATE_HZ)
        place = np.linspace(0.0, 1.0, max(2, last - max(0, first)))
        bump = np.sin(np.pi * np.power(place, 1.5)) ** 2
        breath[max(0, first) : max(0, first) + len(bump)] = (depth * bump)[: song.count - max(0, first)]
    return breath


def held_notes(articulation: Articulation, shortest_s: float) -> np.ndarray:
    """(H, 2) first and one-past-last feature frame of every held note of at least `shortest_s`."""
    found = runs(articulation.held > 0.5)
    return found[(found[:, 1] - found[:, 0]) >= shortest_s * FEATURE_RATE_HZ]
