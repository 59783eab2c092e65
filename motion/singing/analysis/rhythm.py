"""Tempo, beats, bars and sections of the mix, from its features: nothing here needs the sound itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from media.beat_tracking import autocorrelation, track_beats
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.meter import BAR_BEATS, find_meter
from motion.singing.analysis.mix_features import MixFeatures
from motion.singing.analysis.sections import find_sections
from motion.singing.analysis.smoothing import smooth

#: Tempo is judged in windows of this length, one a second.
TEMPO_WINDOW_S = 8.0
#: The usual tempo and how far, in octaves, it spreads; the tempi that are tried, and how many, evenly in octaves.
USUAL_BPM, USUAL_SPREAD = 115.0, 0.8
TEMPO_RANGE_BPM = (48.0, 215.0)
TEMPO_STEPS = 600
#: Weight of the likeness after so many beats, and cost of what returns after one and a half.
TEMPO_COMB = {1: 0.45, 2: 0.3, 3: 0.1, 4: 0.3}
BETWEEN_COST = 0.2
#: Onsets are blurred by so much, and the bass counts so much beside all bands together.
ONSET_SIGMA_S, BASS_SHARE = 0.015, 0.7
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
    """Beat of a song by dynamic programming, with a tempo of its own.

    A mix without onsets (silence, a drone) has no beats.
    """
    if smooth(mix.onset, ONSET_SIGMA_S).max() < LEAST_ONSET_DB or len(mix.onset) < SHORTEST_S * FEATURE_RATE_HZ:
        parts = find_sections(mix, np.zeros(0))
        nothing = np.zeros(0)
        return Rhythm(0.0, nothing, np.zeros(0, dtype=bool), BAR_BEATS[0], 0.0, parts.starts_s, parts.labels)
    tempo_bpm = _tempo(smooth(mix.onset, ONSET_SIGMA_S))
    frames = track_beats(_struck(mix), tempo_bpm, FEATURE_RATE_HZ, trim=False)
    beats_s = frames / FEATURE_RATE_HZ
    meter = find_meter(frames, mix)
    parts = find_sections(mix, beats_s[meter.downbeat])
    return Rhythm(tempo_bpm, beats_s, meter.downbeat, meter.bar_beats, meter.confidence, parts.starts_s, parts.labels)


def _struck(mix: MixFeatures) -> FloatArray:
    """(N,) how strongly each moment is struck: all bands alike, and the bass once more, or hats between the beats would lead.

    The tempo does without: a walking bass has a rhythm of its own.
    """
    parts = (mix.onset, mix.bass_onset)
    whole, bass = (smooth(part, ONSET_SIGMA_S) / max(float(part.std()), 1e-6) for part in parts)
    return whole + BASS_SHARE * bass


def _tempo(onset: FloatArray) -> float:
    """Beats per minute: the tempo whose multiples of a beat stand out of the autocorrelation, with the usual prior.

    A comb over one, two, three and four beats, as in Davies & Plumbley ("Context-dependent beat tracking", 2007), less what lies
    between the beats of threes, on the mean of short windows.
    """
    bpm = tempi_bpm()
    comb = comb_of(_mean_autocorrelation(onset), bpm)
    return float(bpm[int(np.argmax(np.maximum(comb, 1e-6) * tempo_prior(bpm)))])


def tempi_bpm() -> FloatArray:
    """(TEMPO_STEPS,) the tempi that are tried."""
    return np.geomspace(*TEMPO_RANGE_BPM, TEMPO_STEPS)


def comb_of(likeness: FloatArray, bpm: FloatArray) -> FloatArray:
    """How much stands on the beats of each tempo and not between them; likeness: autocorrelation (lags,) at `FEATURE_RATE_HZ`."""
    lags, beat = np.arange(len(likeness)), 60.0 * FEATURE_RATE_HZ / bpm
    comb = np.zeros(len(bpm))
    for beats, weight in TEMPO_COMB.items():
        comb += weight * np.interp(beats * beat, lags, likeness)
    return comb - BETWEEN_COST * np.maximum(np.interp(1.5 * beat, lags, likeness), 0.0)


def tempo_prior(bpm: FloatArray) -> FloatArray:
    """How usual each tempo is, 1 for the most usual."""
    return np.asarray(np.exp(-0.5 * np.square(np.log2(bpm / USUAL_BPM) / USUAL_SPREAD)))


def _mean_autocorrelation(onset: FloatArray) -> FloatArray:
    """(TEMPO_WINDOW_S,) in [-1, 1], 1 at lag 0; the window's own fall is taken out."""
    window = round(TEMPO_WINDOW_S * FEATURE_RATE_HZ)
    padded = np.pad(onset, (0, max(0, window - len(onset))))
    taper = np.hanning(window)
    total = np.zeros(window)
    for start in range(0, len(padded) - window + 1, FEATURE_RATE_HZ):
        piece = padded[start : start + window]
        lags = autocorrelation((piece - piece.mean()) * taper)
        total += lags / max(float(lags[0]), 1e-9)
    fall = autocorrelation(taper)
    likeness = total / np.maximum(fall / fall[0], 1e-3)
    return likeness / max(float(likeness[0]), 1e-9)
