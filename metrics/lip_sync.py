"""Does the mouth move with the voice? Correlation of lip aperture with the voice's loudness, and the lag between them.

Sign of the lag: positive where the mouth comes after the voice, negative where it comes before.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.messages import NOTHING, Message, message
from metrics.envelope import Envelope, voice_present

#: How far the control shifts the voice.
SHIFT_MS = 200.0


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
class LagCurve:
    """Correlation of the aperture with the voice delayed by each lag.

    lags_ms: (L,) positive where the mouth comes after the voice. correlation: (L,) in [-1, 1].
    """

    lags_ms: np.ndarray
    correlation: np.ndarray

    @property
    def peak(self) -> tuple[float, float]:
        """(lag in ms, correlation) of the highest point, by a parabola through it and its neighbours."""
        return parabola_peak(self.lags_ms, self.correlation)


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


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's correlation of two series (N,); 0 where one of them does not move."""
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum() / norm) if norm > 1e-12 else 0.0


def parabola_peak(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """(place, height) of the highest of the evenly spaced points, between them by a parabola; at an end, the end itself."""
    top = int(np.argmax(y))
    if top in (0, len(y) - 1):
        return float(x[top]), float(y[top])
    before, at, after = y[top - 1 : top + 2]
    bend = before - 2 * at + after
    offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(x[top] + offset * (x[1] - x[0])), float(at - 0.25 * (before - after) * offset)


def lagged_voice(times_s: np.ndarray, voice: Envelope, lags_ms: np.ndarray) -> np.ndarray:
    """Loudness of the voice delayed by each lag, at the given times: (L, N)."""
    return voice.loudness_at(times_s[None, :] - lags_ms[:, None] / 1000)


def lag_curve(aperture: np.ndarray, lagged: np.ndarray, lags_ms: np.ndarray) -> LagCurve:
    """Correlation of the aperture (N,) with each row of the delayed voice (L, N)."""
    return LagCurve(lags_ms, np.array([correlation(aperture, row) for row in lagged]))


def tried_lags_ms(settings: LipSyncSettings) -> np.ndarray:
    """The lags (L,), symmetric about 0."""
    steps = round(settings.max_lag_ms / settings.lag_step_ms)
    return np.arange(-steps, steps + 1) * settings.lag_step_ms


def block_numbers(times_s: np.ndarray, block_s: float) -> np.ndarray:
    """Which block of `block_s` seconds each time lies in, renumbered from 0 without gaps, (N,)."""
    return np.unique((times_s // block_s).astype(int), return_inverse=True)[1]


def shuffled_correlations(
    aperture: np.ndarray, voice: np.ndarray, block: int, draws: int, rng: np.random.Generator
) -> np.ndarray:
    """Correlations (draws,) with the voice cut into blocks of `block` frames that are put together in random order.

    The cut begins at a random place each time (wrapping around), so that blocks differ between the draws.
    """
    values = np.empty(draws)
    for draw in range(draws):
        rolled = np.roll(voice, int(rng.integers(len(voice))))
        pieces = np.split(rolled, range(block, len(rolled), block))
        values[draw] = correlation(aperture, np.concatenate([pieces[index] for index in rng.permutation(len(pieces))]))
    return values


def bootstrap(
    aperture: np.ndarray, lagged: np.ndarray, lags_ms: np.ndarray, blocks: np.ndarray, draws: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Correlation at lag 0 and lag of the peak in ms, each (draws,), over resampled blocks.

    Each block's sums are taken once; a draw is a weighing of the blocks, so its cost does not depend on the film's length.
    """
    count = blocks.max() + 1
    totals = [np.ones_like(aperture), aperture, aperture**2]
    n, a, aa = (np.bincount(blocks, total, count) for total in totals)
    e, ee, ae = (np.stack([np.bincount(blocks, row, count) for row in rows]) for rows in (lagged, lagged**2, lagged * aperture))
    weights = rng.multinomial(count, np.full(count, 1 / count), size=draws).astype(float)
    sizes = (weights @ n)[:, None]
    cover = weights @ ae.T / sizes - (weights @ a)[:, None] / sizes * (weights @ e.T / sizes)
    variance_a = (weights @ aa)[:, None] / sizes - ((weights @ a)[:, None] / sizes) ** 2
    variance_e = weights @ ee.T / sizes - (weights @ e.T / sizes) ** 2
    curves = cover / np.sqrt(np.maximum(variance_a * variance_e, 1e-24))
    lags = np.array([parabola_peak(lags_ms, curve)[0] for curve in curves])
    return curves[:, len(lags_ms) // 2], lags


def percentiles(values: np.ndarray) -> tuple[float, float]:
    """The middle 95% of the values."""
    low, high = np.percentile(values, [2.5, 97.5])
    return float(low), float(high)


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
