"""The parts of a song: where they begin and which of them are alike, from timbre and notes.

A song is laid out as a matrix of its likeness to itself. Parts begin where the music before a moment and after it keep to
themselves (Foote, "Automatic audio segmentation using a measure of audio novelty", 2000) and where what comes back later changes
(Serrà, Müller, Grosche & Arcos, "Unsupervised music structure annotation by time series structure features", 2014). Parts that
follow the same chords in the same sound get the same label.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d

from core.contracts import FloatArray
from motion.singing.analysis.chroma import CHROMA_STEP, tuned
from motion.singing.analysis.framing import FEATURE_RATE_HZ
from motion.singing.analysis.mix_features import TIMBRE_STEP, MixFeatures

#: The matrix has at most this many rows: ten minutes at two a second. Longer songs are read more coarsely.
MOST_ROWS = 1200
#: A moment is known by what is heard around it for so long.
CONTEXT_S = 4.0
#: Novelty looks this far back and ahead.
REACH_S = 8.0
#: Parts are at least this long, as a rule.
SPACING_S = 7.0
#: Height of a novelty peak, in standard deviations over the mean, that begins a part; and the least of it, for steady music.
PEAK_DEVIATIONS, LEAST_NOVELTY = 0.6, 0.05
#: A part moves to a down-beat this near.
DOWNBEAT_REACH_S = 1.4
#: Likeness of two parts, between that of unlike moments (0) and of equal ones (1), that gives them one label.
SAME_LIKENESS = 0.62
#: Of two parts of unequal length, what is compared is at least this share of the shorter one.
LEAST_OVERLAP = 0.7
#: Spread in dB that the song's timbre has at least, so that noise is not blown up to music.
LEAST_SPREAD_DB = 2.0


@dataclass(frozen=True)
class Sections:
    """starts_s (S,) seconds, the first is 0. labels (S,) int: 0 for the first kind, the same for parts that are alike."""

    starts_s: np.ndarray
    labels: np.ndarray


def find_sections(mix: MixFeatures, downbeats_s: np.ndarray) -> Sections:
    """Parts of a whole song; a song shorter than twice `REACH_S` is one part."""
    if len(mix.timbre_db) * TIMBRE_STEP < 2.0 * REACH_S * FEATURE_RATE_HZ:
        return Sections(np.zeros(1), np.zeros(1, dtype=np.int64))
    features, step_s = _rows(mix)
    reach = round(REACH_S / step_s)
    likeness = _self_likeness(features, max(1, round(CONTEXT_S / step_s)))
    novelty = _novelty(features @ features.T, reach) + 0.5 * _return_novelty(likeness, step_s)
    starts = _peaks(novelty, round(SPACING_S / step_s))
    starts_s = np.asarray([0.0, *(_to_downbeat(place * step_s, downbeats_s) for place in starts)])
    bounds = np.append(np.round(starts_s / step_s).astype(int), len(features))
    return Sections(starts_s, _labels(likeness, bounds))


def _rows(mix: MixFeatures) -> tuple[FloatArray, float]:
    """(M, features) of length 1, half of it timbre and half notes, and the seconds from row to row."""
    per_row = TIMBRE_STEP // CHROMA_STEP
    count = min(len(mix.timbre_db), len(mix.chroma) // per_row)
    notes = tuned(mix.chroma)[: count * per_row].reshape(count, per_row, -1).mean(axis=1)
    timbre = mix.timbre_db[:count].astype(np.float64)
    merge = max(1, int(np.ceil(count / MOST_ROWS)))
    whole = count // merge * merge
    timbre, notes = (part[:whole].reshape(-1, merge, part.shape[1]).mean(axis=1) for part in (timbre, notes))
    timbre = (timbre - timbre.mean(axis=0)) / np.maximum(timbre.std(), LEAST_SPREAD_DB)
    notes = notes / np.maximum(notes.max(axis=1, keepdims=True), 1e-4)
    notes = notes - notes.mean(axis=0)
    parts = [_unit(part) * np.sqrt(0.5) for part in (timbre, notes)]
    return np.concatenate(parts, axis=1), merge * TIMBRE_STEP / FEATURE_RATE_HZ


def _unit(rows: FloatArray) -> FloatArray:
    # Rows that hardly leave the mean (steady sound, silence) stay short instead of pointing anywhere.
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.maximum(length, 0.25 * float(np.median(length)) + 1e-6)


def _self_likeness(features: FloatArray, context: int) -> FloatArray:
    """(M, M) in about [-1, 1]: mean likeness along the diagonal over `context` rows, which asks for the same order of sounds."""
    padded = np.pad(features, ((context // 2, context - context // 2 - 1), (0, 0)), mode="edge")
    stacked = np.concatenate([padded[shift : shift + len(features)] for shift in range(context)], axis=1)
    stacked = stacked / np.sqrt(context)
    return stacked @ stacked.T


def _novelty(likeness: FloatArray, reach: int) -> FloatArray:
    """(M,) Foote's checkerboard over the diagonal with soft sides, in [0, 1]; 0 where it does not fit."""
    rows = len(likeness)
    offset = np.arange(-reach, reach) + 0.5
    taper = np.exp(-0.5 * np.square(offset / (0.5 * reach))) * np.sign(offset)
    novelty = np.zeros(rows)
    scale = np.square(np.abs(taper).sum())
    for place in range(reach // 2, rows - reach // 2 + 1):
        first, last = max(0, place - reach), min(rows, place + reach)
        side = taper[first - place + reach : last - place + reach]
        block = likeness[first:last, first:last]
        if place < rows:
            novelty[place] = side @ block @ side / scale
    return np.maximum(novelty, 0.0)


def _return_novelty(likeness: FloatArray, step_s: float) -> FloatArray:
    """(M,) in [0, 1] change of what returns: Serrà's structure features, the near diagonal left out."""
    rows = len(likeness)
    threshold = np.percentile(likeness, 92.0)
    returns = np.maximum(likeness - threshold, 0.0) / max(1e-6, 1.0 - threshold)
    lagged = np.zeros((rows, rows), dtype=np.float32)
    for row in range(rows):
        lagged[:, row] = np.roll(returns[:, row], -row)
    near = round(CONTEXT_S / step_s)
    lagged[: near + 1] = lagged[rows - near :] = 0.0
    blurred = gaussian_filter(lagged, (1.0, 2.0 / step_s), mode=("wrap", "nearest"))
    change = np.linalg.norm(np.diff(blurred, axis=1, append=blurred[:, -1:]), axis=0)
    return change / max(float(change.max()), 1e-3)


def _peaks(novelty: FloatArray, spacing: int) -> list[int]:
    curve = gaussian_filter1d(novelty, 1.5)
    enough = max(float(curve.mean() + PEAK_DEVIATIONS * curve.std()), LEAST_NOVELTY)
    found: list[int] = []
    for place in np.argsort(-curve):
        if curve[place] < enough:
            break
        near_end = place < spacing // 2 or place > len(curve) - spacing // 2
        if not near_end and all(abs(place - other) >= spacing for other in found):
            found.append(int(place))
    return sorted(found)


def _to_downbeat(time_s: float, downbeats_s: np.ndarray) -> float:
    if len(downbeats_s) == 0:
        return time_s
    nearest = float(downbeats_s[np.argmin(np.abs(downbeats_s - time_s))])
    return nearest if abs(nearest - time_s) <= DOWNBEAT_REACH_S else time_s


def _labels(likeness: FloatArray, bounds: np.ndarray) -> np.ndarray:
    """(S,) a part takes the label of the earlier part that it is most like, if it is like enough."""
    unlike, equal = float(np.median(likeness)), float(np.median(np.diag(likeness)))
    labels: list[int] = []
    for part in range(len(bounds) - 1):
        score = [(_likeness_of(likeness, bounds, part, other) - unlike) / max(equal - unlike, 1e-6) for other in range(part)]
        best = int(np.argmax(score)) if score else -1
        known = best >= 0 and score[best] >= SAME_LIKENESS
        labels.append(labels[best] if known else max(labels, default=-1) + 1)
    return np.asarray(labels, dtype=np.int64)


def _likeness_of(likeness: FloatArray, bounds: np.ndarray, one: int, other: int) -> float:
    """The best mean likeness of two parts, laid over each other at any place."""
    block = likeness[bounds[one] : bounds[one + 1], bounds[other] : bounds[other + 1]]
    least = max(1, int(LEAST_OVERLAP * min(block.shape)))
    return max(
        float(np.mean(np.diagonal(block, offset)))
        for offset in range(least - block.shape[0], block.shape[1] - least + 1)
        if len(np.diagonal(block, offset)) >= least
    )
