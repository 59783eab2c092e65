"""Is the mouth shut where nobody sings? The share of frames in music-only passages with next to no aperture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.messages import NOTHING, Message, message, translatable
from metrics.envelope import inside
from metrics.lip_sync import SHIFT_MS
from metrics.mouth_change import CHANGED_PIXELS
from metrics.plots import (
    CONTROL,
    LIMIT,
    MOUTH,
    MUSIC_ONLY,
    SECONDS,
    STILL_FILM,
    VOICE,
    Plot,
    Words,
    bars,
    shade,
    window,
)
from metrics.registry import Metric
from metrics.verdict import Verdict, at_least, told

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence, Report

#: A mouth counts as shut under this part of the aperture's 95th percentile.
SHUT_PART = 0.10
WIDE_PERCENTILE = 95.0
#: The least reading of a face is that of shut lips where it is not above this, in eye spans (shut lips read up to 0.05).
REST_PERCENTILE = 5.0
MAX_REST = 0.06
#: The share that a good film reaches.
MIN_SHUT_SHARE = 0.95
#: What the mouth's series is called in its caption, in the plot, and its limit there, by what it was measured.
APERTURE_WORDS = (
    translatable("Lip aperture and the voice's loudness over time"),
    translatable("aperture (eye spans)"),
    translatable("shut below"),
)
PIXEL_WORDS = (
    translatable("Share of the mouth's changed pixels and the voice's loudness over time"),
    translatable("changed pixels of the mouth (share)"),
    translatable("at rest below"),
)


@dataclass(frozen=True)
class Silence:
    """How shut the mouth is in music-only passages; None where there are none.

    frames, seconds: how much of the film they are. passages: how many.
    shut_share: share of those frames with an aperture under 10% of the film's 95th percentile.
    over_rest_share: the same share with the face's least reading (the 5th percentile of all frames) taken off both apertures: on
        some faces the landmarks read shut lips as slightly open. It forgives a mouth that never shuts quite, so it is no verdict;
        None where that reading is too large for shut lips. rest: that reading.
    threshold, median_aperture: in eye spans, or shares where the mouth is measured by its changed pixels: the limit and what
        is usual in those passages.
    voice_shut_share: the same share in the rest of the film, where the mouth should be open; shuffled_shut_share: in as many
        frames drawn at random from the film; what a mouth that does not listen would reach. shifted_shut_share: in passages taken
        200 ms late, which reach into the next phrase. still_shut_share: of a still film,
        whose mouth keeps the first frame's aperture: 0, since the 95th percentile is then that aperture itself (1 where that is
        nil, for then nothing can be told from shut).
    """

    passages: int
    frames: int
    seconds: float
    shut_share: float | None = None
    over_rest_share: float | None = None
    rest: float | None = None
    threshold: float | None = None
    median_aperture: float | None = None
    voice_shut_share: float | None = None
    shuffled_shut_share: float | None = None
    shifted_shut_share: float | None = None
    still_shut_share: float | None = None
    reason: Message = NOTHING


def shut_share(aperture: np.ndarray, threshold: float) -> float:
    """Share of frames whose aperture is under the threshold."""
    return float((aperture < threshold).mean())


def over_rest_share(all_frames: np.ndarray, quiet_frames: np.ndarray) -> float | None:
    """Share of the quiet frames that are shut once the face's least reading is taken off; None where that is no shut mouth."""
    rest = float(np.percentile(all_frames, REST_PERCENTILE))
    if rest > MAX_REST:
        return None
    return shut_share(quiet_frames - rest, SHUT_PART * (float(np.percentile(all_frames, WIDE_PERCENTILE)) - rest))


