"""Measures the classifier: `python -m speech.emotion.training.evaluate --data FOLDER [--open-test]`.

Without `--open-test` on the dev set, on which thresholds and calibration were chosen; the test set is for the last word. Of every
comment the class that is shown is told, and apart from that all that are found; then the first once more, of those comments alone
to which their readers gave one class. Accuracy counts a comment as right where the class is among those that its readers gave.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.errors import BelcantoError
from speech.emotion.classifier import FILE, EmotionClassifier, preferred
from speech.emotion.feeling import EKMAN, GOEMOTIONS
from speech.emotion.training.dataset import CLASSES, read_part
from speech.emotion.training.measures import accuracy, f1_of, macro_f1, top_alone

FINE = len(GOEMOTIONS)
HEAD = "| classes | accuracy | macro-F1 | macro-F1, all found | one class: accuracy | macro-F1 |\n|---|---|---|---|---|---|"


def row(name: str, scores: FloatArray, truth: npt.NDArray[np.bool_], thresholds: FloatArray) -> str:
    """A line of the table."""
    chosen, one = preferred(scores, thresholds), truth.sum(axis=1) == 1
    figures = [macro_f1(top_alone(chosen), truth), macro_f1(scores >= thresholds, truth)]
    alone = f"{100 * accuracy(chosen[one], truth[one]):.1f} % | {macro_f1(top_alone(chosen[one]), truth[one]):.3f}"
    return f"| {name} | {100 * accuracy(chosen, truth):.1f} % | {figures[0]:.3f} | {figures[1]:.3f} | {alone} |"


def calibration_error(scores: FloatArray, truth: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error of the top class: how far its probability is from how often it is right."""
    top, right = scores.max(axis=1), truth[np.arange(len(truth)), scores.argmax(axis=1)]
    place = np.minimum((top * bins).astype(int), bins - 1)
    return sum(
        abs(top[place == k].mean() - right[place == k].mean()) * (place == k).mean() for k in range(bins) if (place == k).any()
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m speech.emotion.training.evaluate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with GoEmotions' dev.tsv and test.tsv")
    parser.add_argument("--weights", type=Path, default=FILE, help="the classifier's file")
    parser.add_argument("--open-test", action="store_true", help="measure on the test set")
    given = parser.parse_args(arguments)
    try:
        comments = read_part(given.data, "test" if given.open_test else "dev")
        reader = EmotionClassifier(given.weights)
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    begun_s = time.process_time()
    scores = np.array([reader.probabilities(text) for text in comments.texts])
    took_ms = 1000 * (time.process_time() - begun_s) / len(comments.texts)
    print(HEAD)
    print(row("28", scores[:, :FINE], comments.truth[:, :FINE], reader.thresholds[:FINE]))
    print(row("7 (Ekman)", scores[:, FINE:], comments.truth[:, FINE:], reader.thresholds[FINE:]))
    print(f"\ncalibration error of Ekman's top class: {calibration_error(scores[:, FINE:], comments.truth[:, FINE:]):.3f}")
    print(f"{took_ms:.2f} ms of a core a comment, {given.weights.stat().st_size} bytes")
    by_class = f1_of(scores >= reader.thresholds, comments.truth)
    print("; ".join(f"{name} {value:.2f}" for name, value in zip(CLASSES[-len(EKMAN) :], by_class[FINE:], strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
