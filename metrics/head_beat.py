"""Does the head move with the beat? How firmly its rise and fall keep their place between the beats of the song."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.messages import NOTHING, Message, message, translatable
from metrics.envelope import smooth
from metrics.plots import CONTROL, MOUTH, STILL_FILM, VOICE, Plot, Words, bars, window
from metrics.registry import Metric

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence, Report

#: A head may nod on each beat, on every second or on every fourth one.
BEATS_PER_NOD = (1, 2, 4)
#: The control's beats run at another tempo, by a factor out of these two ranges, with their intervals in random order.
OTHER_TEMPO = ((0.70, 0.92), (1.09, 1.40))


@dataclass(frozen=True)
class HeadBeat:
    """How the head's height follows the beat; None where song or film has too few beats.

    tempo_bpm, beats: as found in the song. locking: 0 (the head does as it likes) to 1 (every nod at the same place between the
    beats). beats_per_nod: of which period that was the firmest. lowest_ms: when the head is lowest, counted from the beat.
    control_mean, control_p95: locking with beats of another tempo. p_value: share of those that lock as firmly;
    z_score: how many of their standard deviations the locking lies above their mean.
    still_locking: of a head that does not move: 0. travel: standard deviation of the head's height, in hundredths of the eye
    span. rotation_range_deg: middle 90% of yaw, pitch and roll. seconds: from the first frame with a face to the last.
    """

    tempo_bpm: float | None
    beats: int
    locking: float | None = None
    beats_per_nod: int | None = None
    lowest_ms: float | None = None
    control_mean: float | None = None
    control_p95: float | None = None
    p_value: float | None = None
    z_score: float | None = None
    still_locking: float = 0.0
    travel: float | None = None
    rotation_range_deg: tuple[float, float, float] | None = None
    seconds: float = 0.0
    reason: Message = NOTHING


def beat_phase(times_s: np.ndarray, beats_s: np.ndarray) -> np.ndarray:
    """Number of the beat at each time and the part of the way to the next, (N,): 2.5 is half-way from 2 to 3; NaN outside."""
    return np.interp(times_s, beats_s, np.arange(len(beats_s), dtype=float), left=np.nan, right=np.nan)


def phase_vector(times_s: np.ndarray, height: np.ndarray, beats_s: np.ndarray, beats_per_nod: int) -> complex:
    """The head's velocity summed around the circle of one nod, over the sum of its amount: length in [0, 1], angle its place.

    This is the resultant length of circular statistics (Fisher, "Statistical Analysis of Circular Data", 1993) with the velocity
    as weight, doubled in the sense that falling counts on one side of the circle and rising on the other; a sine that keeps time
    reaches pi / 4, and is scaled to 1.
    """
    phase = beat_phase(times_s, beats_s)
    velocity = np.gradient(height, times_s)
    known = np.isfinite(phase) & np.isfinite(velocity)
    amount = np.abs(velocity[known]).sum()
    if amount < 1e-9:
        return 0j
    turn = np.exp(2j * np.pi * phase[known] / beats_per_nod)
    return complex((velocity[known] * turn).sum() / amount / (np.pi / 4))


def firmest(times_s: np.ndarray, height: np.ndarray, beats_s: np.ndarray) -> tuple[float, int, complex]:
    """(locking, beats per nod, vector) of the period that locks most firmly."""
    vectors = {period: phase_vector(times_s, height, beats_s, period) for period in BEATS_PER_NOD}
    period = max(vectors, key=lambda key: abs(vectors[key]))
    return min(1.0, abs(vectors[period])), period, vectors[period]


def other_beats(beats_s: np.ndarray, end_s: float, rng: np.random.Generator) -> np.ndarray:
    """Beats with the same intervals in random order, at another tempo, that begin at a random place and reach to the end."""
    low, high = OTHER_TEMPO[int(rng.integers(len(OTHER_TEMPO)))]
    factor = rng.uniform(low, high)
    intervals = np.diff(beats_s) * factor
    laps = int(np.ceil(end_s / intervals.sum())) + 1
    order = np.concatenate([rng.permutation(intervals) for _ in range(laps)])
    return np.concatenate([[0.0], np.cumsum(order)]) - rng.uniform(0, intervals.mean()) + min(beats_s[0], 0.0)


def head_beat(
    times_s: np.ndarray, height: np.ndarray, rotation_deg: np.ndarray, beats_s: np.ndarray, draws: int = 300, seed: int = 0
) -> HeadBeat:
    """Hold the head's height against the beats.

    times_s: (N,) middle of each frame. height: (N,) down-going height of the head in eye spans, NaN where no face was found.
    rotation_deg: (N, 3), for the range only. beats_s: (B,).
    """
    seen = np.isfinite(height)
    tempo = float(60 / np.median(np.diff(beats_s))) if len(beats_s) > 2 else None
    if seen.sum() < 25 or tempo is None or len(beats_s) < 8:
        code = "metrics.too_few_beats" if seen.sum() >= 25 else "metrics.too_few_faces_for_beats"
        return HeadBeat(tempo, len(beats_s), reason=message(code))
    times_s, height = times_s[seen], smooth(height[seen].astype(np.float64), 1.0)
    locking, period, vector = firmest(times_s, height, beats_s)
    rng = np.random.default_rng(seed)
    controls = np.array([firmest(times_s, height, other_beats(beats_s, times_s[-1], rng))[0] for _ in range(draws)])
    low, high = np.percentile(rotation_deg[seen], [5, 95], axis=0)
    return HeadBeat(
        tempo_bpm=tempo,
        beats=len(beats_s),
        locking=locking,
        beats_per_nod=period,
        lowest_ms=lowest_ms(vector, 60 / tempo * period),
        control_mean=float(controls.mean()),
        control_p95=float(np.percentile(controls, 95)),
        p_value=float((1 + (controls >= locking).sum()) / (1 + draws)),
        z_score=float((locking - controls.mean()) / max(float(controls.std()), 1e-9)),
        still_locking=abs(firmest(times_s, np.full_like(height, height[0]), beats_s)[2]),
        travel=100 * float(height.std()),
        rotation_range_deg=(float(high[0] - low[0]), float(high[1] - low[1]), float(high[2] - low[2])),
        seconds=float(times_s[-1] - times_s[0]),
    )


def lowest_ms(vector: complex, period_s: float) -> float:
    """When in a nod of `period_s` the head is lowest, in ms from the beat, between minus and plus half a period.

    The downward velocity is greatest at the vector's angle; a quarter of a turn later the head is lowest.
    """
    turn = (np.angle(vector) / (2 * np.pi) + 0.25 + 0.5) % 1.0 - 0.5
    return float(1000 * turn * period_s)


def figures(evidence: Evidence) -> HeadBeat:
    """The film's head against the song's beats."""
    track = evidence.track
    return head_beat(track.times_s, track.height, track.rotation_deg, evidence.beats_s)


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The head over time, where a face was found, and how it locks, where there are beats enough."""
    beat, drawn = report.of(HEAD_BEAT), []
    if report.face_share > 0:
        caption = translatable("Pitch and height of the head, with the beats")
        drawn.append(Plot(caption, lambda axes, words: head_over_time(axes, words, evidence)))
    if beat.locking is not None:
        caption = translatable("How firmly the head keeps to the beat")
        drawn.append(Plot(caption, lambda axes, words: beat_bars(axes, words, beat), 5.0, place=130))
    return drawn


