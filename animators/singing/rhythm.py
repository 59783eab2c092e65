"""Tempo, beats, bars and sections of the mix, from its features: nothing here needs the sound itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.singing.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ, HOP_SAMPLES
from animators.singing.meter import BAR_BEATS, find_meter
from animators.singing.mix_features import MixFeatures
from animators.singing.sections import find_sections
from animators.singing.smoothing import smooth
from pipeline.contracts import FloatArray

#: Tempo is judged in windows of this length, one a second.
TEMPO_WINDOW_S = 8.0
#: The usual tempo and how far, in octaves, it spreads; and the tempi that are tried at all.
USUAL_BPM, USUAL_SPREAD = 120.0, 0.9
TEMPO_RANGE_BPM = (50.0, 220.0)
#: Music this short, or this weakly struck, has no beat.
SHORTEST_S, LEAST_ONSET_DB = 4.0, 1e-3


@dataclass(frozen=True)
class Rhythm:
    """The song's time.

    tempo_bpm: 0 where no beat was found. beats_s (B,) seconds; downbeat (B,) bool: begins a bar. bar_beats: 3 or 4, and
    bar_confidence in [0, 1] of it. sections_s (S,) seconds, the first is 0; section_labels (S,): equal for parts that are alike.
    """

    tempo_bpm: float
    beats_s: np.ndarray
    downbeat: np.ndarray
    bar_beats: int
    bar_confidence: float
    sections_s: np.ndarray
    section_labels: np.ndarray


def rhythm(mix: MixFeatures) -> Rhythm:
    """Beat of a song by the dynamic programming of Ellis (2007) as librosa has it (ISC), tempo by its autocorrelation.

    A mix without onsets (silence, a drone) has no beats.
    """
    onset = smooth(mix.onset, 0.015)
    if onset.max() < LEAST_ONSET_DB or len(onset) < SHORTEST_S * FEATURE_RATE_HZ:
        parts = find_sections(mix, np.zeros(0))
        nothing = np.zeros(0)
        return Rhythm(0.0, nothing, np.zeros(0, dtype=bool), BAR_BEATS[0], 0.0, parts.starts_s, parts.labels)
    import librosa

    tempo_bpm = _tempo(onset)
    _, found = librosa.beat.beat_track(
        onset_envelope=onset, sr=ANALYSIS_RATE_HZ, hop_length=HOP_SAMPLES, bpm=tempo_bpm, trim=False, units="frames"
    )
    frames = np.asarray(found)
    beats_s = frames / FEATURE_RATE_HZ
    meter = find_meter(frames, mix)
    parts = find_sections(mix, beats_s[meter.downbeat])
    return Rhythm(tempo_bpm, beats_s, meter.downbeat, meter.bar_beats, meter.confidence, parts.starts_s, parts.labels)


def _tempo(onset: FloatArray) -> float:
    """Beats per minute: the strongest lag of the mean autocorrelation of windows, with the usual prior around 120."""
    import librosa

    window = round(TEMPO_WINDOW_S * FEATURE_RATE_HZ)
    padded = np.pad(onset, (0, max(0, window - len(onset))))
    starts = range(0, len(padded) - window + 1, FEATURE_RATE_HZ)
    taper = np.hanning(window)
    total = np.zeros(window)
    for start in starts:
        piece = padded[start : start + window]
        lags = librosa.autocorrelate((piece - piece.mean()) * taper)
        total += lags / max(float(lags[0]), 1e-9)
    bpm = librosa.tempo_frequencies(window, sr=ANALYSIS_RATE_HZ, hop_length=HOP_SAMPLES)
    prior = -0.5 * np.square((np.log2(np.maximum(bpm, 1e-3)) - np.log2(USUAL_BPM)) / USUAL_SPREAD)
    prior = np.where((bpm > TEMPO_RANGE_BPM[0]) & (bpm < TEMPO_RANGE_BPM[1]), prior, -np.inf)
    return float(bpm[int(np.argmax(np.log1p(1e3 * np.maximum(total / total.max(), 0.0)) + prior))])
