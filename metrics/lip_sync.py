"""Does the mouth move with the voice? Correlation of lip aperture with the voice's loudness, and the lag between them.

Sign of the lag: positive where the mouth comes after the voice, negative where it comes before.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from core.messages import NOTHING, Message, message, translatable
from metrics.correlation import block_numbers, bootstrap, correlation, lag_curve, percentiles, shuffled_correlations
from metrics.envelope import Envelope, inside, voice_present
from metrics.mouth_change import CHANGED_PIXELS
from metrics.plots import CONTROL, MOUTH, STILL_FILM, THIS_FILM, Plot, Words, bars
from metrics.registry import Metric
from metrics.verdict import Verdict, at_least, told, within

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from metrics.report import Evidence, Report

#: How far the control shifts the voice.
SHIFT_MS = 200.0
#: What a good film reaches.
MIN_CORRELATION = 0.5
MIN_ABOVE_SHUFFLED = 0.3
MAX_LAG_MS = 40.0
#: Who speaks opens the mouth by sounds more than by loudness: the true lips of people who spoke for 15 s and longer reach 0.2 to
#: 0.6, in the middle 0.4.
MIN_SPOKEN_CORRELATION, MIN_SPOKEN_ABOVE_SHUFFLED = 0.25, 0.2


@dataclass(frozen=True)
class LipSyncSettings:
    """How mouth and voice are compared."""

    #: lags from minus this to plus this are tried, in milliseconds.
    max_lag_ms: float = 600.0
    #: step between tried lags in milliseconds; the peak is then interpolated.
    lag_step_ms: float = 10.0
    #: length in seconds of the blocks that are shuffled and resampled: longer than a syllable, so its shape stays whole.
    block_s: float = 1.0
    #: how many shuffles and bootstrap samples are drawn.
    draws: int = 500
    #: start of the random draws.
    seed: int = 0
    #: fewer frames with a face than this give no figure.
    min_frames: int = 25
    #: shorter films agree or disagree by chance: of 47 cuts of 3 s from good films every second one failed a demand.
    judged_s: float = 5.0
    #: so long must the voice sound and pause, and for this share of the film at most may it sound: of cuts that are sung
    #: throughout most failed, whatever their length, for within a phrase the mouth follows vowels more than loudness.
    judged_voice_s: float = 1.5
    judged_pause_s: float = 1.0
    judged_voice_share: float = 0.9
    #: in films under the first length, in seconds, a lag is only told where the correlation with it is higher by the second.
    short_s: float = 12.0
    short_margin: float = 0.05


@dataclass(frozen=True)
class LipSync:
    """Correlation at lag 0 and the lag of the best correlation, with their controls; None where they can't be told.

    correlation, peak_correlation: in [-1, 1]. lag_ms: positive where the mouth comes after the voice.
    *_ci95: (low, high), 95% interval of a block bootstrap.
    shuffled_*: correlation with the voice's blocks in random order: mean, and the 95th percentile over the draws; p_value is the
        share of draws that reach the true correlation.
    shifted_*: the same film against the voice delayed by 200 ms; a true lag then reads 200 ms less.
    still_correlation: of a mouth that keeps the first frame's aperture; 0, since nothing moves.
    reason: why there are no figures. doubt, lag_doubt: why the figures, or the lag alone, are no judgement of the film.
    """

    frames: int
    correlation: float | None = None
    correlation_ci95: tuple[float, float] | None = None
    lag_ms: float | None = None
    lag_ci95_ms: tuple[float, float] | None = None
    peak_correlation: float | None = None
    shuffled_correlation: float | None = None
    shuffled_p95: float | None = None
    p_value: float | None = None
    shifted_correlation: float | None = None
    shifted_lag_ms: float | None = None
    still_correlation: float | None = None
    reason: Message = NOTHING
    doubt: Message = NOTHING
    lag_doubt: Message = NOTHING


def lagged_voice(times_s: np.ndarray, voice: Envelope, lags_ms: np.ndarray) -> np.ndarray:
    """Loudness of the voice delayed by each lag, at the given times: (L, N)."""
    return voice.loudness_at(times_s[None, :] - lags_ms[:, None] / 1000)


def tried_lags_ms(settings: LipSyncSettings) -> np.ndarray:
    """The lags (L,), symmetric about 0."""
    steps = round(settings.max_lag_ms / settings.lag_step_ms)
    return np.arange(-steps, steps + 1) * settings.lag_step_ms


def lip_sync(times_s: np.ndarray, aperture: np.ndarray, voice: Envelope, settings: LipSyncSettings | None = None) -> LipSync:
    """Compare the mouth with the voice.

    times_s: (N,) middle of each frame in seconds of the voice's time. aperture: (N,) any unit; NaN where no face was found.
    """
    settings = settings or LipSyncSettings()
    seen = np.isfinite(aperture)
    times_s, aperture = times_s[seen], aperture[seen].astype(np.float64)
    lags_ms = tried_lags_ms(settings)
    lagged = lagged_voice(times_s, voice, lags_ms)
    middle = lagged[len(lags_ms) // 2]
    reason = missing_reason(aperture, middle, settings)
    if reason:
        return LipSync(len(aperture), reason=reason)
    rng = np.random.default_rng(settings.seed)
    curve = lag_curve(aperture, lagged, lags_ms)
    lag_ms, peak = curve.peak
    true = correlation(aperture, middle)
    boot, boot_lags = bootstrap(aperture, lagged, lags_ms, block_numbers(times_s, settings.block_s), settings.draws, rng)
    block = max(1, round(settings.block_s / float(np.median(np.diff(times_s)))))
    shuffled = shuffled_correlations(aperture, middle, block, settings.draws, rng)
    late = lag_curve(aperture, lagged_voice(times_s - SHIFT_MS / 1000, voice, lags_ms), lags_ms)
    return LipSync(
        frames=len(aperture),
        correlation=true,
        correlation_ci95=percentiles(boot),
        lag_ms=lag_ms,
        lag_ci95_ms=percentiles(boot_lags),
        peak_correlation=peak,
        shuffled_correlation=float(shuffled.mean()),
        shuffled_p95=float(np.percentile(shuffled, 95)),
        p_value=float((1 + (shuffled >= true).sum()) / (1 + settings.draws)),
        shifted_correlation=float(late.correlation[len(lags_ms) // 2]),
        shifted_lag_ms=late.peak[0],
        still_correlation=correlation(np.full_like(aperture, aperture[0]), middle),
        doubt=doubt(times_s, voice, settings),
        lag_doubt=lag_doubt(times_s, peak - true, settings),
    )


def missing_reason(aperture: np.ndarray, voice: np.ndarray, settings: LipSyncSettings) -> Message:
    """Why mouth and voice can't be compared; empty where they can."""
    if len(aperture) < settings.min_frames:
        return message("metrics.too_few_faces", count=len(aperture), least=settings.min_frames)
    if float(np.ptp(voice)) < 1e-6:
        return message("metrics.voice_silent")
    return NOTHING


