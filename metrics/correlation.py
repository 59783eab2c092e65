"""How two series go together: Pearson's correlation, the lag at which it peaks, and how much of it is chance.

Sign of the lag: positive where the first comes after the second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


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


def lag_curve(aperture: np.ndarray, lagged: np.ndarray, lags_ms: np.ndarray) -> LagCurve:
    """Correlation of the aperture (N,) with each row of the delayed voice (L, N)."""
    return LagCurve(lags_ms, np.array([correlation(aperture, row) for row in lagged]))


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
