"""Which emotion speaks out of a sentence: 28 classes of GoEmotions and the seven of Ekman, each with a probability.

    feeling_of("I lost my keys and missed the train.")     # Feeling(emotion="sadness", style="sad", strength=...)
    classifier().scores("What a day!").ekman["joy"]

English is read by a linear classifier that we trained (`training/`), in a millisecond of a processor core, with NumPy alone.
Data: Demszky et al., "GoEmotions: A Dataset of Fine-Grained Emotions", ACL 2020 (Apache-2.0).
German is read by words that tell a feeling (`words.toml`), since there is no such data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from core.errors import InputError, MissingError
from speech.emotion.features import Vocabulary, words_of
from speech.emotion.feeling import EKMAN, GOEMOTIONS, NEUTRAL, Feeling, feeling
from speech.emotion.german import german_emotion

FILE = Path(__file__).resolve().parents[2] / "weights" / "trained" / "emotion.safetensors"
CLASSES = (*GOEMOTIONS, *EKMAN)
#: How far rare emotions are preferred to frequent ones where one must be chosen: each probability is divided by its class's
#: threshold (no lower than `LEAST_THRESHOLD`) to this power. Without it most of what is felt would be called neutral; chosen on
#: the dev set.
PREFERENCE, LEAST_THRESHOLD = 0.75, 0.05
#: Tensors of the file: their kinds, and shapes by the number of features, F.
TENSORS = {
    "names": ("uint32", ("F",)),
    "rarity": ("float16", ("F",)),
    "weight": ("int8", ("F", len(CLASSES))),
    "weight_scale": ("float16", ("F",)),
    "slope": ("float32", (len(CLASSES),)),
    "bias": ("float32", (len(CLASSES),)),
    "threshold": ("float32", (len(CLASSES),)),
}


@dataclass(frozen=True)
class EmotionScores:
    """Probabilities in [0, 1] by class; a sentence may hold several emotions, so the 28 need not sum to 1; the seven do.

    found: those of the 28 that are above their own threshold. top: the one of the seven that is most worth showing, and how much
    it stands out, 0 to 1.
    """

    goemotions: Mapping[str, float]
    ekman: Mapping[str, float]
    found: tuple[str, ...]
    top: tuple[str, float]


class EmotionClassifier:
    """Reads English sentences."""

    def __init__(self, path: Path = FILE) -> None:
        """Raises MissingError where there is no such file, InputError where it is another's.

        thresholds: (35,) from which on each of `CLASSES` counts as found.
        """
        tensors = _read(path)
        self._vocabulary = Vocabulary(tensors["names"], tensors["rarity"].astype(np.float32))
        self._weight, self._weight_scale = tensors["weight"], tensors["weight_scale"].astype(np.float32)
        self._slope, self._bias, self.thresholds = tensors["slope"], tensors["bias"], tensors["threshold"]

    def probabilities(self, text: str) -> FloatArray:
        """(35,) calibrated, of `CLASSES`."""
        rows, weights = self._vocabulary.features_of(text)
        odds = (weights * self._weight_scale[rows]) @ self._weight[rows].astype(np.float32)
        return stacked((self._slope * odds + self._bias)[None])[0]

    def scores(self, text: str) -> EmotionScores:
        """The probabilities of one sentence; a text without a word is neutral."""
        if words_of(text):
            values = self.probabilities(text)
        else:
            values = np.array([name == "neutral" for name in CLASSES], dtype=np.float32)
        named = list(zip(CLASSES, map(float, values), strict=True))
        fine = dict(named[: len(GOEMOTIONS)])
        found = tuple(name for (name, value), least in zip(fine.items(), self.thresholds, strict=False) if value >= least)
        weights = preferred(values, self.thresholds)[len(GOEMOTIONS) :]
        top = int(weights.argmax())
        return EmotionScores(fine, dict(named[len(GOEMOTIONS) :]), found, (EKMAN[top], float(weights[top] / weights.sum())))


def preferred(probabilities: FloatArray, thresholds: FloatArray) -> FloatArray:
    """(..., 35) weights by which one of the 28, or one of the seven, is chosen."""
    weights: FloatArray = probabilities / np.power(np.maximum(thresholds, LEAST_THRESHOLD), PREFERENCE)
    return weights


def stacked(odds: FloatArray) -> FloatArray:
    """(n, 35) probabilities of log-odds: of the 28 each by itself, of the seven together."""
    fine, coarse = odds[:, : len(GOEMOTIONS)], odds[:, len(GOEMOTIONS) :]
    shares = np.exp(coarse - coarse.max(axis=1, keepdims=True))
    return np.concatenate([1.0 / (1.0 + np.exp(-np.clip(fine, -50.0, 50.0))), shares / shares.sum(axis=1, keepdims=True)], axis=1)


def _read(path: Path) -> dict[str, npt.NDArray[Any]]:
    """The tensors of a file, checked."""
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    if not path.is_file():
        raise MissingError("speech.emotion.missing", path=path)
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError, ValueError) as error:
        raise InputError("speech.emotion.damaged", path=path) from error
    count = len(tensors.get("names", ()))
    wanted = {name: (kind, tuple(count if side == "F" else side for side in shape)) for name, (kind, shape) in TENSORS.items()}
    if not count or {name: (str(tensor.dtype), tensor.shape) for name, tensor in tensors.items()} != wanted:
        raise InputError("speech.emotion.damaged", path=path)
    return tensors


@cache
def classifier() -> EmotionClassifier:
    """Our own, read once. Raises as `EmotionClassifier`."""
    return EmotionClassifier()


def feeling_of(text: str, language: str = "en") -> Feeling:
    """What the face shows while it says `text`, a sentence; of a language other than English and German, neutral.

    Raises as `EmotionClassifier` for English.
    """
    if language == "de":
        return feeling(*german_emotion(text))
    if language != "en":
        return NEUTRAL
    return feeling(*classifier().scores(text).top)
