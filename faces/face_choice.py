"""Chooses the face that sings, and says in a sentence what is wrong with one that can't."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.contracts import Face
from core.errors import InputError


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
        raise InputError(
            "No human face was found in the picture, but one that looks like an animal's; add --allow-animals to let it sing, or"
            " give a picture of a person."
        )


def numbered_face(faces: Sequence[Face], number: int | None, image_size: tuple[int, int], limits: FaceLimits) -> Face:
    """The face of that number. Raises InputError where there is none, or where a number is needed."""
    if not faces:
        raise InputError(
            "No human face was found in the picture; a photo, painting or drawing of one person who looks about into the camera"
            " is accepted, an animal is not."
        )
    if number is not None:
        if 1 <= number <= len(faces):
            return faces[number - 1]
        plural = "1 face" if len(faces) == 1 else f"{len(faces)} faces"
        raise InputError(
            f"There is no face {number} in the picture, which has {plural}, counted from the left: --face 1 is the first."
        )
    by_height = sorted(faces, key=height_px, reverse=True)
    if len(faces) == 1 or height_px(by_height[0]) >= limits.dominance * height_px(by_height[1]):
        return by_height[0]
    listed = "; ".join(f"{index} at {where(face, image_size)}" for index, face in enumerate(faces, start=1))
    raise InputError(f"The picture has {len(faces)} faces; choose the one that sings with --face N: {listed}.")


def check_turned(face: Face, limits: FaceLimits) -> None:
    """Raises InputError for a head that is turned, raised or tipped too far."""
    yaw, pitch, roll = face.rotation_deg
    if abs(roll) > limits.max_roll_deg:
        raise InputError(
            f"The head is tipped by {abs(roll):.0f} degrees; up to {limits.max_roll_deg:.0f} are accepted."
            " Turn the picture upright."
        )
    if abs(yaw) > limits.max_yaw_deg:
        side = "right" if yaw > 0 else "left"
        raise InputError(
            f"The face looks {abs(yaw):.0f} degrees to the {side}; up to {limits.max_yaw_deg:.0f} can be animated."
            " Give a picture in which both eyes are seen."
        )
    if abs(pitch) > limits.max_pitch_deg:
        raise InputError(
            f"The face looks {abs(pitch):.0f} degrees {'up' if pitch > 0 else 'down'}; up to {limits.max_pitch_deg:.0f} can be"
            " animated. Give a picture that looks into the camera."
        )


def check_inside(face: Face, image_size: tuple[int, int], limits: FaceLimits) -> None:
    """Raises InputError for a face that the picture's border cuts."""
    width, height = image_size
    left, top, right, bottom = face.box
    across, down = right - left, bottom - top
    outside = {"left": -left / across, "right": (right - width) / across, "top": -top / down, "bottom": (bottom - height) / down}
    side = max(outside, key=lambda name: outside[name])
    if outside[side] > limits.max_outside_part:
        raise InputError(
            f"The face is cut by the picture's {side} border; give a picture that shows it whole, from forehead to chin."
        )


def check_size(face: Face, limits: FaceLimits) -> None:
    """Raises InputError for a face with too few pixels."""
    width = face.box[2] - face.box[0]
    if width < limits.min_width_px:
        raise InputError(
            f"The face is only {width:.0f} pixels wide; at least {limits.min_width_px:.0f} are needed."
            " Give a larger picture of it, or one taken from nearer."
        )


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


def advice_about(face: Face, limits: FaceLimits | None = None) -> str | None:
    """The sentence about a face that can sing, and would sing better in another picture; None where nothing is to be said."""
    if mouth_opening(face) > (limits or FaceLimits()).wide_mouth:
        return (
            "The mouth stands wide open in the picture; the film has to make up the shut mouth and the raised chin, which can"
            " look odd. A picture in which the lips are shut or nearly so sings better."
        )
    return None
