"""Where the bars begin, and whether they hold three beats or four, from what happens on the beats."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.analysis.chroma import CHROMA_STEP, tuned
from motion.singing.analysis.mix_features import MixFeatures

#: Bars that are known; what is in two or six is heard as four or three.
BAR_BEATS = (4, 3)
#: How much more must return, in correlation, after three beats than after four to make bars of three: four is far more frequent.
THREE_MARGIN = 0.10
#: Weights of a beat's bass onset, of its onset in all bands and of the change of notes, each in standard deviations.
ACCENT_WEIGHTS = (1.0, 0.6, 0.9)
#: Cost of a beat that is left out of or added to a bar, in standard deviations of the accent.
SLIP_COST = 9.0
#: Fewer bars than these tell nothing: four beats, the first beat first.
FEWEST_BARS = 3
#: Confidence is full at this lead of the down-beats over the other beats, in standard deviations of the accent.
SURE_LEAD = 1.5


@dataclass(frozen=True)
class Meter:
    """downbeat (B,) bool: the beats that begin a bar. bar_beats: 3 or 4. confidence in [0, 1]: how far down-beats stand out."""

    downbeat: np.ndarray
    bar_beats: int
    confidence: float


def find_meter(beat_frames: np.ndarray, mix: MixFeatures) -> Meter:
    """Bars of a song whose beats are at the feature frames `beat_frames` (B,)."""
    if len(beat_frames) < FEWEST_BARS * max(BAR_BEATS):
        downbeat = np.zeros(len(beat_frames), dtype=bool)
        downbeat[:: BAR_BEATS[0]] = True
        return Meter(downbeat, BAR_BEATS[0], 0.0)
    accent = _accents(beat_frames, mix)
    pattern = _pattern(beat_frames, mix)
    bar_beats = 3 if _recurrence(pattern, 3) > _recurrence(pattern, 4) + THREE_MARGIN else 4
    downbeat = _follow(accent, bar_beats)
    lead = float(accent[downbeat].mean() - accent[~downbeat].mean())
    return Meter(downbeat, bar_beats, float(np.clip(lead / SURE_LEAD, 0.0, 1.0)))


def _standard(curve: FloatArray) -> FloatArray:
    return (curve - curve.mean()) / max(float(curve.std()), 1e-9)


def _pattern(beat_frames: np.ndarray, mix: MixFeatures) -> FloatArray:
    """(B, 3) bass onset, onset and change of notes at each beat, standardised."""
    around = np.clip(beat_frames[:, None] + np.arange(-3, 6), 0, len(mix.onset) - 1)
    notes = tuned(mix.chroma)
    summed = np.concatenate([np.zeros((1, notes.shape[1])), np.cumsum(notes, axis=0, dtype=np.float64)])
    edges = np.clip(np.append(beat_frames, 2 * beat_frames[-1] - beat_frames[-2]) // CHROMA_STEP, 0, len(notes))
    inside = summed[edges[1:]] - summed[edges[:-1]]
    inside = np.log1p(20.0 * inside / max(float(inside.max()), 1e-9))
    inside /= np.maximum(np.linalg.norm(inside, axis=1, keepdims=True), 1e-6)
    change = np.append(0.0, 1.0 - (inside[1:] * inside[:-1]).sum(axis=1))
    change[0] = change.mean()
    parts = (mix.bass_onset[around].max(axis=1), mix.onset[around].max(axis=1), change)
    return np.stack([_standard(part) for part in parts], axis=1)


def _accents(beat_frames: np.ndarray, mix: MixFeatures) -> FloatArray:
    return _standard(_pattern(beat_frames, mix) @ np.asarray(ACCENT_WEIGHTS))


def _recurrence(pattern: FloatArray, bar_beats: int) -> float:
    """Correlation of what the beats bring with what they bring one and two bars later.

    It looks from each bar to the next only, so a beat that was lost, or a song that was cut, does little harm.
    """
    return float(np.mean([np.mean(pattern[lag:] * pattern[:-lag]) for lag in (bar_beats, 2 * bar_beats)]))


def _follow(accent: FloatArray, bar_beats: int) -> np.ndarray:
    """(B,) bool: the bar's place followed through the song (Viterbi), so that one beat lost does not turn all bars after it."""
    expected = np.full(bar_beats, -1.0 / (bar_beats - 1))
    expected[0] = 1.0
    gain = accent[:, None] * expected
    score = gain[0].copy()
    came_from = np.zeros((len(accent), bar_beats), dtype=np.int64)
    cost = np.full((bar_beats, bar_beats), SLIP_COST)
    cost[np.arange(bar_beats), (np.arange(bar_beats) + 1) % bar_beats] = 0.0
    for beat in range(1, len(accent)):
        reached = score[:, None] - cost
        came_from[beat] = np.argmax(reached, axis=0)
        score = reached.max(axis=0) + gain[beat]
    place = int(np.argmax(score))
    places = np.zeros(len(accent), dtype=np.int64)
    for beat in range(len(accent) - 1, -1, -1):
        places[beat] = place
        place = int(came_from[beat, place])
    return places == 0
