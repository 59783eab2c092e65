"""How often the eyes blink, and for how long, from the lids found in each frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.contracts import FloatArray
from core.messages import translatable
from metrics.envelope import runs
from metrics.plots import SECONDS, VOICE, Plot, Words, window
from metrics.registry import Metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence, Report

#: Face Landmarker points of either eye: upper lid, lower lid, outer corner, inner corner.
EYES = ((159, 145, 33, 133), (386, 374, 263, 362))
#: Eyes count as shut under this part of their usual opening, and longer than this they are not a blink but closed.
SHUT_PART = 0.45
LONGEST_BLINK_S = 0.6


@dataclass(frozen=True)
class Blinks:
    """Blinks of the film; a person makes about 10 to 25 a minute. None where no face was found.

    count, per_minute; median_ms: usual time with shut eyes; deepest: least opening, as a part of the usual one.
    """

    count: int | None
    per_minute: float | None
    median_ms: float | None
    deepest: float | None


def eye_opening(landmarks: FloatArray) -> float:
    """Gap between the lids in widths of the eye, mean of both eyes: about 0.3 open, 0.05 shut. landmarks: (478, 3)."""
    ratios = []
    for upper, lower, outer, inner in EYES:
        width = float(np.linalg.norm(landmarks[outer] - landmarks[inner]))
        ratios.append(float(np.linalg.norm(landmarks[upper, :2] - landmarks[lower, :2])) / width)
    return float(np.mean(ratios))


def blink_runs(opening: np.ndarray, fps: float) -> list[tuple[int, int]]:
    """Blinks as (first frame, frame after the last) in the series (N,) of openings; NaN is no blink."""
    usual = float(np.nanmedian(opening)) if np.isfinite(opening).any() else 0.0
    shut = np.nan_to_num(opening, nan=np.inf) < SHUT_PART * usual
    return [(begin, end) for begin, end in runs(shut) if (end - begin) / fps <= LONGEST_BLINK_S]


def blinks(opening: np.ndarray, fps: float) -> Blinks:
    """Count the blinks in the series (N,) of openings, NaN where no face was found."""
    seen = opening[np.isfinite(opening)]
    if seen.size == 0:
        return Blinks(None, None, None, None)
    found = blink_runs(opening, fps)
    median_ms = float(np.median([(end - begin) * 1000 / fps for begin, end in found])) if found else None
    usual = float(np.median(seen))
    deepest = float(seen.min()) / usual if usual > 0 else None
    return Blinks(len(found), len(found) * 60 * fps / len(opening), median_ms, deepest)


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The eyes over time, where a face was found."""
    if report.face_share == 0:
        return []
    return [Plot(translatable("Opening of the eyes"), lambda axes, words: eyes_over_time(axes, words, evidence), height=1.8)]


def eyes_over_time(axes: Axes, words: Words, evidence: Evidence) -> None:
    """Opening of the eyes; each dip is a blink."""
    times, shown = window(evidence)
    axes.plot(times, evidence.track.eye_opening[shown], color=VOICE, lw=1)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(words(SECONDS))


BLINKS = Metric[Blinks](
    "blinks",
    translatable("Blinks"),
    120,
    figures=lambda _, evidence: blinks(evidence.track.eye_opening, evidence.track.fps),
    plots=plots,
)
