"""The feelings that a face can show, and which one stands behind each of the seven emotions of Ekman and each word in a tag.

The faces are those of a performance's styles (`motion`): neutral, happy, sad, angry, surprised. Fear has the raised brows and
wide eyes of surprise (Ekman's units 1, 2 and 5), disgust the lowered brows of anger; both are shown less strongly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

#: Ekman's six basic emotions and none of them, in the order of the classifier's scores.
EKMAN = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
#: The 28 classes of GoEmotions in the order of its labels.
GOEMOTIONS = (
    *("admiration", "amusement", "anger", "annoyance", "approval", "caring", "confusion", "curiosity", "desire"),
    *("disappointment", "disapproval", "disgust", "embarrassment", "excitement", "fear", "gratitude", "grief", "joy"),
    *("love", "nervousness", "optimism", "pride", "realization", "relief", "remorse", "sadness", "surprise", "neutral"),
)
#: Which of Ekman's a class belongs to, as the data's authors sort them (Demszky et al. 2020, appendix).
EKMAN_OF: Mapping[str, str] = MappingProxyType(
    dict.fromkeys(("anger", "annoyance", "disapproval"), "anger")
    | {"disgust": "disgust"}
    | dict.fromkeys(("fear", "nervousness"), "fear")
    | dict.fromkeys(("sadness", "disappointment", "embarrassment", "grief", "remorse"), "sadness")
    | dict.fromkeys(("surprise", "realization", "confusion", "curiosity"), "surprise")
    | {"neutral": "neutral"}
    | dict.fromkeys(
        [
            *("joy", "amusement", "approval", "excitement", "gratitude", "love", "optimism", "relief", "pride", "admiration"),
            *("desire", "caring"),
        ],
        "joy",
    )
)
#: The style of each, and how much of it is shown.
STYLE_OF: Mapping[str, tuple[str, float]] = MappingProxyType(
    {
        "joy": ("happy", 1.0),
        "sadness": ("sad", 1.0),
        "anger": ("angry", 1.0),
        "surprise": ("surprised", 1.0),
        "fear": ("surprised", 0.7),
        "disgust": ("angry", 0.7),
        "neutral": ("neutral", 1.0),
    }
)


@dataclass(frozen=True)
class Feeling:
    """emotion: one of `EKMAN`. style: the performance's style that shows it. strength: 0 (not at all) to 1."""

    emotion: str
    style: str
    strength: float


def feeling(emotion: str, strength: float = 1.0) -> Feeling:
    """The feeling of one of `EKMAN` at a strength in [0, 1]. Raises KeyError for another."""
    style, share = STYLE_OF[emotion]
    return Feeling(emotion, style, round(share * strength, 3))


NEUTRAL = feeling("neutral")
