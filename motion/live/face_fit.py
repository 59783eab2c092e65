"""The shapes of a driver's face, fitted frame by frame as they come: what `motion.driving` does for whole films, for one frame.

The amounts are those by which our drawn face moves its landmarks as the driver's do; each frame's begin where the last one's
ended, so that a few sweeps are enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Face, FloatArray
from faces.fitting.placing import placing
from motion.driving.driver_face import DriverFace, driver_face
from motion.driving.eyes import gaze_of, lids_freed, shut_wholly
from motion.driving.reading import widest
from motion.driving.shape_fit import REGIONS, Region, rows_of, terms_of
from motion.driving.standing import laid_still

SHAPES = len(BLENDSHAPE_NAMES)
#: Sweeps over a region's shapes at most, and a change of all of them after which the next would hardly matter.
SWEEPS, SETTLED = 20, 0.002
#: So many of the calmest faces are put together to the face at rest.
MOST_CALM = 15


@dataclass(frozen=True)
class RegionFit:
    """A region of one face. rows: (K, R) what each shape, whole, does to what the region looks at; gram: their products."""

    region: Region
    rows: FloatArray
    gram: FloatArray
    trust: FloatArray

    @classmethod
    def of(cls, region: Region, face: DriverFace) -> RegionFit:
        """The region of that face."""
        rows, trust = terms_of(region, face)
        return cls(region, rows, rows @ rows.T, trust)

    def amounts(self, moved: FloatArray, prior: FloatArray, most: FloatArray, before: FloatArray) -> FloatArray:
        """(K,) of landmarks that moved by (1, 468, 2), from 0 to `most`, found from those `before` on; see `shape_fit.fitted`."""
        wanted = self.rows @ rows_of(self.region, moved)[0] + self.trust * prior
        diagonal = np.diag(self.gram)
        found = before.copy()
        for _ in range(SWEEPS):
            last = found.copy()
            for k in range(len(found)):
                rest = wanted[k] - self.gram[k] @ found + diagonal[k] * found[k]
                found[k] = min(max(rest / (diagonal[k] + self.trust[k]), 0.0), most[k])
            if np.abs(found - last).sum() < SETTLED:
                break
        return found


class FaceFit:
    """One driver's face at rest, against which others of the same face are read. Used by one thread at a time."""

    def __init__(self, landmarks: FloatArray, shapes: FloatArray) -> None:
        """landmarks: (478, 3) and shapes: (52,), as read of the face at rest. Takes about 0.1 s."""
        self._face, self.shapes = driver_face(np.asarray(landmarks, np.float32)), np.asarray(shapes, np.float32)
        self._regions = [RegionFit.of(region, self._face) for region in REGIONS]
        self._before = np.zeros(SHAPES)

    @classmethod
    def of(cls, calm: Sequence[Face]) -> FaceFit:
        """Of some faces at rest, the calmest first."""
        best = np.asarray(calm[0].landmarks, np.float32)
        laid = [placing(best, np.asarray(face.landmarks, np.float32)).at_rest(face.landmarks) for face in calm]
        return cls(np.median(laid, axis=0), np.median([face.blendshapes for face in calm], axis=0))

    def read(self, face: Face) -> tuple[FloatArray, FloatArray]:
        """(52,) amounts of the shapes against the face at rest, and the gaze (2,) in degrees to the picture's right and up."""
        landmarks, shapes = np.asarray(face.landmarks, np.float32)[None], np.asarray(face.blendshapes, np.float32)[None]
        still = laid_still(self._face.rest, self._face.coordinates, landmarks)[0]
        gaze = gaze_of(self._face, still, shapes, self.shapes)
        moved = lids_freed(self._face, self._face.moved(still[:, :468]), gaze)
        prior = np.clip(shapes - self.shapes, 0.0, 1.0)
        amounts, most = prior[0].astype(np.float64), widest(prior)[0]
        for fit in self._regions:
            columns = fit.region.columns
            amounts[columns] = fit.amounts(moved, amounts[columns], most[columns], self._before[columns])
        self._before = amounts
        return shut_wholly(amounts[None])[0], gaze[0]
