"""How near lips are to the true ones: correlation, error, lag and closures of clips, with 95 % intervals from a bootstrap over
clips.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.singing.training.dataset import SPEAKING_APERTURE_MM, closures, truth_times_s

#: A closure is found where a predicted one lies within so long of it; and the furthest and finest lag that is looked for.
CLOSURE_TOLERANCE_S = 0.04
LONGEST_LAG_S, LAG_STEP_S = 0.3, 0.01
#: Precision at which the recall of closures is stated.
WANTED_PRECISION = 0.8
RESAMPLINGS = 1000


@dataclass(frozen=True)
class ClipCurves:
    """One clip's lips, predicted and true.

    time_s: (m,) rising times of the prediction in the clip. predicted: (m, C); detector: (m,) higher where lips are more surely
    closed. true: (T, C) at `VIDEO_FPS`, the first column the aperture in mm.
    """

    time_s: np.ndarray
    predicted: FloatArray
    detector: FloatArray
    true: FloatArray

    def at_frames(self, later_s: float = 0.0) -> tuple[FloatArray, FloatArray]:
        """(T', C) predicted, read `later_s` later, and true, at the video frames that the prediction reaches."""
        wanted_s = truth_times_s(len(self.true))
        known = (wanted_s + later_s >= self.time_s[0]) & (wanted_s + later_s <= self.time_s[-1])
        columns = [np.interp(wanted_s[known] + later_s, self.time_s, column) for column in self.predicted.T]
        return np.stack(columns, axis=1), self.true[known]

    def truth(self) -> tuple[np.ndarray, FloatArray]:
        """Times (T,) in the clip and the true curves (T, C)."""
        return truth_times_s(len(self.true)), self.true


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f} to {self.high:.3f})"


def correlations(clip: ClipCurves) -> np.ndarray:
    """(C,) Pearson's correlation of each curve; NaN where one of the two does not move."""
    predicted, true = clip.at_frames()
    return np.array([correlation(one, other) for one, other in zip(predicted.T, true.T, strict=True)])


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Pearson's correlation of two curves (T,); NaN where one of them does not move."""
    first, second = one - one.mean(), other - other.mean()
    size = np.sqrt(np.sum(np.square(first)) * np.sum(np.square(second)))
    return float(np.sum(first * second) / size) if size > 1e-9 else float("nan")


def errors(clip: ClipCurves) -> np.ndarray:
    """(C,) mean absolute error of each curve, in its own unit."""
    predicted, true = clip.at_frames()
    error: np.ndarray = np.abs(predicted - true).mean(axis=0)
    return error


def lag_s(clip: ClipCurves, column: int = 0) -> float:
    """How much later the predicted curve comes than the true one: the shift of the highest correlation, refined by a parabola."""
    steps = round(LONGEST_LAG_S / LAG_STEP_S)
    shifts_s = np.arange(-steps, steps + 1) * LAG_STEP_S
    values = np.empty(len(shifts_s))
    for k, shift_s in enumerate(shifts_s):
        predicted, true = clip.at_frames(shift_s)
        values[k] = correlation(predicted[:, column], true[:, column])
    best = int(np.nanargmax(values))
    if not 0 < best < len(values) - 1:
        return float(shifts_s[best])
    before, here, after = values[best - 1 : best + 2]
    curvature = before - 2.0 * here + after
    return float(shifts_s[best] + LAG_STEP_S * (0.5 * (before - after) / curvature if curvature < 0.0 else 0.0))


