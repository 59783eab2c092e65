"""What Spleeter's U-Nets are made of, whoever runs them: the published networks, their layers' names, and constants.

Source: Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool with pre-trained
models", JOSS 2020, and its program's settings `2stems`, `4stems` and `5stems`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray

LEVELS = 6
ENCODER_FILTERS = (16, 32, 64, 128, 256, 512)
DECODER_FILTERS = (256, 128, 64, 32, 16, 1)
KERNEL = 5
OUTPUT_KERNEL = 4
NORM_EPSILON = 1e-3
LEAK = 0.2
MASK_EPSILON = 1e-10
#: TensorFlow's "same" padding of a 5x5 kernel at stride 2: before, after. The transposed convolution crops as much.
SAME_PADDING = (1, 2)


@dataclass(frozen=True)
class StemNetwork:
    """One of Spleeter's published networks: a U-Net a stem, which all hear the mix.

    stems: in the order in which the checkpoint numbers their layers. elu: whether all layers bend by ELU; else those of the
    encoder by leaky ReLU and those of the decoder by ReLU. softmax: whether the U-Nets share out each bin of the mix among them;
    else each tells its own part by a sigmoid.
    """

    stems: tuple[str, ...]
    elu: bool = False
    softmax: bool = False

    @property
    def name(self) -> str:
        """What its files are called by."""
        return f"spleeter_{len(self.stems)}stems"


TWO_STEMS = StemNetwork(("vocals", "accompaniment"))
FOUR_STEMS = StemNetwork(("vocals", "drums", "bass", "other"), elu=True)
FIVE_STEMS = StemNetwork(("vocals", "piano", "drums", "bass", "other"), elu=True, softmax=True)


def layer_name(kind: str, number: int) -> str:
    """TensorFlow's name for the layer `number` of a kind: the first one has no number."""
    return kind if number == 0 else f"{kind}_{number}"


def kernel_of(weights: Mapping[str, FloatArray], layer: str) -> FloatArray:
    """The kernel of a (transposed) convolution; TensorFlow's axes (row, column, ., .) become (., ., row, column)."""
    return np.ascontiguousarray(weights[f"{layer}/kernel"].transpose(3, 2, 0, 1))


def norm_of(weights: Mapping[str, FloatArray], layer: str) -> tuple[FloatArray, FloatArray]:
    """Normalisation by the statistics of the training, as a factor and an addend, each (1, channels, 1, 1) float64."""
    gamma, beta, mean, variance = (
        weights[f"{layer}/{part}"].astype(np.float64) for part in ("gamma", "beta", "moving_mean", "moving_variance")
    )
    scale = gamma / np.sqrt(variance + NORM_EPSILON)
    return scale.reshape(1, -1, 1, 1), (beta - mean * scale).reshape(1, -1, 1, 1)
