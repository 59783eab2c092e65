"""Where the driver looks, in degrees against the head, and how the lids go with it.

An iris's place between the corners of its eye tells where the eye looks, once the head is laid still: the eyeball is a ball whose
radius is known in eye spans. The Face Landmarker's own network reads the same from the pixels; of both the mean is taken, as each
errs on its own. While the lids are shut nothing is seen, and the gaze goes straight from what it was to what it will be.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import FloatArray
from motion.driving.driver_face import DriverFace

#: Radius of an eyeball in eye spans: 12 mm of 90 mm, as an engine draws it.
EYEBALL_RADIUS = 0.133
#: How far eyes look that a gaze shape shows whole, in degrees.
FULL_LOOK_DEG = 32.0
#: Furthest that eyes turn.
FURTHEST_DEG = 40.0
#: Iris and corners of either eye: of the person's right one, which is seen at the left, and of the left one.
IRISES, CORNERS = (468, 473), ((33, 133), (362, 263))
#: An iris half under a lid is seen nearer to the eye's middle than it is: its way up and down so many times.
SEEN_UP = 1.8
#: From this amount of a blink on the gaze is not read.
SHUT = 0.5
#: What part of their opening at rest the landmarks of shut lids are apart.
SHUT_READS = 0.13
#: Drawn lids half way down are read at a third of the way, those at a third at a sixth.
HALF_SHUT_POWER = 0.85
BLINKS = [BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]
#: Where the gaze's own shapes stand in ARKit's order: down, in, out, up, of the left eye, seen at the right, then the other.
LOOKS = [BLENDSHAPE_INDEX[f"eyeLook{way}{side}"] for side in ("Left", "Right") for way in ("Down", "In", "Out", "Up")]
BoolArray = npt.NDArray[np.bool_]


def gaze_of(face: DriverFace, at_rest: FloatArray, shapes: FloatArray, rest_shapes: FloatArray) -> FloatArray:
    """(T, 2) degrees to the picture's right and up by which the eyes look elsewhere than at rest.

    at_rest: (T, 478, 3) landmarks with the head laid still; shapes: (T, 52) as the network reads them, rest_shapes (52,) at rest.
    """
    read = read_gaze_deg(shapes) - read_gaze_deg(rest_shapes[None])
    return np.asarray((seen_gaze_deg(face, at_rest) + read) / 2, np.float32)


def seen_gaze_deg(face: DriverFace, at_rest: FloatArray) -> FloatArray:
    """(T, 2) the gaze by the irises' places between the corners of the eyes, against that at rest: mean of both eyes."""
    moved = face.moved(at_rest)
    by_eye = [moved[:, iris] - moved[:, list(corners)].mean(axis=1) for iris, corners in zip(IRISES, CORNERS, strict=True)]
    shift = np.mean(by_eye, axis=0) / EYEBALL_RADIUS * (1.0, -SEEN_UP)
    return np.degrees(np.arcsin(np.clip(shift, -0.9, 0.9)))


def read_gaze_deg(shapes: FloatArray) -> FloatArray:
    """(T, 2) the gaze by the network's shapes (T, 52): mean of both eyes."""

    def of(name: str) -> FloatArray:
        return shapes[:, BLENDSHAPE_INDEX[name]]

    right = of("eyeLookOutLeft") + of("eyeLookInRight") - of("eyeLookInLeft") - of("eyeLookOutRight")
    up = of("eyeLookUpLeft") + of("eyeLookUpRight") - of("eyeLookDownLeft") - of("eyeLookDownRight")
    return np.stack([right, up], axis=1) / 2 * FULL_LOOK_DEG


def looking_shapes(gaze_deg: FloatArray) -> FloatArray:
    """(T, 8) amounts of `LOOKS` that go with a gaze (T, 2)."""
    right, up = (np.asarray(gaze_deg, np.float32) / FULL_LOOK_DEG).T
    return np.clip(np.stack([-up, -right, right, up, -up, right, -right, up], axis=1), 0, 1)


def lids_freed(face: DriverFace, moved: FloatArray, gaze_deg: FloatArray) -> FloatArray:
    """Movements of landmarks (T, 468, 2) without those of the lids that only go with a gaze (T, 2)."""
    return np.asarray(moved - np.tensordot(looking_shapes(gaze_deg), face.fields[LOOKS], 1), np.float32)


def shut_wholly(amounts: FloatArray) -> FloatArray:
    """Amounts (T, 52) with blinks as lids are truly shut: half down they are read too high, and shut a little apart."""
    shut = amounts.copy()
    shut[:, BLINKS] = np.clip(amounts[:, BLINKS] / (1 - SHUT_READS), 0, 1) ** HALF_SHUT_POWER
    return shut


def in_sight(amounts: FloatArray) -> BoolArray:
    """(T,) in which frames the eyes are open enough for their gaze to be read."""
    return np.asarray(amounts[:, BLINKS].mean(axis=1) < SHUT)
