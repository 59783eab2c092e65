"""Trains the classifier of a sentence's emotion: `python -m speech.emotion.training.train --data FOLDER --out weights/trained`.

FOLDER holds GoEmotions' `train.tsv`, `dev.tsv` and `test.tsv`, of which the last is not opened here. Plain sentences of our own
(`plain.toml`) are learned beside it. The same data give the same
file on the same machine; it takes a few minutes of one processor core.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from core.contracts import FloatArray
from core.errors import BelcantoError
from core.output_files import whole_file
from speech.emotion.classifier import FILE, stacked
from speech.emotion.features import Vocabulary, counts_of
from speech.emotion.feeling import GOEMOTIONS
from speech.emotion.training.dataset import Comments, read_part
from speech.emotion.training.measures import best_thresholds
from speech.emotion.training.plain import plain_sentences, together

FINE = len(GOEMOTIONS)
#: What `counts_of` tells of a text.
Counts = tuple[Counter[int], Counter[int]]


@dataclass(frozen=True)
class TrainSettings:
    """How the classifier is trained; chosen on the dev set.

    least_words, least_pieces: a feature of words, or of pieces, is known where so many comments hold it. strength: how much the
    data count against small weights (C of a logistic regression). steps: of the optimiser at most.
    """

    least_words: int = 3
    least_pieces: int = 8
    strength: float = 2.5
    steps: int = 90


def vocabulary_of(counts: Sequence[Counts], settings: TrainSettings) -> Vocabulary:
    """The features that enough of the texts hold, of which these are the counts."""
    words, pieces = Counter[int](), Counter[int]()
    for of_words, of_pieces in counts:
        words.update(of_words.keys())
        pieces.update(of_pieces.keys())
    held = {name: count for name, count in pieces.items() if count >= settings.least_pieces}
    held |= {name: count for name, count in words.items() if count >= settings.least_words}
    names = np.array(sorted(held), dtype=np.uint32)
    holding = np.array([held[int(name)] for name in names])
    rarity = np.log((1 + len(counts)) / (1 + holding)) + 1.0
    return Vocabulary(names, rarity.astype(np.float16).astype(np.float32))


def matrix_of(counts: Sequence[Counts], vocabulary: Vocabulary) -> csr_matrix:
    """(n, F) float32: the features of n texts."""
    found = [vocabulary.weighted(*each) for each in counts]
    ends = np.cumsum([0, *(len(rows) for rows, _ in found)])
    parts = (np.concatenate([weights for _, weights in found]), np.concatenate([rows for rows, _ in found]), ends)
    return csr_matrix(parts, shape=(len(counts), len(vocabulary.names)), dtype=np.float32)


def fit(features: csr_matrix, truth: npt.NDArray[np.bool_], strength: float, steps: int) -> tuple[FloatArray, FloatArray]:
    """Weights (F, C) and intercepts (C,) of C logistic regressions at once, by L-BFGS (Liu & Nocedal 1989)."""
    wanted, turned = truth.astype(np.float32), features.T.tocsr()
    count, classes = features.shape[1], truth.shape[1]

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        weight = flat[:-classes].reshape(count, classes).astype(np.float32)
        odds = features @ weight + flat[-classes:].astype(np.float32)
        value = float((np.logaddexp(0.0, odds) - wanted * odds).sum()) + 0.5 / strength * float(np.square(weight).sum())
        wrong = 1.0 / (1.0 + np.exp(-odds)) - wanted
        slope = np.concatenate([(turned @ wrong + weight / strength).ravel(), wrong.sum(axis=0)])
        return value, slope.astype(np.float64)

    start = np.zeros(count * classes + classes)
    share = np.clip(truth.mean(axis=0), 1e-4, 1 - 1e-4)
    start[-classes:] = np.log(share / (1 - share))
    found = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 6})
    return found.x[:-classes].reshape(count, classes).astype(np.float32), found.x[-classes:].astype(np.float32)


def in_bytes(weight: FloatArray) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    """The weights (F, C) as int8, and what each row (F,) is multiplied by."""
    scale = (np.abs(weight).max(axis=1) / 127.0 + 1e-6).astype(np.float16)
    return np.clip(np.rint(weight / scale[:, None].astype(np.float32)), -127, 127).astype(np.int8), scale


def calibrate_each(odds: FloatArray, truth: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Slope (C,) and shift (C,) that make each column's log-odds (n, C) fit how often it is true (Platt 1999)."""
    pairs = [_platt(odds[:, column], truth[:, column]) for column in range(odds.shape[1])]
    return np.array([slope for slope, _ in pairs], dtype=np.float32), np.array([shift for _, shift in pairs], dtype=np.float32)


