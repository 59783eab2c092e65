"""How near told faces are to the true ones, whether the saliency is the true one, and which style a face shows.

Errors of lips and of the upper face: the greatest squared error over the curves of a frame, averaged over frames, LPE and EPE of
"DEITalk" (2024), as LVE and EVE are for vertices (Richard et al., "MeshTalk", 2021; Peng et al., "EmoTalk", 2023).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from motion.emotion.styles import STYLES, style_index
from motion.singing.training.measures import correlation

#: The style reader: weight of its penalty, and how many of a curve's values lie under its "high" and its "low".
PENALTY, HIGH, LOW = 1e-2, 90.0, 10.0
READER_STEPS = 60


def greatest_error(told: FloatArray, true: FloatArray, columns: Sequence[int]) -> float:
    """Of curves (T, R): the greatest squared error over `columns` of a frame, averaged over frames."""
    error = np.square(told[:, list(columns)].astype(np.float64) - true[:, list(columns)])
    return float(error.max(axis=1).mean())


def saliency_agreement(told: FloatArray, true: FloatArray) -> float:
    """Pearson's correlation over the frames that both have; NaN where one of them does not move."""
    frames = min(len(told), len(true))
    return correlation(told[:frames].astype(np.float64), true[:frames].astype(np.float64))


def controls(told: Sequence[FloatArray], true: Sequence[FloatArray]) -> dict[str, list[float]]:
    """The same where it must not agree: with another take's truth, brought to the same length, and with the truth backwards."""
    count = len(told)
    others = [_stretched(true[(number + 1 + count // 2) % count], len(told[number])) for number in range(count)]
    return {
        "another take's": [saliency_agreement(one, other) for one, other in zip(told, others, strict=True)],
        "backwards": [saliency_agreement(one, other[::-1]) for one, other in zip(told, true, strict=True)],
    }


def _stretched(curve: FloatArray, frames: int) -> FloatArray:
    return np.interp(np.linspace(0.0, len(curve) - 1.0, frames), np.arange(len(curve)), curve).astype(np.float32)


def face_numbers(curves: FloatArray) -> FloatArray:
    """What a take's curves (T, R) are over time: mean, spread, high and low of each, (4 R,)."""
    high, low = np.percentile(curves, [HIGH, LOW], axis=0)
    return np.concatenate([curves.mean(axis=0), curves.std(axis=0), high, low])


@dataclass(frozen=True)
class StyleReader:
    """Reads the style that a face shows: multinomial logistic regression on `face_numbers`, learned from true faces.

    mean, scale: (N,) of the numbers. weights: (N, 5); bias: (5,).
    """

    mean: FloatArray
    scale: FloatArray
    weights: FloatArray
    bias: FloatArray

    def read(self, curves: FloatArray) -> str:
        """The style of a take's curves (T, R)."""
        logits = (face_numbers(curves) - self.mean) / self.scale @ self.weights + self.bias
        return STYLES[int(np.argmax(logits))]


def learned_reader(curves: Sequence[FloatArray], styles: Sequence[str]) -> StyleReader:
    """A reader learned from the true curves of takes and their styles; the same takes give the same reader."""
    import torch

    numbers = np.stack([face_numbers(each) for each in curves])
    mean, scale = numbers.mean(axis=0), numbers.std(axis=0) + 1e-3
    rows = torch.from_numpy((numbers - mean) / scale)
    labels = torch.tensor([style_index(style) for style in styles])
    weights = torch.zeros(rows.shape[1], len(STYLES), dtype=rows.dtype, requires_grad=True)
    bias = torch.zeros(len(STYLES), dtype=rows.dtype, requires_grad=True)
    optimiser = torch.optim.LBFGS([weights, bias], max_iter=READER_STEPS, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimiser.zero_grad()
        value = torch.nn.functional.cross_entropy(rows @ weights + bias, labels) + PENALTY * weights.square().sum()
        value.backward()
        return value

    optimiser.step(loss)
    return StyleReader(mean, scale, weights.detach().numpy(), bias.detach().numpy())
