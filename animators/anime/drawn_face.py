"""Finds the face of a drawn character, where the search for human faces may find none or doubt what it finds.

The landmark network was made for people, but reads most drawn faces too: their eyes and chin within a few pixels. What fails is
the proof that they are human. So the proof is another one here: the picture is looked at in several ways (as it is, mirrored,
enlarged, smoothed), and a face is believed where the readings of at least two of them agree. Animals pass that too, so that
a face that is not human besides must be in a drawing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from core.errors import InputError
from faces.faces import FaceFinder, FaceFinderSettings
from faces.picture_style import is_drawing

#: Drawn faces score lower than people, and none of the tests of a human face applies.
RELAXED = FaceFinderSettings(
    min_detection=0.2, min_presence=0.2, turned=False, animals=True, animal_disagreement=math.inf, animal_spread=math.inf
)
#: Sides of the enlarged view in pixels, and how far its lines are smoothed.
LARGE_PX, SMOOTH_PX = 900, 2.0
#: A head tipped further than this is a misreading of hair or clothes.
MOST_TIPPED_DEG = 30.0
#: Readings agree whose eyes and chins lie this near to each other, in distances from eyes to chin.
AGREE = 0.3
NEEDED_VIEWS = 2
_EYE_CORNERS, _CHIN, _LANDMARKS = (33, 133, 263, 362), 152, 478
#: Where the eyes and the chin lie in a face that the user framed from the hairline to the chin, in frame heights and widths.
FRAMED_EYES_DOWN, FRAMED_EYE_CORNERS_ACROSS = 0.45, (0.17, 0.40, 0.83, 0.60)
LEAST_FRAME_PX = 24.0


def find_drawn_face(image: ByteArray, frame: tuple[float, float, float, float] | None = None) -> Face:
    """The drawn face in `image` (H, W, 3) uint8 RGB, where several views of it agree best (2 to 6 s).

    frame: (left, top, right, bottom) in pixels around the face, hairline to chin, by the user; the face is looked for only
    there, and where it is not found the frame itself says where eyes and chin are. Raises InputError where no face is found and
    none was framed, where what was found is neither drawn nor human, or where the frame is no frame.
    """
    if frame is None:
        face = _agreed(image)
        if face is None:
            raise InputError("animators.anime.no_drawn_face")
        if not _has_people(image) and not is_drawing(image):
            raise InputError("animators.anime.face_of_neither_kind")
        return face
    left, top, right, bottom = checked_frame(frame, (image.shape[1], image.shape[0]))
    reach_x, reach_y = 0.8 * (right - left), 0.8 * (bottom - top)
    x0, y0 = int(max(0, left - reach_x)), int(max(0, top - reach_y))
    x1, y1 = int(min(image.shape[1], right + reach_x)), int(min(image.shape[0], bottom + reach_y))
    face = _agreed(np.ascontiguousarray(image[y0:y1, x0:x1]))
    if face is None:
        return framed_face((left, top, right, bottom))
    moved = _moved(face, 1.0, (x0, y0))
    eyes, _ = _eyes_and_chin(moved)
    inside = left <= eyes[0] <= right and top <= eyes[1] <= bottom
    return moved if inside else framed_face((left, top, right, bottom))


def checked_frame(frame: tuple[float, float, float, float], size: tuple[int, int]) -> tuple[float, float, float, float]:
    """The frame, cut at the picture's borders; size is (width, height). Raises InputError where too little of it is left."""
    left, top = max(0.0, frame[0]), max(0.0, frame[1])
    right, bottom = min(float(size[0]), frame[2]), min(float(size[1]), frame[3])
    if right - left < LEAST_FRAME_PX or bottom - top < LEAST_FRAME_PX:
        raise InputError(
            "animators.anime.frame_too_small", width=max(0.0, right - left), height=max(0.0, bottom - top), least=LEAST_FRAME_PX
        )
    return left, top, right, bottom