def _platt(odds: FloatArray, truth: npt.NDArray[np.bool_]) -> tuple[float, float]:
    def loss(pair: FloatArray) -> float:
        told = pair[0] * odds + pair[1]
        return float((np.logaddexp(0.0, told) - truth * told).mean() + 1e-3 * (pair[0] - 1.0) ** 2)

    slope, shift = minimize(loss, np.array([1.0, 0.0]), method="Nelder-Mead").x
    return float(slope), float(shift)


def calibrate_together(odds: FloatArray, truth: npt.NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """One slope, and shifts (C,), that make the columns' softmax fit which of them is true (Guo et al. 2017)."""
    wanted = truth / truth.sum(axis=1, keepdims=True)

    def loss(flat: FloatArray) -> float:
        told = flat[0] * odds + flat[1:]
        told = told - told.max(axis=1, keepdims=True)
        return float((np.log(np.exp(told).sum(axis=1)) - (wanted * told).sum(axis=1)).mean() + 1e-3 * np.square(flat[1:]).sum())

    found = minimize(loss, np.array([1.0, *np.zeros(odds.shape[1])]), method="L-BFGS-B").x
    return np.full(odds.shape[1], found[0], dtype=np.float32), found[1:].astype(np.float32)


def train(data: Comments, dev: Comments, settings: TrainSettings) -> dict[str, npt.NDArray[Any]]:
    """The tensors of the classifier's file."""
    counts = [counts_of(text) for text in data.texts]
    vocabulary = vocabulary_of(counts, settings)
    weight, intercept = fit(matrix_of(counts, vocabulary), data.truth, settings.strength, settings.steps)
    small, scale = in_bytes(weight)
    dev_counts = [counts_of(text) for text in dev.texts]
    odds = matrix_of(dev_counts, vocabulary) @ (small.astype(np.float32) * scale.astype(np.float32)[:, None]) + intercept
    fine_slope, fine_shift = calibrate_each(odds[:, :FINE], dev.truth[:, :FINE])
    coarse_slope, coarse_shift = calibrate_together(odds[:, FINE:], dev.truth[:, FINE:])
    slope, shift = np.concatenate([fine_slope, coarse_slope]), np.concatenate([fine_shift, coarse_shift])
    return {
        "names": vocabulary.names,
        "rarity": vocabulary.rarity.astype(np.float16),
        "weight": small,
        "weight_scale": scale,
        "slope": slope,
        "bias": (slope * intercept + shift).astype(np.float32),
        "threshold": best_thresholds(stacked(odds * slope + shift), dev.truth),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Train and write; returns the exit code."""
    from safetensors.numpy import save

    parser = argparse.ArgumentParser(prog="python -m speech.emotion.training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with GoEmotions' train.tsv and dev.tsv")
    parser.add_argument("--out", type=Path, default=FILE.parent, help="folder of the weights")
    given = parser.parse_args(arguments)
    settings = TrainSettings()
    try:
        data = together(read_part(given.data, "train"), plain_sentences())
        tensors = train(data, read_part(given.data, "dev"), settings)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    # one entry, since the library writes several in an order of chance
    facts = {"facts": json.dumps({"data": "GoEmotions (Apache-2.0)", "settings": asdict(settings)})}
    given.out.mkdir(parents=True, exist_ok=True)
    with whole_file(given.out / FILE.name, "the classifier") as file:
        file.write(save(tensors, metadata=facts))
    print(f"{given.out / FILE.name}: {len(tensors['names'])} features, {(given.out / FILE.name).stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