def closure_counts(clip: ClipCurves, threshold: float) -> np.ndarray:
    """(4,) true closures, those found, predicted closures, those that are right; each is matched once.

    A predicted closure is a run of the detector over `threshold`, between the first and the last true moment of speech.
    """
    frames_s = truth_times_s(len(clip.true))
    true = [(frames_s[start], frames_s[stop - 1]) for start, stop in closures(clip.true[:, 0])]
    spoken = speech_span_s(clip)
    over = (clip.detector > threshold) & (clip.time_s >= spoken[0]) & (clip.time_s <= spoken[1])
    edges = np.diff(np.concatenate([[0], over.astype(np.int8), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    predicted = [(clip.time_s[start], clip.time_s[stop - 1]) for start, stop in zip(starts, stops, strict=True)]
    matched = matches(true, predicted)
    return np.array([len(true), matched, len(predicted), matched])


def speech_span_s(clip: ClipCurves) -> tuple[float, float]:
    """First and last moment at which the true lips speak; both 0 where they never do."""
    spoken = np.flatnonzero(clip.true[:, 0] > SPEAKING_APERTURE_MM)
    times_s = truth_times_s(len(clip.true))
    return (float(times_s[spoken[0]]), float(times_s[spoken[-1]])) if len(spoken) else (0.0, 0.0)


def matches(true: Sequence[tuple[float, float]], predicted: Sequence[tuple[float, float]]) -> int:
    """How many of two rising lists of spans (start, stop) pair up, one with one, no further apart than `CLOSURE_TOLERANCE_S`."""
    found = one = other = 0
    while one < len(true) and other < len(predicted):
        if predicted[other][1] < true[one][0] - CLOSURE_TOLERANCE_S:
            other += 1
        elif predicted[other][0] > true[one][1] + CLOSURE_TOLERANCE_S:
            one += 1
        else:
            found, one, other = found + 1, one + 1, other + 1
    return found


def closure_threshold(clips: Sequence[ClipCurves]) -> float:
    """The detector's threshold with the highest recall at `WANTED_PRECISION` or better; where none is, that of the highest F1."""
    values = np.concatenate([clip.detector for clip in clips])
    best, fallback = (-1.0, 0.0), (-1.0, 0.0)
    for threshold in np.unique(np.percentile(values, np.linspace(40.0, 99.5, 80))):
        counts = np.sum([closure_counts(clip, threshold) for clip in clips], axis=0)
        recall, precision = recall_of(counts), precision_of(counts)
        if precision >= WANTED_PRECISION:
            best = max(best, (recall, float(threshold)))
        fallback = max(fallback, (2.0 * recall * precision / max(recall + precision, 1e-9), float(threshold)))
    return best[1] if best[0] >= 0.0 else fallback[1]


def recall_of(counts: np.ndarray) -> float:
    """Share of the true closures that were found."""
    return float(counts[1] / max(counts[0], 1))


def precision_of(counts: np.ndarray) -> float:
    """Share of the predicted closures that are true."""
    return float(counts[3] / max(counts[2], 1))


def bootstrap(rows: np.ndarray, figure: Callable[[np.ndarray], float], seed: int = 0) -> Estimate:
    """`figure` of `rows` (K, ...), one row a clip, with the interval of its values over clips drawn with replacement (Efron,
    1979).
    """
    generator = np.random.default_rng(seed)
    values = [figure(rows[generator.integers(len(rows), size=len(rows))]) for _ in range(RESAMPLINGS)]
    return Estimate(figure(rows), float(np.percentile(values, 2.5)), float(np.percentile(values, 97.5)))


def mean_of(rows: np.ndarray) -> float:
    """Mean of the rows that are numbers."""
    return float(np.nanmean(rows))


def score(clips: Sequence[ClipCurves], threshold: float, names: Sequence[str]) -> dict[str, Estimate]:
    """All figures of a list of clips. names: of the first columns, for which correlation and error are stated."""
    of_correlation = np.array([correlations(clip)[: len(names)] for clip in clips])
    of_error = np.array([errors(clip)[: len(names)] for clip in clips])
    figures: dict[str, Estimate] = {}
    for column, name in enumerate(names):
        figures[f"{name} correlation"] = bootstrap(of_correlation[:, column], mean_of)
        figures[f"{name} error"] = bootstrap(of_error[:, column], mean_of)
    counts = np.array([closure_counts(clip, threshold) for clip in clips])
    figures["closure recall"] = bootstrap(counts, lambda rows: recall_of(rows.sum(axis=0)))
    figures["closure precision"] = bootstrap(counts, lambda rows: precision_of(rows.sum(axis=0)))
    figures["lag ms"] = bootstrap(np.array([1000.0 * lag_s(clip) for clip in clips]), lambda rows: float(np.median(rows)))
    return figures