def framed_face(frame: tuple[float, float, float, float]) -> Face:
    """The face that a frame (left, top, right, bottom), from the hairline to the chin, says there is: upright, expressionless.

    Eye corners and chin are where they are in a drawn face of that size; every other landmark lies on the frame's ellipse.
    """
    left, top, right, bottom = frame
    width, height = right - left, bottom - top
    angles = np.linspace(0.0, 2.0 * np.pi, _LANDMARKS, endpoint=False)
    landmarks = np.zeros((_LANDMARKS, 3), np.float32)
    landmarks[:, 0] = left + width * (0.5 + 0.5 * np.sin(angles))
    landmarks[:, 1] = top + height * (0.5 - 0.5 * np.cos(angles))
    for index, across in zip(_EYE_CORNERS, FRAMED_EYE_CORNERS_ACROSS, strict=True):
        landmarks[index, :2] = left + across * width, top + FRAMED_EYES_DOWN * height
    landmarks[_CHIN, :2] = (left + right) / 2, bottom
    return Face(landmarks, np.zeros(52, np.float32), (0.0, 0.0, 0.0), (left, top, right, bottom))


def _has_people(image: ByteArray) -> bool:
    """Whether a human face is in the picture, by the tests that every other engine goes by."""
    with FaceFinder() as finder:
        return bool(finder.find(image))


def _agreed(image: ByteArray) -> Face | None:
    """The face on which most views agree, as the middle one of them reads it; None where fewer than two do."""
    readings: list[Face] = []
    with FaceFinder(settings=RELAXED) as finder:
        for view, scale, mirrored in _views(image):
            found = [face for face in finder.find(view) if abs(face.rotation_deg[2]) <= MOST_TIPPED_DEG]
            readings += [_moved(_mirrored(face, view.shape[1]) if mirrored else face, 1.0 / scale) for face in found]
            agreeing = _largest_group(readings)
            if len(agreeing) > NEEDED_VIEWS:  # more views would not change it
                break
    agreeing = _largest_group(readings)
    if len(agreeing) < NEEDED_VIEWS:
        return None
    places = np.array([np.concatenate(_eyes_and_chin(face)) for face in agreeing])
    middle = agreeing[int(np.argmin(np.linalg.norm(places - np.median(places, axis=0), axis=1)))]
    return replace(middle, human=True)  # whatever it looked like to the search for people


def _views(image: ByteArray) -> Iterator[tuple[ByteArray, float, bool]]:
    """(pixels, scale, whether mirrored) of each way to look at the picture."""
    height, width = image.shape[:2]
    scale = LARGE_PX / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    large = cv2.resize(image, size, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    yield image, 1.0, False
    yield np.ascontiguousarray(image[:, ::-1]), 1.0, True
    yield large, scale, False
    yield np.ascontiguousarray(large[:, ::-1]), scale, True
    smooth = cv2.GaussianBlur(large, (0, 0), SMOOTH_PX)
    yield smooth, scale, False
    yield cv2.bilateralFilter(large, 9, 40, 7), scale, False
    yield cv2.medianBlur(large, 7), scale, False


def _largest_group(readings: list[Face]) -> list[Face]:
    """The readings around the one with which most others agree."""
    best: list[Face] = []
    for face in readings:
        eyes, chin = _eyes_and_chin(face)
        near = AGREE * float(np.hypot(*(chin - eyes)))
        group = [
            other
            for other in readings
            if all(np.hypot(*(a - b)) <= near for a, b in zip((eyes, chin), _eyes_and_chin(other), strict=True))
        ]
        best = group if len(group) > len(best) else best
    return best


def _eyes_and_chin(face: Face) -> tuple[FloatArray, FloatArray]:
    """(2,) the middle between the eyes, and (2,) the chin."""
    return face.landmarks[list(_EYE_CORNERS), :2].mean(axis=0), face.landmarks[_CHIN, :2]


def _moved(face: Face, scale: float, corner: tuple[float, float] = (0.0, 0.0)) -> Face:
    """The face in a picture of another size, from whose `corner` the looked-at part was cut."""
    landmarks = (face.landmarks * np.float32(scale) + np.array([*corner, 0.0], np.float32)).astype(np.float32)
    left, top = landmarks[:, :2].min(axis=0)
    right, bottom = landmarks[:, :2].max(axis=0)
    return replace(face, landmarks=landmarks, box=(float(left), float(top), float(right), float(bottom)))


def _mirrored(face: Face, width: int) -> Face:
    """The face as it is before the picture was mirrored. Its sides keep their numbers: only eyes and chin are asked."""
    landmarks = face.landmarks.copy()
    landmarks[:, 0] = width - landmarks[:, 0]
    yaw, pitch, roll = face.rotation_deg
    return replace(face, landmarks=landmarks, rotation_deg=(-yaw, pitch, -roll))
