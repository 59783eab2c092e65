"""From learned lips to a singer's: the curves that a network learned from speech, carried over to singing.

What people do with their lips for the sounds of a word is the network's. What singing adds is put on here: a loud note opens the
mouth further than a soft one, a held vowel stays as it began, a vowel that sounds is never shut, and rests shut the mouth. All of
that but the rests follows how sung the moment is: speech keeps the size and the timing that the network gives it, and a whisper
is smaller.
"""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.smoothing import bell, highest, ramp, runs, smooth, smooth_where
from motion.singing.performance.articulation_parts import (
    Articulation,
    held_curve,
    hiss_curve,
    note_height,
    steady,
    sung_curve,
)
from motion.singing.song_analysis import SongAnalysis

#: Millimetres between the lips of an opening of 1, as the mouth's shapes draw it.
OPENING_MM = 28.5
#: How much further than in speech the lips part for the softest and for the loudest singing, the loudness of both, and what the
#: highest notes add. Loudness is that of the phrase, over so long: what a syllable does with it, the network has learned.
SUNG_GAIN = (0.85, 2.3)
GAIN_LOUDNESS = (0.3, 1.0)
GAIN_SIGMA_S = 0.6
HIGH_NOTE_GAIN = 0.3
#: A syllable that fades lets the mouth sink to this share, between these loudnesses.
FADED_SHARE, FADED_LOUDNESS, FADED_SIGMA_S = 0.55, (0.15, 0.75), 0.06
#: A clear vowel shows at least this opening, from so much loudness on; behind a murmur so many dB over the vowel band it may be
#: shut.
VOWEL_OPENING, VOWEL_LOUDNESS, MURMUR_DB = 0.10, (0.25, 0.7), (6.0, 16.0)
#: In loud vowels the aperture goes with this power of the spoken one, whose open vowels have so many millimetres.
SUNG_POWER, OPEN_VOWEL_MM = 0.6, 13.0
#: A held note keeps this share of the widest opening within this reach.
HELD_SHARE, HELD_REACH_S = 0.8, 2.5
#: Lips nearer than the first are shut, farther than the second are not.
SHUT_MM, PARTED_MM = 0.7, 1.7
#: Told of a closure less surely than the first, the lips do not heed it; from the second on they shut. Of voices that it never
#: heard the network is seldom as sure as of the one it learned, and a missed m, b or p is seen at once.
CLOSURE_TOLD = (0.1, 0.5)
#: A closure is seen at least this much before and after its middle.
CLOSURE_REACH_S = 0.012
#: A vowel band that lies so many dB under its highest within this reach allows a closure.
DIP_DB, DIP_REACH_S = (2.0, 6.0), 0.22
#: The mouth may open this much before the voice is heard, and shuts this much after it.
LEAD_S, TAIL_S, GATE_SIGMA_S = 0.11, 0.05, 0.04
#: The same in speech, for which the network knows when lips part.
SPOKEN_LEAD_S, SPOKEN_TAIL_S, SPOKEN_SIGMA_S = 0.16, 0.12, 0.05
#: Speech keeps the lips' own size but in a whisper, which is small: this share of it, and the loudness of both.
WHISPERED_SHARE, SPOKEN_LOUDNESS = 0.55, (0.48, 0.65)
#: Width of the open mouth in speech, from rest; how far spread and rounded lips go from there; a pucker that counts as all round.
OPEN_WIDTH_MM, SPREAD_MM, ROUND_MM, FULL_PUCKER = -1.6, 2.6, 3.6, 0.35


def sung_articulation(song: SongAnalysis) -> Articulation:
    """Articulation of a whole song whose lips were learned (`song.lips.learned`)."""
    active = song.activity.active.astype(np.float32)
    sung = sung_curve(song)
    held = held_curve(song) * sung
    semitones, high = note_height(song)
    effort = smooth(song.activity.loudness, 0.25).astype(np.float32)
    gate = sung * voice_gate(active, LEAD_S, TAIL_S, GATE_SIGMA_S)
    gate += (1.0 - sung) * voice_gate(active, SPOKEN_LEAD_S, SPOKEN_TAIL_S, SPOKEN_SIGMA_S)
    sounding = _sounding(song)
    closure = _closure(song, gate, sounding)
    aperture_mm = _held_open(np.maximum(song.lips.curve("aperture_mm", song.count), 0.0), held)
    phrase = smooth_where(song.activity.loudness, active, GAIN_SIGMA_S, 0.0)
    gain = SUNG_GAIN[0] + (SUNG_GAIN[1] - SUNG_GAIN[0]) * ramp(phrase, *GAIN_LOUDNESS) + HIGH_NOTE_GAIN * high
    gain *= FADED_SHARE + (1.0 - FADED_SHARE) * ramp(smooth(song.activity.loudness, FADED_SIGMA_S), *FADED_LOUDNESS)
    spoken = WHISPERED_SHARE + (1.0 - WHISPERED_SHARE) * ramp(phrase, *SPOKEN_LOUDNESS)
    gain = spoken + sung * (gain - spoken)
    sounding = sung * sounding * (1.0 - closure)
    opening = np.maximum(_sung_vowels(aperture_mm, sounding) * gain / OPENING_MM, VOWEL_OPENING * sounding)
    jaw = np.maximum(steady(song.lips.curve("jaw_mm", song.count), active, held), 0.0) * gain / OPENING_MM
    return Articulation(
        opening=(np.clip(opening, 0.0, 1.2) * gate).astype(np.float32),
        spread=(_spread(song, aperture_mm, held) * gate).astype(np.float32),
        closure=closure,
        hiss=(bell(hiss_curve(song), 0.024, 0.020) * gate).astype(np.float32),
        held=held,
        high=high,
        effort=effort,
        breath=song.plan.breath,
        semitones=semitones,
        gate=gate,
        jaw=(np.clip(jaw, 0.0, 1.0) * gate).astype(np.float32),
        teeth=np.zeros(song.count, dtype=np.float32),
    )


