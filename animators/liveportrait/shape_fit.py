"""What the face's 52 shapes do to LivePortrait's key points: a linear map, fitted to what its motion extractor reads in faces.

The networks know no shapes; but the expression that they read in a face is nearly a sum of what each shape adds. Ridge regression
finds these from pictures of faces whose shapes are known (`training/fit_shapes.py`). Nothing here needs torch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from animators.liveportrait.heads import KEYPOINTS, Heads
from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import FloatArray
from core.errors import InputError

SHAPES = len(BLENDSHAPE_NAMES)
#: Weight against large coefficients, as a share of the pictures: shapes that are hardly seen stay small.
RIDGE = 1e-3
#: Turns stand beside shapes, which run from 0 to 1: by so many degrees.
TURN_DEG = 30.0
WEIGHTS_KEY, TURNS_KEY = "expression_of_shapes", "angles_of_turns"
#: A file of a fit is named by the motion extractor to which it belongs.
NAME = "shapes-{digest}.safetensors"


@dataclass(frozen=True)
class ShapeFit:
    """weights: (52, 21, 3), what each shape at 1 adds to the expression. turns: (3, 3), from degrees of yaw, pitch and roll as
    `Face` has them (rows) to degrees of pitch, yaw and roll as the networks have them."""

    weights: FloatArray
    turns: FloatArray

    def expression(self, shapes: FloatArray) -> FloatArray:
        """(T, 21, 3) what shapes (T, 52) add to the expression of a relaxed face."""
        return np.tensordot(shapes, self.weights, 1)

    def angles_deg(self, rotation_deg: FloatArray) -> FloatArray:
        """(T, 3) pitch, yaw and roll, the networks' way, of turns (T, 3) in degrees, yaw, pitch and roll as `Motion` has them."""
        return np.asarray(rotation_deg @ self.turns)

    def save(self, path: Path) -> None:
        """Write it."""
        save_file({WEIGHTS_KEY: self.weights.astype(np.float32), TURNS_KEY: self.turns.astype(np.float32)}, path)

    @classmethod
    def load(cls, path: Path) -> ShapeFit:
        """What `save` wrote. Raises InputError where the file holds something else."""
        try:
            found = load_file(path)
        except (SafetensorError, OSError, ValueError) as error:
            raise InputError("animators.liveportrait.fit_unreadable", name=path.name) from error
        expected = {WEIGHTS_KEY: (SHAPES, KEYPOINTS, 3), TURNS_KEY: (3, 3)}
        if {key: value.shape for key, value in found.items()} != expected:
            raise InputError("animators.liveportrait.fit_unreadable", name=path.name)
        return cls(found[WEIGHTS_KEY], found[TURNS_KEY])


def fit_path(folder: Path, digest: str) -> Path:
    """Where the fit lies that belongs to the motion extractor with that SHA-256."""
    return folder / NAME.format(digest=digest[:16])


def fitted(shapes: FloatArray, rotation_deg: FloatArray, heads: Heads, person: npt.NDArray[np.int64]) -> ShapeFit:
    """The map that fits N pictures best.

    shapes: (N, 52) known. rotation_deg: (N, 3) yaw, pitch, roll as `Face` has them. heads: what the networks read. person: (N,)
    by number; only what changes within the pictures of one person counts, so that nobody's looks are taken for a shape.
    """
    known = centred(np.column_stack([shapes, rotation_deg / TURN_DEG]).astype(np.float64), person)
    read = centred(np.column_stack([heads.expression.reshape(len(heads), -1), heads.angles_deg]).astype(np.float64), person)
    ridge = RIDGE * len(known) * np.eye(known.shape[1])
    weights = np.linalg.solve(known.T @ known + ridge, known.T @ read)
    expression, turns = weights[:SHAPES, : 3 * KEYPOINTS], weights[SHAPES:, 3 * KEYPOINTS :] / TURN_DEG
    return ShapeFit(expression.reshape(SHAPES, KEYPOINTS, 3).astype(np.float32), turns.astype(np.float32))


def explained(fit: ShapeFit, shapes: FloatArray, rotation_deg: FloatArray, heads: Heads, person: npt.NDArray[np.int64]) -> float:
    """The share of the changes in the expression of N pictures that the fit tells, at most 1; 0: no better than a still face."""
    told = centred(fit.expression(shapes).reshape(len(heads), -1).astype(np.float64), person)
    read = centred(heads.expression.reshape(len(heads), -1).astype(np.float64), person)
    return float(1 - ((read - told) ** 2).sum() / max(float((read**2).sum()), 1e-12))


def centred(values: FloatArray, person: npt.NDArray[np.int64]) -> FloatArray:
    """Rows (N, ...) less the mean of each person's."""
    out = np.array(values)
    for each in np.unique(person):
        out[person == each] -= out[person == each].mean(axis=0)
    return out