def doubt(times_s: np.ndarray, voice: Envelope, settings: LipSyncSettings) -> Message:
    """Why figures of frames at these times (N,) are no judgement of the film; empty where they are one."""
    seconds = len(times_s) * float(np.median(np.diff(times_s)))
    if seconds < settings.judged_s:
        return message("metrics.film_too_short_to_judge", length=seconds, least=settings.judged_s)
    present = np.interp(times_s, voice.times_s, voice_present(voice).astype(float), left=0.0, right=0.0) >= 0.5
    sung_s = float(present.mean()) * seconds
    if sung_s < settings.judged_voice_s:
        return message("metrics.voice_too_short_to_judge", length=sung_s, least=settings.judged_voice_s)
    if seconds - sung_s < settings.judged_pause_s or sung_s > settings.judged_voice_share * seconds:
        return message("metrics.sung_throughout")
    return NOTHING


def lag_doubt(times_s: np.ndarray, gain: float, settings: LipSyncSettings) -> Message:
    """Why a lag that raises the correlation by `gain` can't be told in frames at these times (N,); empty where it can."""
    if len(times_s) * float(np.median(np.diff(times_s))) >= settings.short_s or gain >= settings.short_margin:
        return NOTHING
    return message("metrics.lag_not_told")


def figures(evidence: Evidence) -> LipSync:
    """The film's mouth against its voice; nothing where the mouth can't be measured."""
    if evidence.unmeasured:
        return LipSync(0, reason=evidence.unmeasured)
    return lip_sync(evidence.track.times_s, evidence.mouth, evidence.envelope)


def figures_in_voice(evidence: Evidence) -> LipSync:
    """The same in passages with voice only, so that the coming and going of the whole voice does not count."""
    quiet = inside(evidence.track.times_s, evidence.passages)
    return figures(replace(evidence, mouth=np.where(quiet, np.nan, evidence.mouth)))