def voice_gate(active: FloatArray, lead_s: float, tail_s: float, sigma_s: float) -> FloatArray:
    """(N,) in [0, 1]: where the mouth may be open."""
    gate: FloatArray = np.minimum(1.0, 1.1 * smooth(highest(active, tail_s, lead_s), sigma_s)).astype(np.float32)
    return gate


def _closure(song: SongAnalysis, gate: FloatArray, sounding: FloatArray) -> FloatArray:
    """(N,) in [0, 1]: where the network is sure of a closure, or its lips touch; wide enough to be seen on a film.

    Never where a vowel sounds as loud as all around it: nobody sings through shut lips but in a hum.
    """
    closing = closing_of(song.lips.curve("closure", song.count), song.lips.curve("aperture_mm", song.count))
    level = smooth(song.voice.vowel_db, 0.008)
    dip = ramp(highest(level, DIP_REACH_S, DIP_REACH_S) - level, *DIP_DB)
    closed = closing * (1.0 - sounding * (1.0 - dip))
    return (highest(closed, CLOSURE_REACH_S, CLOSURE_REACH_S) * gate).astype(np.float32)


def closing_of(told: FloatArray, aperture_mm: FloatArray) -> FloatArray:
    """(N,) in [0, 1]: lips that the network says to be shut, or that touch."""
    return np.maximum(ramp(told, *CLOSURE_TOLD), ramp(-aperture_mm, -PARTED_MM, -SHUT_MM))


def _held_open(aperture_mm: FloatArray, held: FloatArray) -> FloatArray:
    """Within held notes: steady, and as open at the end as at the beginning; speech has taught nobody how long a note can be."""
    calm = steady(aperture_mm, np.ones_like(held), held)
    least = np.zeros_like(calm)
    for start, stop in runs(held > 0.5):
        least[start:stop] = HELD_SHARE * highest(calm[start:stop], HELD_REACH_S, 0.0)
    return np.maximum(calm, least * held).astype(np.float32)


def _sounding(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: a loud, clear vowel is heard, and no hum."""
    vowel = (song.voice.openness > 0.0).astype(np.float32)
    murmur = ramp(song.voice.murmur_db - song.voice.vowel_db, *MURMUR_DB)
    return smooth(vowel * (1.0 - murmur) * ramp(song.activity.loudness, *VOWEL_LOUDNESS), 0.03)


def _sung_vowels(aperture_mm: FloatArray, sounding: FloatArray) -> FloatArray:
    """Close vowels are sung further open than they are spoken, by a power below 1; consonants are not."""
    power = 1.0 - (1.0 - SUNG_POWER) * sounding
    return (OPEN_VOWEL_MM * np.power(aperture_mm / OPEN_VOWEL_MM, power)).astype(np.float32)


def _spread(song: SongAnalysis, aperture_mm: FloatArray, held: FloatArray) -> FloatArray:
    """(N,) in [-1, 1]: rounded to spread, by the width against that of a mouth so far open, and by the pucker."""
    spread = spread_of(aperture_mm, song.lips.curve("width_mm", song.count), song.lips.curve("mouthPucker", song.count))
    return steady(spread, np.ones_like(held), held)


def spread_of(aperture_mm: FloatArray, width_mm: FloatArray, pucker: FloatArray) -> FloatArray:
    """(N,) in [-1, 1]: rounded to spread, by what the network says of the lips."""
    beyond_mm = width_mm - OPEN_WIDTH_MM * ramp(aperture_mm, 0.5, 3.0)
    rounded = np.maximum(np.clip(-beyond_mm / ROUND_MM, 0.0, 1.0), np.clip(pucker / FULL_PUCKER, 0.0, 1.0))
    return (np.clip(beyond_mm / SPREAD_MM, 0.0, 1.0) - rounded).astype(np.float32)
