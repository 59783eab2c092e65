"""Chooses the face that sings, and says in a sentence what is wrong with one that can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import Face
from core.errors import InputError
from core.messages import Message, message


@dataclass(frozen=True)
class FaceLimits:
    """What the engine that moves the face can take."""

    #: smallest width of the face from side to side, in pixels.
    min_width_px: float = 48.0
    #: furthest turn to a side, in degrees.
    max_yaw_deg: float = 45.0
    #: furthest look up or down, in degrees.
    max_pitch_deg: float = 35.0
    #: furthest tip to a side, in degrees.
    max_roll_deg: float = 60.0
    #: largest part of the face's width or height that may lie outside the picture.
    max_outside_part: float = 0.04
    #: how far apart lips may stand in the picture, in eye distances, before it is said that their closing may look odd.
    wide_mouth: float = 0.25
    #: a face at least this many times as high as each other one is meant where none is named: the rest are passers-by.
    dominance: float = 2.5


def choose_face(faces: Sequence[Face], number: int | None, image_size: tuple[int, int], limits: FaceLimits | None = None) -> Face:
    """The face that will sing.

    faces: as `FaceFinder.find` gives them, from left to right. number: which of them, counted from 1; None: the only one, or the
    one that is far larger than all others. image_size: (width, height) of the picture.
    Raises InputError where there is no such face, or where the engine's `limits` don't allow it.
    """
    limits = limits or FaceLimits()
    face = numbered_face(faces, number, image_size, limits)
    check_turned(face, limits)
    check_inside(face, image_size, limits)
    check_size(face, limits)
    return face


def people_or_animals(faces: Sequence[Face]) -> list[Face]:
    """The human faces; where there is none, those of animals."""
    return [face for face in faces if face.human] or list(faces)


def check_animals(faces: Sequence[Face], allowed: bool) -> None:
    """Raises InputError where the only faces are most likely animals' and those are not allowed to sing."""
    if faces and not allowed and not any(face.human for face in faces):
        raise InputError("faces.only_an_animal")


def numbered_face(faces: Sequence[Face], number: int | None, image_size: tuple[int, int], limits: FaceLimits) -> Face:
    """The face of that number. Raises InputError where there is none, or where a number is needed."""
    if not faces:
        raise InputError("faces.no_face")
    if number is not None:
        if 1 <= number <= len(faces):
            return faces[number - 1]
        plural = message("faces.one_face") if len(faces) == 1 else message("faces.some_faces", count=len(faces))
        raise InputError("faces.no_such_face", number=number, count=plural)
    by_height = sorted(faces, key=height_px, reverse=True)
    if len(faces) == 1 or height_px(by_height[0]) >= limits.dominance * height_px(by_height[1]):
        return by_height[0]
    listed = "; ".join(f"{index} at {where(face, image_size)}" for index, face in enumerate(faces, start=1))
    raise InputError("faces.several_faces", count=len(faces), list=listed)


def check_turned(face: Face, limits: FaceLimits) -> None:
    """Raises InputError for a head that is turned, raised or tipped too far."""
    yaw, pitch, roll = face.rotation_deg
    if abs(roll) > limits.max_roll_deg:
        raise InputError("faces.head_tipped", angle=abs(roll), limit=limits.max_roll_deg)
    if abs(yaw) > limits.max_yaw_deg:
        code = "faces.looks_right" if yaw > 0 else "faces.looks_left"
        raise InputError(code, angle=abs(yaw), limit=limits.max_yaw_deg)
    if abs(pitch) > limits.max_pitch_deg:
        code = "faces.looks_up" if pitch > 0 else "faces.looks_down"
        raise InputError(code, angle=abs(pitch), limit=limits.max_pitch_deg)


def check_inside(face: Face, image_size: tuple[int, int], limits: FaceLimits) -> None:
    """Raises InputError for a face that the picture's border cuts."""
    width, height = image_size
    left, top, right, bottom = face.box
    across, down = right - left, bottom - top
    outside = {
        "faces.cut_left": -left / across,
        "faces.cut_right": (right - width) / across,
        "faces.cut_top": -top / down,
        "faces.cut_bottom": (bottom - height) / down,
    }
    code = max(outside, key=lambda name: outside[name])
    if outside[code] > limits.max_outside_part:
        raise InputError(code)


def check_size(face: Face, limits: FaceLimits) -> None:
    """Raises InputError for a face with too few pixels."""
    width = face.box[2] - face.box[0]
    if width < limits.min_width_px:
        raise InputError("faces.face_too_small", width=width, least=limits.min_width_px)


def where(face: Face, image_size: tuple[int, int]) -> str:
    """Where in the picture a face is, for a person who looks at it."""
    width, height = image_size
    x, y = (face.box[0] + face.box[2]) / 2 / width, (face.box[1] + face.box[3]) / 2 / height
    across = "left" if x < 0.36 else "right" if x > 0.64 else "centre"
    down = "upper " if y < 0.3 else "lower " if y > 0.7 else ""
    size = f"{face.box[2] - face.box[0]:.0f} px wide"
    return f"the {down}{across} (x {x * width:.0f}, y {y * height:.0f}, {size})"


def height_px(face: Face) -> float:
    """Height of the face's box in pixels."""
    return face.box[3] - face.box[1]


def mouth_opening(face: Face) -> float:
    """How far the lips stand apart in their middle, in distances of the eyes' outer corners: 0.13 in a broad smile, 0.5 in a
    scream."""
    upper, lower, right, left = (face.landmarks[index] for index in (13, 14, 33, 263))
    return float(np.linalg.norm(lower[:2] - upper[:2]) / np.linalg.norm(left - right))


def advice_about(face: Face, limits: FaceLimits | None = None, tongue: bool = False) -> Message | None:
    """What is said of a face that can sing, and would sing better in another picture; None where nothing is to be said.

    tongue: whether one lies over its lower lip (`faces.tongue`).
    """
    if tongue:
        return message("faces.tongue_over_lip")
    if mouth_opening(face) > (limits or FaceLimits()).wide_mouth:
        return message("faces.mouth_wide_open")
    return None
