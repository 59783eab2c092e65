"""How well two sets of curves go together at each lag, and how much of that is chance.

Curves of lips and of a sound are smooth: two that have nothing to do with each other correlate at some lag, the better the
shorter they are. Bartlett's formula (1946) says how much: the variance of a correlation of unrelated series of n values is the
sum over all lags of the products of their autocorrelations, over n. Here it is taken over all pairs of curves that are added up.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from metrics.correlation import parabola_peak

#: Both are compared at so many values a second.
GRID_HZ = 100
#: Lags that are tried, in seconds; the step is that of the grid.
MOST_LAG_S = 0.75
#: Another peak counts only so far from the best one, in seconds.
OTHER_PEAK_S = 0.12
#: Pieces of which one after the other is left out, to see whether the best lag stays.
PIECES = 5
#: Autocorrelations are summed up to this lag, in seconds; beyond it they are noise.
MEMORY_S = 3.0
#: A lag is tried where at least this part of the seen values has a heard one.
LEAST_OVERLAP = 0.5


@dataclass(frozen=True)
class LagPeak:
    """The best lag.

    lag_s: above 0 where the second comes late. height: the weighed mean of the correlations there, less where fewer values are
    compared than at other lags. above_chance: the same in standard deviations of what unrelated curves reach; lead: how far all
    other peaks stay below it, in the same unit. spread_s: how far the best lag moves at most when a piece is left out.
    at_the_end: whether it is the farthest lag that was tried.
    """

    lag_s: float
    height: float
    above_chance: float
    lead: float
    spread_s: float
    at_the_end: bool


def best_lag(seen: FloatArray, there: npt.NDArray[np.bool_], heard: FloatArray, weights: FloatArray) -> LagPeak:
    """The lag at which curves seen (N, C), where `there` (N,), and heard (M, C) go together best; all at `GRID_HZ`."""
    lags, sums = lagged_sums(seen, there, heard)
    share = weights / weights.sum()
    counts = sums.sum(axis=0)[:, 0, 0]
    most = float(counts.max())
    fewer = np.sqrt(counts / max(most, 1.0))
    whole = correlations(sums.sum(axis=0)) @ share * fewer
    lags_s = lags / GRID_HZ
    lag_s, height = parabola_peak(lags_s, whole)
    others = whole[np.abs(lags_s - lag_s) > OTHER_PEAK_S]
    chance = chance_deviation(seen, there, heard, share, most)
    without = [correlations(sums.sum(axis=0) - piece) @ share * fewer for piece in sums]
    moved = [abs(float(lags_s[int(np.argmax(each))]) - lag_s) for each in without]
    at_the_end = abs(lag_s) > MOST_LAG_S - 1.5 / GRID_HZ
    return LagPeak(lag_s, height, height / chance, (height - float(others.max())) / chance, max(moved), at_the_end)


def lagged_sums(seen: FloatArray, there: npt.NDArray[np.bool_], heard: FloatArray) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """Lags (L,) in steps of the grid, and of each piece what correlations are made of: (PIECES, L, 6, C).

    The six: how many values, sums of seen, heard, both squares and the product.
    """
    most = round(MOST_LAG_S * GRID_HZ)
    lags = np.arange(-most, most + 1)
    places = np.flatnonzero(there)
    belongs = np.equal(np.arange(PIECES)[:, None], np.arange(len(places)) * PIECES // max(len(places), 1)).astype(np.float64)
    sums = np.zeros((PIECES, len(lags), 6, seen.shape[1]))
    for index, lag in enumerate(lags):
        inside = (places + lag >= 0) & (places + lag < len(heard))
        if inside.sum() < LEAST_OVERLAP * len(places):
            continue
        one, other = seen[places[inside]], heard[places[inside] + lag]
        terms = np.stack([np.ones_like(one), one, other, one**2, other**2, one * other], axis=1)
        sums[:, index] = np.tensordot(belongs[:, inside], terms, 1)
    return lags, sums


def correlations(sums: FloatArray) -> FloatArray:
    """Pearson's correlations (L, C) of sums (L, 6, C); 0 where one of both does not move."""
    count, one, other, squares, other_squares, products = np.moveaxis(np.asarray(sums, np.float64), -2, 0)
    count = np.maximum(count, 1.0)
    power = (squares - one**2 / count) * (other_squares - other**2 / count)
    together = products - one * other / count
    return np.where(power > 1e-18, together / np.sqrt(np.maximum(power, 1e-18)), 0.0)


def chance_deviation(seen: FloatArray, there: npt.NDArray[np.bool_], heard: FloatArray, share: FloatArray, count: float) -> float:
    """The standard deviation of the weighed mean of correlations of `count` values, if both had nothing to do with each other."""
    ours, theirs = cross_correlations(seen, there), cross_correlations(heard, np.ones(len(heard), bool))
    count = max(count, 1.0)
    reach = min(ours.shape[0], theirs.shape[0])
    fading = np.maximum(1.0 - np.arange(reach) / count, 0.0)
    products = np.einsum("kcd,kcd,c,d->k", ours[:reach], theirs[:reach], share, share)
    variance = (products[0] + 2.0 * (fading * products)[1:].sum()) / count
    return float(np.sqrt(max(variance, 0.25 * products[0] / count, 1e-9)))


def cross_correlations(values: FloatArray, there: npt.NDArray[np.bool_]) -> FloatArray:
    """Correlations of all pairs of columns of (N, C) at lags from 0 to `MEMORY_S`: (K, C, C)."""
    filled = np.where(there[:, None], values - values[there].mean(axis=0), 0.0)
    norm = np.sqrt((filled**2).sum(axis=0))
    filled = filled / np.maximum(norm, 1e-12)
    size = 2 * len(filled)
    spectra = np.fft.rfft(filled, size, axis=0)
    reach = min(len(filled), round(MEMORY_S * GRID_HZ))
    pairs = np.fft.irfft(spectra[:, :, None] * spectra[:, None, :].conj(), size, axis=0)[:reach]
    return np.asarray(pairs)
