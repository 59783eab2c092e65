"""Beats of an onset strength by dynamic programming (Ellis, "Beat tracking by dynamic programming", 2007).

As librosa (ISC) does it, whose beats these are, one for one; but its loops are compiled anew in every process and made the first
film wait. Here numpy works on as many moments at once as do not depend on each other.
"""

from __future__ import annotations

import math

import numpy as np
from scipy import fft

from core.contracts import FloatArray

#: How closely the beats keep to the tempo: cost of the squared logarithm of an interval over the beat's.
TIGHTNESS = 100.0
#: Beats begin where the score first reaches this share of its highest.
FIRST_BEAT_SHARE = 0.01
#: Beats at the ends are dropped where the score is below this share of the beats' root mean square.
TRIM_SHARE = 0.5
#: Onsets are blurred by a beat's length over this.
BLUR_PARTS = 32.0


def track_beats(onset: FloatArray, bpm: float, rate_hz: float, trim: bool) -> np.ndarray:
    """Numbers of the moments that are beats, (B,), ascending.

    onset: (N,) float, at least 0, `rate_hz` moments a second. bpm: the tempo; a beat has to last two moments at least.
    trim: whether weak beats at both ends are dropped; those without any onset always are.
    Raises `ValueError` for a tempo that has no beat of two moments.
    """
    if not bpm > 0 or not (period := float(np.round(rate_hz * 60.0 / bpm))) >= 2.0:
        raise ValueError(f"A tempo of {bpm:g} beats per minute has no beat of two moments at {rate_hz:g} moments a second.")
    if len(onset) < 2 or not onset.any():
        return np.zeros(0, np.int64)
    loudness = onset / (onset.std(ddof=1) + np.finfo(onset.dtype).tiny)
    score = _local_score(loudness.astype(np.float64), period)
    predecessor, total = _best_predecessors(score, period)
    beats, moment = [], _last_beat(total)
    while moment >= 0:
        beats.append(moment)
        moment = int(predecessor[moment])
    return _trimmed(np.asarray(beats[::-1]), score, trim)


def autocorrelation(signal: FloatArray) -> FloatArray:
    """Likeness of the signal (..., N) to itself, later by 0 to N - 1 moments, (..., N): sums of products, not scaled."""
    length = signal.shape[-1]
    padded = fft.next_fast_len(2 * length - 1, real=True)
    spectrum = fft.rfft(signal, n=padded)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    return np.asarray(fft.irfft(power, n=padded)[..., :length])


def _local_score(onset: FloatArray, period: float) -> FloatArray:
    """(N,) the onsets under a Gaussian of a thirty-second of a beat. As in librosa the very first onset does not count."""
    reach = int(period)
    steps = [offset * BLUR_PARTS / period for offset in range(-reach, reach + 1)]
    window = [math.exp(-0.5 * (step * step)) for step in steps]
    count = len(onset)
    score = np.zeros(count)
    for place, weight in enumerate(window):
        # the score at i takes weight k from the onset at i + reach - k
        first, end = max(0, place - reach + 1), min(count, count + place - reach)
        if first < end:
            score[first:end] += weight * onset[first + reach - place : end + reach - place]
    return score


def _best_predecessors(score: FloatArray, period: float) -> tuple[np.ndarray, FloatArray]:
    """(N,) the beat that best comes before one at each moment, -1 for none, and (N,) the score of all beats up to there.

    Predecessors lie half a beat to two beats before, so half a beat of moments is found at once. Of equal ones the nearest
    is taken.
    """
    nearest, farthest = int(np.round(period / 2.0)), int(2.0 * period)
    distance = np.arange(nearest, farthest + 1)
    # Python's own logarithm: numpy's differs in the last bit between processors, and with it could a beat.
    stretch = np.asarray([math.log(moments) - math.log(period) for moments in distance.tolist()])
    cost = TIGHTNESS * (stretch * stretch)
    total = np.concatenate([np.full(farthest, -np.inf), score])  # before the song lie moments that nobody takes
    predecessor = np.full(len(score), -1)
    for start in range(0, len(score), nearest):
        moments = np.arange(start, min(start + nearest, len(score)))
        before = moments[:, None] - distance
        reached = total[before + farthest] - cost
        best = reached.argmax(axis=1)
        found = before[np.arange(len(moments)), best]
        known = found >= 0
        total[moments[known] + farthest] += reached[known, best[known]]
        predecessor[moments[known]] = found[known]
    begin = int(np.argmax(score >= FIRST_BEAT_SHARE * score.max()))
    predecessor[:begin] = -1
    return predecessor, total[farthest:]


def _last_beat(total: FloatArray) -> int:
    """The last peak of the score that reaches half of the peaks' median; the last moment where there is none."""
    peak = np.zeros(len(total), dtype=bool)
    peak[1:-1] = (total[1:-1] > total[:-2]) & (total[1:-1] >= total[2:])
    peak[-1] = total[-1] > total[-2]
    peaks = np.flatnonzero(peak)
    high = peaks[total[peaks] >= 0.5 * np.median(total[peaks])] if len(peaks) else peaks
    return int(high[-1]) if len(high) else len(total) - 1


def _trimmed(beats: np.ndarray, score: FloatArray, trim: bool) -> np.ndarray:
    """The beats without those at both ends that lie before the first or after the last moment above the threshold."""
    threshold = 0.0
    if trim:
        # As librosa smooths: with the window's run-out after the last beat, without its run-in before the first.
        smooth = np.convolve(score[beats], np.hanning(5))[2 : len(score) + 2]
        threshold = TRIM_SHARE * math.sqrt(np.mean(np.square(smooth)))
    strong = np.flatnonzero(score > threshold)
    return beats[(beats >= strong[0]) & (beats <= strong[-1])] if len(strong) else beats[:0]
