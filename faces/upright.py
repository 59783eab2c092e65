"""Pictures whose faces lie on a side or stand on their head are turned upright; half a face at the border is known as one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from PIL import Image

from core.contracts import ByteArray, Face
from core.frame_stream import closing_frames
from core.messages import message
from faces.face_choice import FaceLimits, check_inside, height_px
from media.pictures import Picture

#: Sides of the picture, in pixels, in which half a face is looked for.
LOOK_PX = 1024
#: Width of the border that is added for it, in parts of the picture's shorter side.
BORDER_PART = 0.4
#: How the border is made: each shows some faces to the detector that the others don't.
BORDERS = ("reflect", "edge", "empty")
#: By quarters to the left: what was done.
TURNED = {
    1: message("faces.turned_left"),
    2: message("faces.turned_over"),
    3: message("faces.turned_right"),
}


class Finder(Protocol):
    """What finds faces: `faces.FaceFinder`."""

    def find(self, image: ByteArray) -> list[Face]:
        """All faces in `image` (H, W, 3) uint8 RGB, from left to right."""
        ...


def find_upright(picture: Picture, finder: Finder) -> tuple[Picture, list[Face]]:
    """The picture, turned by quarters where its faces don't stand upright, and the faces in it, from left to right.

    Raises InputError for a picture in which only a face that its border cuts can be found.
    """
    faces = finder.find(picture.image)
    if not faces:
        check_border(picture.image, finder)
    quarters = quarters_to_upright(faces)
    # A face on its head may be read as one that stands, but as no person's.
    doubtful = not quarters and bool(faces) and not any(face.human for face in faces)
    if not quarters and not doubtful:
        return picture, faces
    turned = turned_left(picture, 2 if doubtful else quarters)
    upright = finder.find(turned.image)
    stands = bool(upright) and not quarters_to_upright(upright)
    return (turned, upright) if stands and (not doubtful or any(face.human for face in upright)) else (picture, faces)


def quarters_to_upright(faces: Sequence[Face]) -> int:
    """By how many quarters to the left the picture has to be turned so that its largest face stands upright; 0 to 3.

    0 as well where any face stands upright already: the others lie, and the picture does not.
    """
    needed = [round(face.rotation_deg[2] / 90) % 4 for face in sorted(faces, key=height_px)]
    return 0 if 0 in needed or not needed else needed[-1]


def turned_left(picture: Picture, quarters: int) -> Picture:
    """The picture turned by so many quarters to the left, with a note that says so."""
    return replace(
        picture,
        image=np.ascontiguousarray(np.rot90(picture.image, quarters)),
        alpha=None if picture.alpha is None else np.ascontiguousarray(np.rot90(picture.alpha, quarters)),
        notes=(*picture.notes, TURNED[quarters]),
        turned=quarters,
    )


def turned_back(frames: Iterator[ByteArray], quarters: int) -> Iterator[ByteArray]:
    """The film's frames (H, W, 3), as the picture lay before it was turned by so many quarters to the left."""
    with closing_frames(frames):
        for frame in frames:
            yield np.ascontiguousarray(np.rot90(frame, -quarters))


def check_border(image: ByteArray, finder: Finder) -> None:
    """Raises InputError where a face is found only once the picture is continued beyond its border, which cuts that face."""
    small = Image.fromarray(image)
    small.thumbnail((LOOK_PX, LOOK_PX))
    pixels = np.asarray(small)
    border = round(BORDER_PART * min(pixels.shape[:2]))
    size = (pixels.shape[1], pixels.shape[0])
    for kind in BORDERS:
        faces = [moved(face, -border) for face in finder.find(continued(pixels, border, kind))]
        if faces:
            check_inside(max(faces, key=height_px), size, FaceLimits())


def continued(pixels: ByteArray, border: int, kind: str) -> ByteArray:
    """The picture (H, W, 3) with a border of so many pixels around it."""
    around = ((border, border), (border, border), (0, 0))
    if kind == "empty":
        return np.pad(pixels, around, constant_values=128)
    return np.pad(pixels, around, mode="edge" if kind == "edge" else "reflect")


def moved(face: Face, by_px: int) -> Face:
    """The face moved to the right and down."""
    left, top, right, bottom = face.box
    shift = np.array([by_px, by_px, 0], np.float32)
    return replace(face, landmarks=face.landmarks + shift, box=(left + by_px, top + by_px, right + by_px, bottom + by_px))
