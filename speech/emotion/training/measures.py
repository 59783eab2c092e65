"""How right scores are: by the top class, and by all classes whose score is above their threshold."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray

#: Thresholds that are tried: the scores at these shares of a class's ranking.
TRIED = np.linspace(0.3, 0.999, 150)
#: The chosen threshold's score is the mean over its neighbours, so that no lucky one is taken.
NEIGHBOURS = 5


def accuracy(scores: FloatArray, truth: npt.NDArray[np.bool_]) -> float:
    """Share of rows whose highest score is of a class that readers gave. scores, truth: (n, C)."""
    return float(truth[np.arange(len(truth)), scores.argmax(axis=1)].mean())


def f1_of(told: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> FloatArray:
    """(C,) F1 by class of (n, C) decisions."""
    right = (told & truth).sum(axis=0)
    f1: FloatArray = 2.0 * right / np.maximum(told.sum(axis=0) + truth.sum(axis=0), 1)
    return f1


def macro_f1(told: npt.NDArray[np.bool_], truth: npt.NDArray[np.bool_]) -> float:
    """Mean of the classes' F1."""
    return float(f1_of(told, truth).mean())


def top_alone(scores: FloatArray) -> npt.NDArray[np.bool_]:
    """(n, C) decisions for the highest score alone."""
    return np.equal(np.arange(scores.shape[1]), scores.argmax(axis=1)[:, None])


def best_thresholds(scores: FloatArray, truth: npt.NDArray[np.bool_]) -> FloatArray:
    """(C,) thresholds with the best F1 by class, smoothed over the neighbours; to be chosen on other data than is measured."""
    chosen = []
    for column in range(scores.shape[1]):
        tried = np.quantile(scores[:, column], TRIED)
        f1 = f1_of(scores[:, column, None] >= tried, np.repeat(truth[:, column, None], len(tried), axis=1))
        smooth = np.convolve(np.pad(f1, NEIGHBOURS // 2, mode="edge"), np.full(NEIGHBOURS, 1 / NEIGHBOURS), mode="valid")
        chosen.append(tried[int(smooth.argmax())])
    return np.array(chosen, dtype=np.float32)
