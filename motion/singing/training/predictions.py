"""What a network or a baseline says of whole clips, beside the truth, ready to be measured."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from core.contracts import FloatArray
from motion.singing.networks.lip_network import LipNetwork
from motion.singing.training.baselines import Predictor
from motion.singing.training.dataset import Corpus, Stream
from motion.singing.training.measures import ClipCurves
from motion.singing.training.prepare import Example

#: What tells closed lips: of predicted columns (m, K) the detector's curve (m,).
Detector = Callable[[FloatArray], FloatArray]


def by_closure(predicted: FloatArray) -> FloatArray:
    """The last column: how sure it is that the lips are closed."""
    return predicted[:, -1]


def by_aperture(predicted: FloatArray) -> FloatArray:
    """The nearer the lips, the surer."""
    closeness: FloatArray = -predicted[:, 0]
    return closeness


def network_predictor(network: LipNetwork) -> Predictor:
    """Rows (T, C) -> (T, outputs) in the curves' units, by a network that may hear a part of the rows only."""
    inputs = network.shape.encoder_channels + network.shape.mel_channels

    def predict(rows: FloatArray) -> FloatArray:
        heard = torch.from_numpy(np.asarray(rows[:, -inputs:], dtype=np.float32))
        curves: FloatArray = network.curves(heard).numpy()
        return curves

    return predict


def clip_curves(
    corpus: Corpus, examples: Sequence[Example | Stream], predicted: Sequence[FloatArray], detector: Detector
) -> list[ClipCurves]:
    """One entry for every clip of `examples`, whose `predicted` rows (T, K) lie beside them; by the clips' order in the
    streams.
    """
    result = []
    for example, curves in zip(examples, predicted, strict=True):
        told = detector(curves)
        for clip in dict.fromkeys(int(clip) for clip in example.clip if clip >= 0):
            here = example.clip == clip
            true = corpus.curves[clip]
            result.append(
                ClipCurves(example.time_s[here], curves[here][:, : true.shape[1]], told[here], true[:, : curves.shape[1]])
            )
    return result


def predicted_clips(corpus: Corpus, examples: Sequence[Example], predict: Predictor, detector: Detector) -> list[ClipCurves]:
    """`clip_curves` of what `predict` says of the examples."""
    return clip_curves(corpus, examples, [predict(example.rows) for example in examples], detector)
