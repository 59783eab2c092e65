"""Reads one face precisely, and tells whether it is one: several upright close-ups, each read on its own, must agree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from core.contracts import ByteArray, FloatArray
from faces.mediapipe_tasks import Detection, Detector, Landmarker, Reading

#: Side of a close-up in pixels: the landmark network looks at 256 px around a face that fills about half of this.
CLOSE_UP_PX = 448
#: Side of the first close-ups, in sides of the detector's box; the next is tried when nothing is read.
FIRST_SIDES = (2.0, 2.8, 1.5)
#: The close-ups that are compared: shift right and down, side (all in face sides), turn in degrees.
VIEWS = ((0.0, 0.0, 2.0, 0.0), (0.06, 0.03, 2.0, 5.0), (-0.06, 0.04, 2.0, -5.0), (0.0, -0.06, 1.7, -3.0), (0.03, 0.0, 2.6, 4.0))
#: Landmarks: outer and inner corner of the eye at the picture's left, of the other eye, tip of the nose, inner lips.
EYE_LEFT, EYE_RIGHT, NOSE_TIP, LIPS = [33, 133], [263, 362], 1, [13, 14]
#: A reading belongs to the face that is looked for if its middle is this near, in face sides.
NEAR = 0.5

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evidence:
    """How sure the networks are that this is a human face.

    score: of the detector, mean over the close-ups, 0 to 1. disagreement: mean distance between the eyes, nose and mouth of the
    detector and those of the landmark network. spread: mean distance of a landmark from its median over the close-ups. Both in
    units of the distance between the outer corners of the eyes.
    """

    score: float
    disagreement: float
    spread: float


@dataclass(frozen=True)
class CloseUp:
    """An upright square cut out of a picture: pixels (CLOSE_UP_PX, CLOSE_UP_PX, 3), and how its points lie in the picture.

    to_picture: (2, 3), point of the cut (x, y, 1) to point of the picture. turn_deg: clockwise turn of the cut's upright in the
    picture. scale: pixels of the picture in one of the cut.
    """

    pixels: ByteArray
    to_picture: Matrix
    turn_deg: float
    scale: float

    def points_in_picture(self, points: FloatArray) -> FloatArray:
        """Points (n, 2) or (n, 3) of the cut in the picture; z is scaled alone."""
        flat = points[:, :2] @ self.to_picture[:, :2].T + self.to_picture[:, 2]
        return np.concatenate([flat, points[:, 2:] * self.scale], axis=1).astype(np.float32)


def close_up(image: ByteArray, centre: tuple[float, float], side: float, turn_deg: float) -> CloseUp:
    """Cut a square with sides of `side` pixels around `centre`, turned clockwise; black where the picture ends."""
    scale = side / CLOSE_UP_PX
    angle = np.radians(turn_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    offset = np.array(centre) - turn @ np.full(2, CLOSE_UP_PX / 2)
    to_picture = np.concatenate([turn, offset[:, None]], axis=1)
    # Only the part under the square is looked at, made smaller by whole factors first so that nothing aliases.
    reach = side * 0.75 + 2
    left, top = (max(0, int(middle - reach)) for middle in centre)
    part = image[top : int(max(0, centre[1] + reach)) + 1, left : int(max(0, centre[0] + reach)) + 1]
    if part.size == 0:
        return CloseUp(np.zeros((CLOSE_UP_PX, CLOSE_UP_PX, 3), np.uint8), to_picture, turn_deg, scale)
    factor = max(1, int(scale))
    reduced = Image.fromarray(np.ascontiguousarray(part)).reduce(factor)
    local = to_picture.copy()
    local[:, 2] -= (left, top)
    size = (CLOSE_UP_PX, CLOSE_UP_PX)
    pixels = reduced.transform(size, Image.Transform.AFFINE, tuple((local / factor).ravel()), Image.Resampling.BICUBIC)
    return CloseUp(np.asarray(pixels), to_picture, turn_deg, scale)


def read_face(image: ByteArray, found: Detection, landmarker: Landmarker, detector: Detector) -> tuple[Reading, Evidence] | None:
    """The face at a detection, in the pixels of `image`, and how sure it is; None where the landmark network sees none there."""
    first = first_reading(image, found, landmarker)
    if first is None:
        return None
    centre, side, roll_deg = placement(first)
    readings, scores, distances = [], [], []
    for right, down, sides, turn_deg in VIEWS:
        middle = (centre[0] + right * side, centre[1] + down * side)
        cut = close_up(image, middle, sides * side, roll_deg + turn_deg)
        seen = nearest([in_picture(one, cut) for one in landmarker.read(cut.pixels)], centre, side)
        detections = detector.detect(cut.pixels)
        best = max(detections, key=lambda one: one.score, default=None)
        scores.append(best.score if best else 0.0)
        if seen is not None:
            readings.append(seen)
            if best is not None:
                distances.append(disagreement(cut.points_in_picture(best.points), seen.landmarks))
    if len(readings) < len(VIEWS) // 2 + 1:
        return None
    points = np.stack([reading.landmarks for reading in readings])
    middle_points = np.median(points, axis=0).astype(np.float32)
    spread = float(np.linalg.norm((points - middle_points)[..., :2], axis=-1).mean()) / eye_distance(middle_points)
    merged = Reading(
        middle_points,
        np.mean([reading.blendshapes for reading in readings], axis=0).astype(np.float32),
        mean_turn([reading.matrix for reading in readings]),
    )
    return merged, Evidence(float(np.mean(scores)), float(np.mean(distances)) if distances else np.inf, spread)


def first_reading(image: ByteArray, found: Detection, landmarker: Landmarker) -> Reading | None:
    """A rough reading, which says how large the face truly is and how it is turned."""
    eyes = found.points[1] - found.points[0]
    turn_deg = float(np.degrees(np.arctan2(eyes[1], eyes[0])))
    centre = (float(found.centre[0]), float(found.centre[1]))
    for sides in FIRST_SIDES:
        cut = close_up(image, centre, sides * found.side, turn_deg)
        seen = nearest([in_picture(one, cut) for one in landmarker.read(cut.pixels)], centre, found.side)
        if seen is not None:
            return seen
    return None


def in_picture(reading: Reading, cut: CloseUp) -> Reading:
    """A reading of a close-up as one of the picture."""
    angle = np.radians(cut.turn_deg)  # clockwise as seen is negative about the axis to the camera
    turn = np.array([[np.cos(angle), np.sin(angle), 0.0], [-np.sin(angle), np.cos(angle), 0.0], [0.0, 0.0, 1.0]])
    return Reading(cut.points_in_picture(reading.landmarks), reading.blendshapes, turn @ reading.matrix)


def placement(reading: Reading) -> tuple[tuple[float, float], float, float]:
    """Middle (x, y) and longer side in pixels of the upright box around the landmarks; clockwise turn of the eyes' line."""
    points = reading.landmarks[:, :2].astype(np.float64)
    eyes = points[EYE_RIGHT].mean(axis=0) - points[EYE_LEFT].mean(axis=0)
    angle = np.arctan2(eyes[1], eyes[0])
    upright = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    turned = points @ upright.T
    low, high = turned.min(axis=0), turned.max(axis=0)
    middle = upright.T @ ((low + high) / 2)
    return (float(middle[0]), float(middle[1])), float((high - low).max()), float(np.degrees(angle))


