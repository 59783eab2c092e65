"""Where the driver's head stands in each frame: how far beside its usual place, and how near."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from core.contracts import FloatArray
from faces.fitting.face_coordinates import FaceCoordinates
from faces.fitting.placing import placing
from faces.fitting.rig import CAMERA_DISTANCE
from motion.driving.gaps import shots_of

#: The neck's pivot under the middle of the eyes' outer corners, in eye spans, about which engines turn a head, and how far behind
#: them, in face widths.
PIVOT_DOWN, PIVOT_BEHIND = 0.62, 0.23


def laid_still(
    rest: FloatArray, coordinates: FaceCoordinates, landmarks: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Landmarks (T, 478, 3) as if the head stood as at rest (478, 3); how it is turned from there, (T, 3, 3); and (T, 3) where
    its pivot is beside its place at rest: to the picture's right and down in face widths at rest, and how many times larger.

    The turn is that of bones alone. The pose that the Face Landmarker tells is one of the whole face, which an open jaw raises
    or lowers by degrees.
    """
    down, behind = coordinates.axes[:, 1] * coordinates.eye_span, coordinates.axes[:, 2] * coordinates.face_width
    pivot = coordinates.origin + PIVOT_DOWN * down + PIVOT_BEHIND * behind
    still, places = np.empty_like(landmarks), np.empty((len(landmarks), 3), np.float32)
    turns = np.empty((len(landmarks), 3, 3), np.float64)
    for row, points in enumerate(landmarks):
        stands = placing(rest, points)
        still[row], turns[row] = stands.at_rest(points), stands.rotation
        beside = stands.placed(pivot[None])[0] - pivot
        places[row] = *(beside[:2] / coordinates.face_width), stands.size
    return still, turns, places


def shifts_of(places: FloatArray, known: npt.NDArray[np.bool_], cuts: Sequence[int]) -> FloatArray:
    """(T, 3) translations in face widths from `laid_still`'s places (T, 3), each against the usual place in its own shot, as a
    cut moves the camera and not the head. Where nothing is known (T,) it is 0."""
    shifts = np.zeros_like(places)
    for shot in shots_of(len(places), cuts):
        here = known[shot]
        if here.any():
            middle = np.median(places[shot][here], axis=0)
            # What is nearer moves further in the picture; the portrait's face has its own size.
            size = places[shot][here, 2:]
            beside = (places[shot][here, :2] - middle[:2]) / middle[2]
            shifts[shot][here] = np.concatenate([beside, CAMERA_DISTANCE * (middle[2] / size - 1)], axis=1)
    return shifts
