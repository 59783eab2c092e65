"""Windows of takes, by which the network is trained; an epoch is one pass over all of them, in an order of chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from core.contracts import FloatArray
from core.errors import InputError
from core.messages import as_written
from motion.emotion.styles import STYLES, style_index
from motion.emotion.training.prepare import Example


@dataclass(frozen=True)
class Batch:
    """So many windows. features: (B, T, C) float32. curves: (B, T, R) in the rig's units. mask: (B, T) False beyond a take's end.
    labels: (B,) index of the style; style: (B, 5) one-hot. first_frame, total_frames: (B,) where the window stands in its take.
    """

    features: Tensor
    curves: Tensor
    mask: Tensor
    labels: Tensor
    style: Tensor
    first_frame: Tensor
    total_frames: Tensor


@dataclass(frozen=True)
class Scales:
    """By what features (C,) and curves (R,) are shifted and divided."""

    feature_mean: FloatArray
    feature_scale: FloatArray
    curve_mean: FloatArray
    curve_scale: FloatArray


class Windows:
    """All windows of some examples, and the batches that they make."""

    def __init__(self, examples: Sequence[Example], frames: int, stride: int, batch: int, seed: int) -> None:
        """frames: of a window; a shorter take makes one window with an end that is masked. stride: frames from one window of a
        take to the next; the last one ends with the take.

        Raises InputError where there are no examples.
        """
        if not examples:
            raise InputError(as_written("There are no takes to train on."))
        self.examples, self.frames, self._batch, self._seed = examples, frames, batch, seed
        self.places: npt.NDArray[np.int64] = np.concatenate(
            [_places(number, len(example.curves), frames, stride) for number, example in enumerate(examples)]
        )

    def __len__(self) -> int:
        """How many windows there are."""
        return len(self.places)

    @property
    def steps_an_epoch(self) -> int:
        """Batches of a pass over all windows."""
        return -(-len(self) // self._batch)

    def batch(self, step: int) -> Batch:
        """The batch of that step, from 0: the same one for the same seed, whatever was asked before."""
        epoch, place = divmod(step, self.steps_an_epoch)
        order = np.random.default_rng([self._seed, epoch]).permutation(len(self))
        return self.of(self.places[order[place * self._batch : (place + 1) * self._batch]])

    def of(self, places: npt.NDArray[np.int64]) -> Batch:
        """The windows at `places` (B, 2): number of the example, first frame."""
        chosen = [self.examples[number] for number, _ in places]
        count, frames = len(places), self.frames
        features = np.zeros((count, frames, chosen[0].features.shape[1]), dtype=np.float32)
        curves = np.zeros((count, frames, chosen[0].curves.shape[1]), dtype=np.float32)
        mask = np.zeros((count, frames), dtype=bool)
        for row, (example, (_, first)) in enumerate(zip(chosen, places, strict=True)):
            here = min(frames, len(example.curves) - first)
            features[row, :here] = example.features[first : first + here]
            curves[row, :here] = example.curves[first : first + here]
            mask[row, :here] = True
        labels = torch.tensor([style_index(example.take.style) for example in chosen])
        style = torch.eye(len(STYLES))[labels]
        total = torch.tensor([len(example.curves) for example in chosen])
        first_frame = torch.from_numpy(np.ascontiguousarray(places[:, 1]))
        heard, moved, known = torch.from_numpy(features), torch.from_numpy(curves), torch.from_numpy(mask)
        return Batch(heard, moved, known, labels, style, first_frame, total)


def _places(number: int, length: int, frames: int, stride: int) -> npt.NDArray[np.int64]:
    """(W, 2) where the windows of a take of `length` frames begin."""
    last = max(0, length - frames)
    firsts = np.unique(np.append(np.arange(0, last + 1, stride), last))
    return np.stack([np.full(len(firsts), number), firsts], axis=1)


def scales_of(examples: Sequence[Example], one_curve_scale: bool) -> Scales:
    """The scales of the training takes, summed take by take so that nothing is held twice.

    one_curve_scale: curves are shifted by their means and all divided by one number, the root of their mean variance, so that
    what moves more still counts more; else they stay in the rig's units.
    """
    frames = sum(len(example.curves) for example in examples)
    features, feature_squares = (np.zeros(examples[0].features.shape[1]) for _ in range(2))
    curves, curve_squares = (np.zeros(examples[0].curves.shape[1]) for _ in range(2))
    for example in examples:
        values = example.features.astype(np.float64)
        features += values.sum(axis=0)
        feature_squares += np.square(values).sum(axis=0)
        curves += example.curves.sum(axis=0, dtype=np.float64)
        curve_squares += np.square(example.curves, dtype=np.float64).sum(axis=0)
    mean, curve_mean = features / frames, curves / frames
    spread = np.sqrt(np.maximum(feature_squares / frames - mean**2, 0.0)) + 1e-3
    if not one_curve_scale:
        curve_mean, curve_spread = np.zeros_like(curve_mean), np.ones_like(curve_mean)
    else:
        variance = np.maximum(curve_squares / frames - curve_mean**2, 0.0)
        curve_spread = np.full_like(curve_mean, np.sqrt(variance.mean()) + 1e-4)
    kept = (np.asarray(each, dtype=np.float32) for each in (mean, spread, curve_mean, curve_spread))
    return Scales(*kept)