def nearest(readings: list[Reading], centre: tuple[float, float], side: float) -> Reading | None:
    """The reading whose middle is nearest to `centre`, if it is near enough for a face of that side."""
    distance, best = np.inf, None
    for reading in readings:
        middle, _, _ = placement(reading)
        gap = float(np.hypot(middle[0] - centre[0], middle[1] - centre[1]))
        if gap < min(distance, NEAR * side):
            distance, best = gap, reading
    return best


def eye_distance(landmarks: FloatArray) -> float:
    """Distance in pixels between the outer corners of the eyes; at least a fifth of the face, so that a profile has one."""
    size = float(np.ptp(landmarks[:, :2], axis=0).max())
    return max(float(np.linalg.norm(landmarks[EYE_LEFT[0], :2] - landmarks[EYE_RIGHT[0], :2])), 0.2 * size, 1e-6)


def disagreement(points: FloatArray, landmarks: FloatArray) -> float:
    """Mean distance of the detector's four points (4, 2) from where the landmarks say they are, in eye distances."""
    flat = landmarks[:, :2]
    expected = np.stack([flat[EYE_LEFT].mean(axis=0), flat[EYE_RIGHT].mean(axis=0), flat[NOSE_TIP], flat[LIPS].mean(axis=0)])
    return float(np.linalg.norm(points - expected, axis=1).mean()) / eye_distance(landmarks)


def mean_turn(matrices: list[Matrix]) -> Matrix:
    """The rotation nearest to the mean of rotations (3, 3)."""
    left, _, right = np.linalg.svd(np.mean(matrices, axis=0))
    flip = np.diag([1.0, 1.0, np.sign(np.linalg.det(left @ right))])
    return np.asarray(left @ flip @ right)