def head_over_time(axes: Axes, words: Words, evidence: Evidence) -> None:
    """Pitch and height of the head, with a line at each beat."""
    times, shown = window(evidence)
    for beat in evidence.beats_s[(evidence.beats_s >= times[0]) & (evidence.beats_s <= times[-1])]:
        axes.axvline(beat, color="#cfd8dc", lw=0.8, zorder=0)
    pitch, height = evidence.track.rotation_deg[shown, 1], evidence.track.height[shown]
    nod, rise = translatable("pitch (degrees, up)"), translatable("height (hundredths of the eye span, up)")
    axes.plot(times, pitch - np.nanmean(pitch), color=VOICE, lw=1, label=words(nod))
    axes.plot(times, -100 * (height - np.nanmean(height)), color=MOUTH, lw=1, label=words(rise))
    axes.set_xlabel(words(translatable("time in s (grey lines: beats)")))
    axes.legend(fontsize=7, ncols=2, loc="upper right")


def beat_bars(axes: Axes, words: Words, beat: HeadBeat) -> None:
    """Locking to the beat and to other tempi."""
    rows = [
        (translatable("beats of the song"), beat.locking, MOUTH),
        (translatable("beats of other tempi, mean"), beat.control_mean, CONTROL),
        (translatable("beats of other tempi, 95th percentile"), beat.control_p95, CONTROL),
        (STILL_FILM, beat.still_locking, CONTROL),
    ]
    bars(axes, words, rows)


HEAD_BEAT = Metric[HeadBeat](
    "head_beat", translatable("Head and beat"), 110, figures=lambda _, evidence: figures(evidence), plots=plots
)
