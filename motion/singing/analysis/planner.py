"""Makes the plan of a performance out of what was heard."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.chroma import tuned
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.key import Key, find_key
from motion.singing.analysis.mix_features import MixFeatures
from motion.singing.analysis.plan import INSTRUMENTAL_S, Mood, Section, SongPlan, Span
from motion.singing.analysis.plan_voice import breath_curve, find_breaths, find_held_notes, find_phrases, pitch_curves
from motion.singing.analysis.rhythm import Rhythm
from motion.singing.analysis.smoothing import highest, ramp, runs, smooth
from motion.singing.analysis.voice_activity import VoiceActivity
from motion.singing.analysis.voice_features import VoiceFeatures

#: Energy is told over this long, and over this range in dB under the loud passages: at least, so that the noise of steady music
#: does not become a drama, and at most, so that one hushed passage does not flatten all others.
ENERGY_SIGMA_S = 1.0
ENERGY_RANGE_DB = (12.0, 24.0)
#: Shares of level and of onsets (how busy the music is) in the energy.
LEVEL_SHARE, BUSY_SHARE = 0.75, 0.25
#: Energy of the softest and of the loudest music of a song, for no music is without any.
FAINT_ENERGY = 0.15
#: Under this level the mix is a rest, and a rest lasts at least so long.
REST_DB = -58.0
SHORTEST_REST_S = 0.35
#: A break of the music is a rest too where its level falls this far under the song's for `SHORTEST_REST_S`.
BREAK_DB = 30.0
#: Tempi between which a song turns from calm to excited.
CALM_BPM, EXCITED_BPM = 70.0, 150.0


def plan_song(voice: VoiceFeatures, activity: VoiceActivity, mix: MixFeatures, rhythm: Rhythm) -> SongPlan:
    """The plan of a whole song, in a fraction of a second; see `plan`."""
    energy, sounding = energy_curves(mix)
    pitch = pitch_curves(voice, activity)
    phrases = find_phrases(activity, pitch)
    breaths = find_breaths(phrases)
    sung = smooth(_within([(phrase.start_s, phrase.end_s) for phrase in phrases], len(energy)), 0.06)
    key = find_key(tuned(mix.chroma))
    return SongPlan(
        rhythm=rhythm,
        phrases=phrases,
        breaths=breaths,
        rests=_spans(sounding < 0.5, SHORTEST_REST_S),
        instrumentals=_spans((sounding >= 0.5) & (sung < 0.5), INSTRUMENTAL_S),
        held_notes=find_held_notes(pitch, activity),
        sections=_sections(rhythm, energy, sung),
        mood=_mood(key, rhythm, mix),
        pitch_range_midi=pitch.range_midi,
        energy=energy,
        sounding=sounding,
        sung=sung,
        midi_note=pitch.midi_note,
        height=pitch.height,
        breath=breath_curve(breaths, len(energy)),
        accent=_accent(activity, pitch.height),
    )


def energy_curves(mix: MixFeatures) -> tuple[FloatArray, FloatArray]:
    """Energy (N,) and sounding (N,), both in [0, 1]; see `SongPlan`."""
    level_db = _level_db(mix.loudness_db, ENERGY_SIGMA_S)
    quick_db = highest(mix.loudness_db, 0.25, 0.25)
    loud_db = max(float(np.percentile(level_db, 95)), REST_DB)
    rest_db = max(REST_DB, loud_db - BREAK_DB)
    sounding = smooth(ramp(quick_db, rest_db - 8.0, rest_db + 4.0), 0.1)
    heard = level_db[level_db > rest_db]
    soft_db = float(np.percentile(heard, 5)) if len(heard) else loud_db
    span_db = float(np.clip(loud_db - soft_db, *ENERGY_RANGE_DB))
    level = np.clip(1.0 + (level_db - loud_db) / span_db, 0.0, 1.0)
    busy = smooth(mix.onset + mix.bass_onset, ENERGY_SIGMA_S)
    busy = np.clip(busy / max(float(np.percentile(busy, 95)), 1e-6), 0.0, 1.0)
    energy = FAINT_ENERGY + (1.0 - FAINT_ENERGY) * (LEVEL_SHARE * level + BUSY_SHARE * busy)
    return (energy * sounding).astype(np.float32), sounding.astype(np.float32)


def _level_db(loudness_db: FloatArray, sigma_s: float) -> FloatArray:
    return 10.0 * np.log10(smooth(np.power(10.0, 0.1 * loudness_db), sigma_s) + 1e-12)


def _within(spans: list[tuple[float, float]], count: int) -> FloatArray:
    """(count,) 1 within the spans, 0 outside."""
    mask = np.zeros(count, dtype=np.float32)
    for start_s, end_s in spans:
        mask[round(start_s * FEATURE_RATE_HZ) : round(end_s * FEATURE_RATE_HZ)] = 1.0
    return mask


def _spans(mask: np.ndarray, shortest_s: float) -> tuple[Span, ...]:
    found = (runs(mask) / FEATURE_RATE_HZ).tolist()
    return tuple(Span(start_s, end_s) for start_s, end_s in found if end_s - start_s >= shortest_s)


def _sections(rhythm: Rhythm, energy: FloatArray, sung: FloatArray) -> tuple[Section, ...]:
    bounds = [*rhythm.sections_s.tolist(), len(energy) / FEATURE_RATE_HZ]
    seen: dict[int, int] = {}
    parts = []
    for start_s, end_s, label in zip(bounds[:-1], bounds[1:], rhythm.section_labels.tolist(), strict=True):
        here = slice(round(start_s * FEATURE_RATE_HZ), max(round(start_s * FEATURE_RATE_HZ) + 1, round(end_s * FEATURE_RATE_HZ)))
        occurrence = seen.get(label, 0)
        seen[label] = occurrence + 1
        parts.append(Section(start_s, end_s, label, occurrence, float(energy[here].mean()), float(sung[here].mean())))
    return tuple(parts)


def _mood(key: Key, rhythm: Rhythm, mix: MixFeatures) -> Mood:
    """Valence from mode and tempo, arousal from tempo and how hard the music strikes; both drawn to the middle by doubt."""
    tempo = 0.5
    if rhythm.tempo_bpm > 0:
        tempo = float(ramp(np.asarray([rhythm.tempo_bpm]), CALM_BPM, EXCITED_BPM)[0])
    struck = float(ramp(np.asarray([np.percentile(mix.onset, 90)]), 0.5, 4.0)[0])
    bright = key.confidence if key.mode == "major" else -key.confidence
    return Mood(
        mode=key.mode,
        mode_confidence=key.confidence,
        tonic=key.tonic,
        valence=float(np.clip(0.6 * bright + 0.8 * (tempo - 0.5), -1.0, 1.0)),
        arousal=float(np.clip(0.6 * tempo + 0.4 * struck, 0.0, 1.0)),
    )


def _accent(activity: VoiceActivity, height: FloatArray) -> FloatArray:
    loud = activity.loudness
    rise = np.maximum(smooth(loud, 0.08) - smooth(loud, 0.8), 0.0)
    return np.clip(1.6 * smooth(rise, 0.05) + 0.5 * height * np.minimum(loud, 1.0) * smooth(rise, 0.3), 0.0, 1.0).astype(
        np.float32
    )
