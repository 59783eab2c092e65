"""The face's own axes and measures in a picture, so that shapes can be described once for every tilt and size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray
from faces.fitting import landmarks as lm


@dataclass(frozen=True)
class FaceCoordinates:
    """Orthonormal axes of the head as it stands in the picture.

    axes: (3, 3), columns are the face's right-hand side of the picture, its down, and away from the viewer, in picture axes.
    origin: (3,) pixels, between the outer eye corners.
    eye_span: pixels between the outer eye corners (about 90 mm on an adult); the unit of every shape.
    face_width: pixels between the face's edges in front of the ears.
    """

    axes: FloatArray
    origin: FloatArray
    eye_span: float
    face_width: float

    def to_face(self, points: FloatArray) -> FloatArray:
        """Picture points (N, 3) in pixels -> face coordinates (N, 3) in pixels: right, down, away from the origin."""
        return np.asarray((points - self.origin) @ self.axes, np.float32)

    def to_picture(self, offsets: FloatArray) -> FloatArray:
        """Vectors (..., 3) along the face's axes -> along the picture's (..., 3); the origin is not added."""
        return np.asarray(offsets @ self.axes.T, np.float32)


def face_coordinates(points: FloatArray) -> FaceCoordinates:
    """Axes and measures from Face Landmarker points (478, 3) in picture pixels."""
    across = (points[lm.LEFT_EYE_OUTER] - points[lm.RIGHT_EYE_OUTER]) + (
        points[lm.FACE_LEFT_EDGE] - points[lm.FACE_RIGHT_EDGE]
    ) * 0.5
    right = across / np.linalg.norm(across)
    down = points[lm.CHIN_BOTTOM] - points[lm.FOREHEAD_TOP]
    down = down - right * (down @ right)
    down /= np.linalg.norm(down)
    axes = np.stack([right, down, np.cross(right, down)], axis=1).astype(np.float32)
    return FaceCoordinates(
        axes=axes,
        origin=((points[lm.LEFT_EYE_OUTER] + points[lm.RIGHT_EYE_OUTER]) / 2).astype(np.float32),
        eye_span=float(np.linalg.norm(points[lm.LEFT_EYE_OUTER] - points[lm.RIGHT_EYE_OUTER])),
        face_width=float(np.linalg.norm(points[lm.FACE_LEFT_EDGE] - points[lm.FACE_RIGHT_EDGE])),
    )
