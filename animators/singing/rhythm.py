"""Tempo, beats, down-beats and sections of the mix, from its onset curve: nothing here needs the sound itself."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from animators.singing.framing import ANALYSIS_RATE_HZ, FEATURE_RATE_HZ, HOP_SAMPLES
from animators.singing.mix_features import TIMBRE_STEP, MixFeatures
from animators.singing.smoothing import smooth
from pipeline.contracts import FloatArray

#: Tempo is judged in pieces of this length, so that memory does not grow with the song.
TEMPO_PIECE_S = 30.0
#: Bars tried for the down-beat.
BAR_BEATS = 4
#: Sections are told by the eight seconds before a moment against the eight after it.
SECTION_REACH_S = 8.0
SECTION_SPACING_S = 10.0
#: Departure of a moment's novelty from the song's mean, in standard deviations, that makes a new section.
SECTION_NOVELTY = 1.0


@dataclass(frozen=True)
class Rhythm:
    """tempo_bpm: 0 where no beat was found. beats_s (B,) seconds; downbeat (B,) bool; sections_s (S,) seconds, the first is 0."""

    tempo_bpm: float
    beats_s: np.ndarray
    downbeat: np.ndarray
    sections_s: np.ndarray


def rhythm(mix: MixFeatures) -> Rhythm:
    """Beat of a song by the dynamic programming of Ellis (2007) as librosa has it (ISC), tempo by its tempogram.

    A mix without onsets (silence, a drone) has no beats.
    """
    import librosa

    onset = smooth(mix.onset, 0.015)
    sections = _sections(mix.timbre_db)
    if onset.max() < 1e-3 or len(onset) < 4 * FEATURE_RATE_HZ:
        return Rhythm(0.0, np.zeros(0), np.zeros(0, dtype=bool), sections)
    tempo_bpm = _tempo(onset)
    _, frames = librosa.beat.beat_track(
        onset_envelope=onset, sr=ANALYSIS_RATE_HZ, hop_length=HOP_SAMPLES, bpm=tempo_bpm, trim=False, units="frames"
    )
    frames = np.asarray(frames)
    return Rhythm(tempo_bpm, frames / FEATURE_RATE_HZ, _downbeats(frames, mix), sections)


def _tempo(onset: FloatArray) -> float:
    """Beats per minute: the strongest lag of the mean tempogram, with the usual prior around 120."""
    import librosa

    piece = round(TEMPO_PIECE_S * FEATURE_RATE_HZ)
    total: np.ndarray | None = None
    for start in range(0, len(onset), piece):
        part = onset[start : start + piece]
        if len(part) < piece // 4 and total is not None:
            break
        gram = librosa.feature.tempogram(onset_envelope=part, sr=ANALYSIS_RATE_HZ, hop_length=HOP_SAMPLES, win_length=800)
        summed = gram.sum(axis=1)
        total = summed if total is None else total + summed
    assert total is not None
    bpm = librosa.tempo_frequencies(len(total), sr=ANALYSIS_RATE_HZ, hop_length=HOP_SAMPLES)
    prior = -0.5 * np.square((np.log2(np.maximum(bpm, 1e-3)) - np.log2(120.0)) / 0.9)
    prior = np.where((bpm > 50.0) & (bpm < 220.0), prior, -np.inf)
    return float(bpm[int(np.argmax(np.log1p(1e3 * np.maximum(total / total.max(), 0.0)) + prior))])


def _downbeats(frames: np.ndarray, mix: MixFeatures) -> np.ndarray:
    """Which beats begin a bar of four: the place in the bar with the strongest bass onsets and level rises. Rough, but steady."""
    downbeat = np.zeros(len(frames), dtype=bool)
    if len(frames) < 2 * BAR_BEATS:
        downbeat[::BAR_BEATS] = True
        return downbeat
    around = np.clip(frames[:, None] + np.arange(-3, 6), 0, len(mix.onset) - 1)
    accent = mix.bass_onset[around].max(axis=1) + 0.5 * mix.onset[around].max(axis=1)
    strength = [accent[place::BAR_BEATS].mean() for place in range(BAR_BEATS)]
    downbeat[int(np.argmax(strength)) :: BAR_BEATS] = True
    return downbeat


def _sections(timbre_db: FloatArray) -> np.ndarray:
    """Seconds at which the sound changes for long: peaks of the distance between the mean timbre after and before."""
    step_s = TIMBRE_STEP / FEATURE_RATE_HZ
    reach = round(SECTION_REACH_S / step_s)
    if len(timbre_db) < 3 * reach:
        return np.zeros(1)
    summed = np.concatenate([np.zeros((1, timbre_db.shape[1])), np.cumsum(timbre_db, axis=0, dtype=np.float64)])
    place = np.arange(reach, len(timbre_db) - reach)
    after = (summed[place + reach] - summed[place]) / reach
    before = (summed[place] - summed[place - reach]) / reach
    novelty = np.linalg.norm(after - before, axis=1)
    enough = novelty > novelty.mean() + SECTION_NOVELTY * novelty.std()
    found: list[float] = []
    for candidate in np.argsort(-novelty):
        time_s = float(place[candidate] * step_s)
        if enough[candidate] and all(abs(time_s - other) >= SECTION_SPACING_S for other in found):
            found.append(time_s)
    return np.asarray([0.0, *sorted(found)])
