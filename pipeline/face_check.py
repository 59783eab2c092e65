"""Says of every face in a picture whether it can sing, for the page that shows them framed."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.contracts import ByteArray, Face
from pipeline.errors import InputError
from pipeline.face_choice import FaceLimits, check_inside, check_size, check_turned, height_px, numbered_face
from pipeline.faces import FaceFinder


def check_faces(image: ByteArray) -> list[dict[str, object]]:
    """The faces in `image` (H, W, 3) uint8 RGB from left to right: number, box in parts of width and height, reason or None.

    Raises InputError where there is none, or none that can sing: with the sentence about the largest.
    """
    with FaceFinder() as finder:
        faces = finder.find(image)
    return judge_faces(faces, (image.shape[1], image.shape[0]))


def judge_faces(faces: Sequence[Face], image_size: tuple[int, int]) -> list[dict[str, object]]:
    """As `check_faces`, for faces that were found. image_size: (width, height)."""
    limits = FaceLimits()
    if not faces:
        numbered_face(faces, 1, image_size, limits)  # raises its sentence
    reasons = [reason_against(face, image_size, limits) for face in faces]
    if all(reasons):
        largest = max(range(len(faces)), key=lambda index: height_px(faces[index]))
        raise InputError(str(reasons[largest]))
    width, height = image_size
    scale = (width, height, width, height)
    return [
        {"number": number, "box": [round(edge / side, 4) for edge, side in zip(face.box, scale, strict=True)], "reason": reason}
        for number, (face, reason) in enumerate(zip(faces, reasons, strict=True), start=1)
    ]


def reason_against(face: Face, image_size: tuple[int, int], limits: FaceLimits) -> str | None:
    """The sentence why the face can't sing; None where it can."""
    try:
        check_turned(face, limits)
        check_inside(face, image_size, limits)
        check_size(face, limits)
    except InputError as error:
        return str(error)
    return None
