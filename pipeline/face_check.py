"""Says of every face in a picture whether it can sing, for the page that shows them framed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from core.contracts import ByteArray, Face
from core.errors import InputError
from core.messages import Message
from faces.face_choice import (
    FaceLimits,
    advice_about,
    check_inside,
    check_size,
    check_turned,
    height_px,
    numbered_face,
    people_or_animals,
)
from faces.faces import FaceFinder, FaceFinderSettings, find_upright
from faces.tongue import has_tongue
from media.pictures import Picture
from pipeline.engine_list import for_drawings
from pipeline.engines import is_drawing, without_border
from pipeline.stages import opened

#: Of the Face Landmarker: the outer corner of the eye on the picture's left, and of that on its right.
OUTER_EYE_CORNERS = (33, 263)


@dataclass(frozen=True)
class PictureCheck:
    """picture: as it was given, or turned upright. faces: as `check_faces` tells them; of a drawing the one that was found in it,
    or none: then somebody must frame it.

    people: of a drawing, the human faces that every other engine finds in it, for the person who says that it is none.
    """

    picture: Picture
    drawing: bool
    faces: list[dict[str, object]]
    people: list[dict[str, object]]


def check_picture(picture: Picture) -> PictureCheck:
    """What the picture is, and its faces.

    Raises InputError for a picture that is no drawing and has no human face that can sing, MissingError where a network can't be
    had.
    """
    picture = without_border(picture)
    if not is_drawing(picture):
        upright, found = check_faces(picture)
        return PictureCheck(upright, False, found, [])
    try:
        upright, found = check_faces(picture)
        people = [{**face, "animal": False} for face in found] if upright is picture else []
    except InputError:  # none that can sing: then it can only be taken for a drawing
        people = []
    return PictureCheck(picture, True, drawn_faces(picture.image), people)


def drawn_faces(image: ByteArray) -> list[dict[str, object]]:
    """The drawn face in `image` (H, W, 3) uint8 RGB, as `check_faces` tells faces; none where none is found (2 to 6 s)."""
    drawer = for_drawings()
    try:
        with opened(drawer.install):
            assert drawer.drawings is not None
            face = drawer.drawings.find_face(image, None)
    except InputError:  # it says to frame the face by hand, and that is what the page offers then
        return []
    return [fact_of(1, face, (image.shape[1], image.shape[0]), None)]


def check_faces(picture: Picture) -> tuple[Picture, list[dict[str, object]]]:
    """The picture, turned upright where it lay, and its faces from left to right.

    Of each: number, box in parts of width and height, reason against it or None, advice about one that can sing or None (both as
    `Message.as_json`), whether it is an animal's, and how far its eyes lean. Where there is no human one, those of animals,
    marked. Raises InputError where there is none, or none that can sing: with the sentence about the largest.
    """
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as finder:
        picture, faces = find_upright(picture, finder)
    faces = people_or_animals(faces)
    tongues = [has_tongue(picture.image, face) for face in faces]
    return picture, judge_faces(faces, (picture.image.shape[1], picture.image.shape[0]), tongues)


def judge_faces(faces: Sequence[Face], image_size: tuple[int, int], tongues: Sequence[bool] = ()) -> list[dict[str, object]]:
    """As `check_faces`, for faces that were found. image_size: (width, height). tongues: whether over each's lip one lies."""
    limits = FaceLimits()
    if not faces:
        numbered_face(faces, 1, image_size, limits)  # raises its sentence
    reasons = [reason_against(face, image_size, limits) for face in faces]
    largest = reasons[max(range(len(faces)), key=lambda index: height_px(faces[index]))]
    if largest is not None and None not in reasons:
        raise InputError(largest)
    advice = [advice_about(face, limits, tongue) for face, tongue in zip(faces, tongues or [False] * len(faces), strict=True)]
    pairs = enumerate(zip(faces, reasons, advice, strict=True), start=1)
    return [fact_of(number, face, image_size, reason, told) for number, (face, reason, told) in pairs]


def fact_of(
    number: int, face: Face, image_size: tuple[int, int], reason: Message | None, advice: Message | None = None
) -> dict[str, object]:
    """One face as it is told; image_size: (width, height). advice: what would make the film better, for a face that can sing."""
    scale = image_size * 2
    return {
        "number": number,
        "box": [round(edge / side, 4) for edge, side in zip(face.box, scale, strict=True)],
        "reason": None if reason is None else reason.as_json(),
        "advice": None if reason is not None or advice is None else advice.as_json(),
        "animal": not face.human,
        "tilt_deg": tilt_deg(face),
    }


def tilt_deg(face: Face) -> float:
    """How far the line through the outer corners of the eyes leans to the right of level, in degrees."""
    (left_x, left_y), (right_x, right_y) = (face.landmarks[corner, :2] for corner in OUTER_EYE_CORNERS)
    return round(math.degrees(math.atan2(float(right_y - left_y), float(right_x - left_x))), 1)


def reason_against(face: Face, image_size: tuple[int, int], limits: FaceLimits) -> Message | None:
    """Why the face can't sing; None where it can."""
    try:
        check_turned(face, limits)
        check_inside(face, image_size, limits)
        check_size(face, limits)
    except InputError as error:
        return error.message
    return None