def lip_sync_verdicts(lips: LipSync, measure: Message, spoken: bool = False) -> list[Verdict]:
    """The demands on mouth and voice, in the words of what the mouth was measured by. spoken: nobody sings, see `Evidence`."""
    least = (MIN_SPOKEN_CORRELATION, MIN_SPOKEN_ABOVE_SHUFFLED) if spoken else (MIN_CORRELATION, MIN_ABOVE_SHUFFLED)
    by_pixels = measure == CHANGED_PIXELS
    follows = message("metrics.follows_by_pixels" if by_pixels else "metrics.follows_by_aperture")
    above = None if lips.correlation is None else lips.correlation - (lips.shuffled_correlation or 0.0)
    unsure = lips.reason or lips.doubt
    lag = Verdict(
        message("metrics.lag"), lips.lag_ms, message("metrics.within", value=MAX_LAG_MS), within(lips.lag_ms, MAX_LAG_MS)
    )
    return [
        told(at_least(follows, lips.correlation, least[0]), unsure),
        told(at_least(message("metrics.follows_this_voice"), above, least[1]), unsure),
        told(lag, unsure or (NOTHING if lag.passed else lips.lag_doubt)),
    ]


def plots(report: Report, evidence: Evidence) -> list[Plot]:
    """The lags and the controls, where there is a correlation."""
    lips, in_voice = report.of(LIP_SYNC), report.of(LIP_SYNC_IN_VOICE)
    if lips.correlation is None:
        return []
    by_lag = translatable("Correlation of the mouth with the voice, delayed by each lag")
    beside = translatable("Correlation beside its controls")
    return [
        Plot(by_lag, lambda axes, words: lags(axes, words, evidence), 5.0),
        Plot(beside, lambda axes, words: lip_sync_bars(axes, words, lips, in_voice, evidence.spoken), 5.0),
    ]


def lags(axes: Axes, words: Words, evidence: Evidence) -> None:
    """The curve of correlation over lag."""
    seen = np.isfinite(evidence.mouth)
    lags_ms = tried_lags_ms(LipSyncSettings())
    lagged = lagged_voice(evidence.track.times_s[seen], evidence.envelope, lags_ms)
    curve = lag_curve(evidence.mouth[seen].astype(float), lagged, lags_ms)
    axes.plot(curve.lags_ms, curve.correlation, color=MOUTH)
    best = translatable("best at {lag:.0f} ms", lag=curve.peak[0])
    axes.axvline(curve.peak[0], color=MOUTH, lw=0.8, ls="--", label=words(best))
    within = translatable("within {limit:.0f} ms", limit=MAX_LAG_MS)
    axes.axvspan(-MAX_LAG_MS, MAX_LAG_MS, color="#e8f5e9", zorder=0, label=words(within))
    axes.set_xlabel(words(translatable("lag in ms (right: the mouth comes after the voice)")))
    axes.set_ylabel(words(translatable("correlation")))
    axes.legend(fontsize=7)


def lip_sync_bars(axes: Axes, words: Words, lips: LipSync, in_voice: LipSync, spoken: bool) -> None:
    """Correlation of the film and of its controls."""
    rows = [
        (THIS_FILM, lips.correlation, MOUTH),
        (translatable("only where the voice sounds"), in_voice.correlation, MOUTH),
        (translatable("voice 200 ms late"), lips.shifted_correlation, CONTROL),
        (translatable("shuffled voice, mean"), lips.shuffled_correlation, CONTROL),
        (translatable("shuffled voice, 95th percentile"), lips.shuffled_p95, CONTROL),
        (STILL_FILM, lips.still_correlation, CONTROL),
    ]
    bars(axes, words, rows, MIN_SPOKEN_CORRELATION if spoken else MIN_CORRELATION)


LIP_SYNC = Metric[LipSync](
    "lip_sync",
    translatable("Mouth and voice"),
    40,
    figures=lambda _, evidence: figures(evidence),
    verdicts=lambda lips, evidence: lip_sync_verdicts(lips, evidence.measure.name, evidence.spoken),
    plots=plots,
)
LIP_SYNC_IN_VOICE = Metric[LipSync](
    "lip_sync_in_voice",
    translatable("Mouth and voice, only where the voice sounds"),
    45,
    figures=lambda _, evidence: figures_in_voice(evidence),
)