def silence(times_s: np.ndarray, aperture: np.ndarray, passages: list[tuple[float, float]], fps: float) -> Silence:
    """Look at the mouth inside and outside of the passages.

    times_s: (N,) middle of each frame; aperture: (N,), NaN where no face was found; passages: (begin, end) in seconds.
    """
    seen = np.isfinite(aperture)
    quiet = inside(times_s, passages) & seen
    count = int(quiet.sum())
    if count == 0:
        code = "metrics.no_face_in_passages" if passages else "metrics.no_quiet_passage"
        return Silence(len(passages), 0, 0.0, reason=message(code))
    threshold = SHUT_PART * float(np.percentile(aperture[seen], WIDE_PERCENTILE))
    sung = seen & ~quiet
    late = inside(times_s - SHIFT_MS / 1000, passages) & seen
    still = np.full(count, aperture[seen][0])
    return Silence(
        passages=len(passages),
        frames=count,
        seconds=count / fps,
        shut_share=shut_share(aperture[quiet], threshold),
        over_rest_share=over_rest_share(aperture[seen], aperture[quiet]),
        rest=float(np.percentile(aperture[seen], REST_PERCENTILE)),
        threshold=threshold,
        median_aperture=float(np.median(aperture[quiet])),
        voice_shut_share=shut_share(aperture[sung], threshold) if sung.any() else None,
        shuffled_shut_share=shut_share(aperture[seen], threshold),
        shifted_shut_share=shut_share(aperture[late], threshold) if late.any() else None,
        still_shut_share=shut_share(still, SHUT_PART * float(np.percentile(still, WIDE_PERCENTILE))),
    )


def figures(evidence: Evidence) -> Silence:
    """How the film's mouth rests; nothing where it can't be measured."""
    if evidence.unmeasured:
        return Silence(len(evidence.passages), 0, 0.0, reason=evidence.unmeasured)
    return silence(evidence.track.times_s, evidence.mouth, evidence.passages, evidence.track.fps)


def silence_verdicts(quiet: Silence, measure: Message) -> list[Verdict]:
    """The demand for a mouth that rests, in the words of what it was measured by."""
    by_pixels = measure == CHANGED_PIXELS
    name = message("metrics.shut_by_pixels" if by_pixels else "metrics.shut_by_aperture")
    return [told(at_least(name, quiet.shut_share, MIN_SHUT_SHARE), quiet.reason)]


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The mouth over time, before all other plots, and its share of rest, where there are such passages."""
    quiet, by_pixels = report.of(SILENCE), evidence.measure.name == CHANGED_PIXELS
    over_time, name, limit = PIXEL_WORDS if by_pixels else APERTURE_WORDS
    drawn = [Plot(over_time, lambda axes, words: mouth_over_time(axes, words, evidence, name, limit), place=35)]
    if quiet.shut_share is not None:
        at_rest, shut = translatable("Share of frames with the mouth at rest"), translatable("Share of frames with shut mouth")
        drawn.append(Plot(at_rest if by_pixels else shut, lambda axes, words: silence_bars(axes, words, quiet), 5.0))
    return drawn


def mouth_over_time(axes: Axes, words: Words, evidence: Evidence, name: Message, limit: Message) -> None:
    """Mouth and voice on one time axis; the mouth's series and its limit by their names."""
    times, shown = window(evidence)
    values = evidence.mouth
    shade(axes, words, evidence.passages, times)
    axes.plot(times, values[shown], color=MOUTH, lw=1.2, label=words(name))
    if np.isfinite(values).any():
        shut = SHUT_PART * float(np.nanpercentile(values, WIDE_PERCENTILE))
        axes.axhline(shut, color=LIMIT, lw=0.8, ls="--", label=words(limit))
    fine = np.arange(times[0], times[-1], 1 / evidence.envelope.rate_hz)
    loudness = evidence.envelope.loudness_at(fine)
    scale = float(np.nanmax(values)) / max(float(loudness.max(initial=0.0)), 1e-9) if np.isfinite(values).any() else 1.0
    voice = words(translatable("voice (loudness, scaled)"))
    axes.plot(fine, loudness * scale, color=VOICE, lw=0.9, alpha=0.8, label=voice)
    axes.set_xlabel(words(SECONDS))
    axes.legend(fontsize=7, ncols=4, loc="upper right")


def silence_bars(axes: Axes, words: Words, quiet: Silence) -> None:
    """Share of shut frames in the music-only passages and elsewhere."""
    rows = [
        (MUSIC_ONLY, quiet.shut_share, MOUTH),
        (translatable("with voice"), quiet.voice_shut_share, VOICE),
        (translatable("any frames (shuffled)"), quiet.shuffled_shut_share, CONTROL),
        (translatable("passages 200 ms late"), quiet.shifted_shut_share, CONTROL),
        (STILL_FILM, quiet.still_shut_share, CONTROL),
    ]
    bars(axes, words, rows, MIN_SHUT_SHARE)


SILENCE = Metric[Silence](
    "silence",
    translatable("Music-only passages"),
    50,
    figures=lambda _, evidence: figures(evidence),
    verdicts=lambda quiet, evidence: silence_verdicts(quiet, evidence.measure.name),
    plots=plots,
)
