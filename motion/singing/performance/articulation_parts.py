"""What both kinds of articulation share: its record, and what is read from the voice for it whatever moves the lips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.smoothing import highest, lowest, ramp, runs, smooth, smooth_where
from motion.singing.analysis.voice_features import CLEAR_PERIODICITY
from motion.singing.song_analysis import SongAnalysis

#: How many semitones over the singer's middle count as high, and as highest.
HIGH_NOTE_SEMITONES = (2.0, 9.0)
#: A hiss: high band over vowel band, and its level under the singer's.
HISS_BALANCE_DB = (-3.0, 8.0)
HISS_LEVEL_DB = (-36.0, -22.0)
#: A stretch of clear tone whose pitch glides by less than so many semitones a second, once vibrato is smoothed away, is a note
#: where it lasts: speech has hardly any of half a second. Where such notes make up these shares of the tone around, it is sung.
NOTE_GLIDE, NOTE_SIGMA_S, NOTE_S = 8.0, 0.06, (0.25, 0.5)
SUNG_SHARE, SUNG_SIGMA_S, SUNG_EDGE_S = (0.04, 0.2), 2.0, 0.1
#: Within a held note shapes are steadied over this long.
HELD_SIGMA_S = 0.22
HELD_REACH_S = 0.13


@dataclass(frozen=True)
class Articulation:
    """Curves (N,) float32 at `FEATURE_RATE_HZ`.

    opening in [0, 1.2]: how far the mouth is open, 1 for a loud "ah". spread in [-1, 1]: rounded to spread.
    closure in [0, 1]: lips pressed together between vowels. hiss in [0, 1]: teeth together, lips apart.
    held in [0, 1]: within a held note. high in [0, 1]: height of the note for this singer.
    effort in [0, 1.2]: loudness without its syllables. breath in [0, 1]: breathing in.
    semitones: pitch over the singer's middle, 0 where there is none. gate in [0, 1]: 0 where the mouth is shut.
    jaw in [0, 1]: how far the jaw is down by itself, as `opening`; 0 where only the lips' opening is known.
    teeth in [0, 1]: lower lip at the upper teeth, for f and v; only known of a voice that tells its phonemes.
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
    jaw: FloatArray
    teeth: FloatArray


def vowel_weight(song: SongAnalysis) -> FloatArray:
    """How much each frame's vowel counts: clear, sung and loud."""
    return np.where(song.voice.openness > 0.0, np.minimum(song.activity.loudness, 1.0), 0.0).astype(np.float32)


def steady(curve: FloatArray, weight: FloatArray, held: FloatArray) -> FloatArray:
    """(N,) `curve`, but slow within held notes, so that the mouth holds its shape and neither trembles nor tires."""
    slow = smooth_where(curve, weight * held, HELD_SIGMA_S, 0.0)
    return (curve + held * (slow - curve)).astype(np.float32)


def sung_curve(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: how far the voice sings, 0 where it speaks. People who sing hold notes; people who speak glide.

    A held note is sung wherever it stands; around it the share of held notes in a few seconds tells.
    """
    toned = (song.voice.periodicity > CLEAR_PERIODICITY) & song.activity.active
    weight = toned.astype(np.float32)
    semitones = 12.0 * np.log2(np.maximum(song.voice.f0_hz, 1.0)).astype(np.float32)
    glide = FEATURE_RATE_HZ * np.abs(np.gradient(smooth_where(semitones, weight, NOTE_SIGMA_S, 0.0)))
    note = np.zeros(song.count, dtype=np.float32)
    for start, stop in runs(toned & (glide < NOTE_GLIDE)):
        note[start:stop] = ramp(np.array([(stop - start) / FEATURE_RATE_HZ]), *NOTE_S)
    around = ramp(smooth_where(note, weight, SUNG_SIGMA_S, 0.0), *SUNG_SHARE)
    return np.maximum(around, smooth(note, SUNG_EDGE_S)).astype(np.float32)


def held_curve(song: SongAnalysis) -> FloatArray:
    """(N,) 1 inside notes whose loudness and tone last, fading over their ends."""
    loudness = song.activity.loudness
    floor = lowest(loudness, HELD_REACH_S, HELD_REACH_S)
    ceiling = highest(loudness, HELD_REACH_S, HELD_REACH_S)
    tone = lowest(smooth(song.voice.periodicity, 0.02), HELD_REACH_S, HELD_REACH_S)
    openness = smooth(song.voice.openness, 0.03)
    moves = highest(openness, HELD_REACH_S, HELD_REACH_S) - lowest(openness, HELD_REACH_S, HELD_REACH_S)
    lasts = ramp(floor / np.maximum(ceiling, 0.05), 0.7, 0.88) * ramp(tone, 0.6, 0.8) * ramp(-moves, -0.4, -0.2)
    return smooth(lasts * song.activity.active, 0.05).astype(np.float32)


def note_height(song: SongAnalysis) -> tuple[FloatArray, FloatArray]:
    """Semitones over the singer's middle note (0 where there is none), and how high that is in [0, 1]."""
    weight = vowel_weight(song)
    if weight.max() <= 0.0:
        return np.zeros(song.count, dtype=np.float32), np.zeros(song.count, dtype=np.float32)
    notes = 12.0 * np.log2(np.maximum(song.voice.f0_hz, 1.0))
    semitones = np.where(
        weight > 0.0, notes - np.median(notes[weight > 0.3] if (weight > 0.3).any() else notes[weight > 0.0]), 0.0
    )
    semitones = semitones.astype(np.float32)
    calm = smooth_where(semitones, weight, 0.06, 0.0)
    return (calm * (weight > 0)).astype(np.float32), ramp(calm, *HIGH_NOTE_SEMITONES) * smooth(np.minimum(1.0, weight), 0.04)


def hiss_curve(song: SongAnalysis) -> FloatArray:
    """(N,) in [0, 1]: s, sh, z, ch."""
    balance = ramp(song.voice.hiss_db - song.voice.vowel_db, *HISS_BALANCE_DB)
    level = ramp(song.voice.hiss_db - song.activity.reference_db, *HISS_LEVEL_DB)
    return (balance * level * song.activity.active).astype(np.float32)
