"""Whole songs whose plan is known: chords, drums and a voice, and what is heard in them."""

from __future__ import annotations

import numpy as np

from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.mix_features import mix_features
from motion.singing.analysis.rhythm import rhythm
from motion.singing.analysis.voice_activity import voice_activity
from motion.singing.analysis.voice_features import voice_features
from motion.singing.lips.lip_curves import LipCurves
from motion.singing.song_analysis import SongAnalysis
from tests.motion.singing.sounds import SAMPLE_RATE_HZ, faded, vowel

FPS = 25.0
AH = (730, 1090, 2440)


def heard(voice, mix):
    """The analysis of a voice and a mix that are at hand as samples."""
    count = len(mix) * FEATURE_RATE_HZ // SAMPLE_RATE_HZ + 1
    voice, mix = np.asarray(voice, np.float32), np.asarray(mix, np.float32)
    heard_mix = mix_features([mix], [voice], count, lambda done: None)
    heard_voice = voice_features([voice], heard_mix.loudness_db, lambda done: None)
    frames = round(len(mix) / SAMPLE_RATE_HZ * FPS)
    activity = voice_activity(heard_voice)
    return SongAnalysis(FPS, frames, heard_voice, activity, heard_mix, rhythm(heard_mix), LipCurves.none())


def chords(notes_midi, chord_s, tuning=0.0):
    """One chord after the other, each of three notes with five harmonics."""
    parts = []
    time_s = np.arange(round(chord_s * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for chord in notes_midi:
        hz = 440.0 * 2.0 ** ((np.asarray(chord) + tuning - 69.0) / 12.0)
        tones = sum(np.sin(2.0 * np.pi * k * f * time_s) / k**1.5 for f in hz for k in range(1, 6))
        parts.append(0.05 * faded(tones))
    return np.concatenate(parts)


def drums(duration_s, bpm, size=0.3, hats=0.0):
    """A kick on every beat, deeper on the first of four, and hats between."""
    generator = np.random.default_rng(1)
    sound = np.zeros(round(duration_s * SAMPLE_RATE_HZ) + SAMPLE_RATE_HZ)
    time_s = np.arange(round(0.15 * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ
    for number, beat_s in enumerate(np.arange(0.0, duration_s - 0.2, 60.0 / bpm)):
        kick = np.sin(2.0 * np.pi * (55.0 if number % 4 == 0 else 180.0) * time_s) * np.exp(-30.0 * time_s)
        hat = generator.normal(size=len(time_s)) * np.exp(-90.0 * time_s)
        start = round(beat_s * SAMPLE_RATE_HZ)
        sound[start : start + len(time_s)] += size * (1.0 if number % 4 == 0 else 0.5) * kick + 0.1 * size * hat
        between = start + round(30.0 / bpm * SAMPLE_RATE_HZ)
        sound[between : between + len(time_s)] += hats * hat
    return sound[: round(duration_s * SAMPLE_RATE_HZ)]


def sung(notes, duration_s):
    """A voice of (start_s, end_s, midi) notes on "ah"."""
    sound = np.zeros(round(duration_s * SAMPLE_RATE_HZ))
    for start_s, end_s, midi in notes:
        note = 0.3 * faded(vowel(AH, 440.0 * 2.0 ** ((midi - 69.0) / 12.0), end_s - start_s))
        first = round(start_s * SAMPLE_RATE_HZ)
        sound[first : first + len(note)] += note
    return sound
