"""The styles that the network knows, and its time base."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError

#: In the order of the one-hot vector. Source: "DEITalk" (2024), whose set has these five.
STYLES: tuple[str, ...] = ("neutral", "angry", "happy", "sad", "surprised")
#: Frames a second of features, curves and saliency.
FPS = 30
#: The sound that is heard.
SAMPLE_RATE_HZ = 16000


def style_index(name: str) -> int:
    """Where a style stands in `STYLES`. Raises InputError for another name."""
    if name not in STYLES:
        raise InputError("motion.no_such_style", name=name, list=list(STYLES))
    return STYLES.index(name)


def one_hot(names: Sequence[str]) -> FloatArray:
    """(len(names), 5) float32, each row 1 at its style. Raises InputError for another name."""
    return np.eye(len(STYLES), dtype=np.float32)[[style_index(name) for name in names]]
