"""The voice's part of the plan: pitch and range, phrases and their peaks, breaths, held notes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import median_filter

from core.contracts import FloatArray
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.plan import Breath, HeldNote, Phrase
from motion.singing.analysis.smoothing import runs, smooth, smooth_where
from motion.singing.analysis.sung_pitch import VOICED
from motion.singing.analysis.voice_activity import VoiceActivity
from motion.singing.analysis.voice_features import VoiceFeatures

#: The singer's range in a song: these percentiles of the sung pitch, and never less than this many semitones.
RANGE_PERCENTILES = (5.0, 95.0)
LEAST_RANGE_SEMITONES = 7.0
#: A slip of the pitch (an octave, a consonant) shorter than this is taken out.
SLIP_S = 0.09
#: Breath before a phrase: shortest rest that allows it, and how long it is seen, for the shortest and the longest phrase.
BREATH_REST_S = 0.3
BREATH_LENGTH_S = (0.22, 0.6)
LONG_PHRASE_S = 4.0
#: A held note lasts at least this long and stays this near, in semitones, to its own slow mean; vibrato reaches to about 0.7.
HELD_S, HELD_REACH_SEMITONES, HELD_SIGMA_S = 0.45, 0.9, 0.12
#: Speed of the slow mean, in semitones a second, that is a glide and ends the note.
GLIDE_SEMITONES_PER_S = 7.0
#: A lost frame or a consonant shorter than this does not end a note.
HELD_GAP_S = 0.05


@dataclass(frozen=True)
class PitchCurves:
    """midi_note (N,) NaN where nothing is sung; height (N,) in [0, 1]; range_midi: None where nobody sings. See `SongPlan`."""

    midi_note: FloatArray
    height: FloatArray
    range_midi: tuple[float, float] | None


def pitch_curves(voice: VoiceFeatures, activity: VoiceActivity) -> PitchCurves:
    """The sung pitch of a whole song and its place in the singer's range."""
    clear = activity.active & (voice.sung_confidence >= VOICED)
    count = len(clear)
    if clear.sum() < 2 * SLIP_S * FEATURE_RATE_HZ:
        return PitchCurves(np.full(count, np.nan, np.float32), np.zeros(count, np.float32), None)
    notes = 12.0 * np.log2(np.maximum(voice.sung_hz, 1.0) / 440.0) + 69.0
    where = np.flatnonzero(clear)
    # The median runs over sung frames only, as if they were joined.
    notes[where] = median_filter(notes[where], 2 * round(0.5 * SLIP_S * FEATURE_RATE_HZ) + 1, mode="nearest")
    low, high = (float(value) for value in np.percentile(notes[where], RANGE_PERCENTILES))
    middle, reach = 0.5 * (low + high), max(high - low, LEAST_RANGE_SEMITONES)
    sung = np.where(clear, notes, 0.0)
    steady = smooth_where(sung.astype(np.float32), clear.astype(np.float32), 0.1, middle)
    near = smooth(np.minimum(1.0, 1.2 * smooth(activity.active.astype(np.float32), 0.08)), 0.04)
    height = np.clip(0.5 + (steady - middle) / reach, 0.0, 1.0) * near
    return PitchCurves(np.where(clear, notes, np.nan).astype(np.float32), height.astype(np.float32), (low, high))


def find_phrases(activity: VoiceActivity, pitch: PitchCurves) -> tuple[Phrase, ...]:
    """Phrases with their peaks: the loudest and highest moment, felt over a third of a second."""
    strength = smooth(np.minimum(activity.loudness, 1.0) * (0.6 + 0.4 * pitch.height), 0.3)
    phrases, previous_end_s = [], 0.0
    for start_s, end_s in activity.phrases_s.tolist():
        first, last = round(start_s * FEATURE_RATE_HZ), max(round(start_s * FEATURE_RATE_HZ) + 1, round(end_s * FEATURE_RATE_HZ))
        peak = first + int(np.argmax(strength[first:last]))
        energy = float(np.clip(strength[peak], 0.0, 1.0))
        phrases.append(Phrase(start_s, end_s, peak / FEATURE_RATE_HZ, energy, start_s - previous_end_s))
        previous_end_s = end_s
    return tuple(phrases)


def find_breaths(phrases: tuple[Phrase, ...]) -> tuple[Breath, ...]:
    """A breath before every phrase that has room for one."""
    breaths = []
    for phrase in phrases:
        if phrase.rest_before_s < BREATH_REST_S:
            continue
        depth = 0.55 + 0.45 * min(1.0, (phrase.end_s - phrase.start_s) / LONG_PHRASE_S)
        longest_s = BREATH_LENGTH_S[0] + (BREATH_LENGTH_S[1] - BREATH_LENGTH_S[0]) * depth
        length_s = float(np.clip(0.7 * phrase.rest_before_s, BREATH_LENGTH_S[0], longest_s))
        breaths.append(Breath(max(0.0, phrase.start_s - length_s), phrase.start_s, depth))
    return tuple(breaths)


def breath_curve(breaths: tuple[Breath, ...], count: int) -> FloatArray:
    """(count,) in [0, 1]: each breath rises and falls more quickly."""
    curve = np.zeros(count, dtype=np.float32)
    for breath in breaths:
        first, last = round(breath.start_s * FEATURE_RATE_HZ), round(breath.end_s * FEATURE_RATE_HZ)
        place = np.linspace(0.0, 1.0, max(2, last - first))
        bump = breath.depth * np.sin(np.pi * np.power(place, 1.5)) ** 2
        curve[first : first + len(bump)] = bump[: count - first]
    return curve


def find_held_notes(pitch: PitchCurves, activity: VoiceActivity) -> tuple[HeldNote, ...]:
    """Notes whose slow mean stands still while the pitch stays near it."""
    sung = np.isfinite(pitch.midi_note)
    if pitch.range_midi is None:
        return ()
    low, high = pitch.range_midi
    middle, reach = 0.5 * (low + high), max(high - low, LEAST_RANGE_SEMITONES)
    where = np.flatnonzero(sung)
    joined = np.interp(np.arange(len(sung)), where, pitch.midi_note[where])
    mean = smooth(joined, HELD_SIGMA_S)
    speed = np.abs(np.gradient(mean)) * FEATURE_RATE_HZ
    near_sung = smooth(sung.astype(np.float32), HELD_GAP_S / 2) > 0.4
    steady = near_sung & activity.active & (speed < GLIDE_SEMITONES_PER_S) & (np.abs(joined - mean) < HELD_REACH_SEMITONES)
    notes = []
    for first, last in runs(steady).tolist():
        if last - first < HELD_S * FEATURE_RATE_HZ:
            continue
        midi_note = float(joined[first:last].mean())
        height = float(np.clip(0.5 + (midi_note - middle) / reach, 0.0, 1.0))
        loudness = float(activity.loudness[first:last].mean())
        notes.append(HeldNote(first / FEATURE_RATE_HZ, last / FEATURE_RATE_HZ, midi_note, height, loudness))
    return tuple(notes)
