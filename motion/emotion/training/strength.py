"""Where the strength of a motion is heard: what the projection of the intensity begins with.

The published losses leave open which way a frame's vector turns where the feeling grows: the same curves come out of a network
whose saliency falls there. So the projection need not begin at chance alone. How strong a motion is at a moment is the length of
the vector of its curves; ridge regression (Hoerl & Kennard, 1970) tells from the features how it rises and falls within a take,
and every row of the projection begins with that direction beside its own chance. No label is used but the curves themselves.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from motion.emotion.averaging import averaged
from motion.emotion.training.dataset import Scales
from motion.emotion.training.prepare import Example

#: Features and strength are averaged over time so far (deviation in frames), whatever the network itself does.
BREADTH_FRAMES = 9
#: Every so many frames count: neighbours tell the same.
STRIDE_FRAMES = 3
#: How much ridge regression holds the direction down, as a share of the features' mean variance.
RIDGE = 0.3


def strength(curves: FloatArray) -> FloatArray:
    """(T,) how strong the motion of curves (T, R) is at each frame, averaged over time."""
    return averaged(np.linalg.norm(curves, axis=1)[:, None], BREADTH_FRAMES)[:, 0]


def strength_direction(examples: Sequence[Example], scales: Scales) -> FloatArray:
    """(C,) float32 such that scaled features times it rise and fall with the strength, whose deviation within a take is 1."""
    channels = examples[0].features.shape[1]
    squares, products, count = np.zeros((channels, channels)), np.zeros(channels), 0
    for example in examples:
        scaled = (example.features.astype(np.float32) - scales.feature_mean) / scales.feature_scale
        heard = averaged(scaled, BREADTH_FRAMES)[::STRIDE_FRAMES].astype(np.float64)
        told = strength(example.curves)[::STRIDE_FRAMES].astype(np.float64)
        heard, told = heard - heard.mean(axis=0), (told - told.mean()) / (told.std() + 1e-6)
        squares += heard.T @ heard
        products += heard.T @ told
        count += len(told)
    held = RIDGE * np.trace(squares) / channels
    direction: npt.NDArray[np.float64] = np.linalg.solve(squares + held * np.eye(channels), products)
    spread = np.sqrt(direction @ squares @ direction / max(1, count)) + 1e-9
    return (direction / spread).astype(np.float32)
