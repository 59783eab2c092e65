"""Faces whose every movement is known: the demo portrait's landmarks, moved as our drawn face moves."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Face
from core.places import ROOT
from faces.live_face import LiveFace
from motion.driving.driver_face import driver_face


@cache
def portrait():
    """The demo portrait as it is read from a picture 320 pixels wide, laid out as a driver's face."""
    image = cv2.imread(str(ROOT / "demo" / "portrait.jpg"))
    with LiveFace() as live:
        read = live.read(cv2.cvtColor(cv2.resize(image, (320, 320), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB), 0.0)
    return driver_face(read.landmarks)


def face(yaw=0.0, shift=(0.0, 0.0), size=1.0, look=0.0, **shapes):
    """The face; `look`: by so much of an eye span the irises lie aside; shapes: amounts by their names."""
    driver = portrait()
    points, axes, span = driver.rest.copy(), driver.coordinates.axes[:, :2], driver.coordinates.eye_span
    amounts = np.zeros(52, np.float32)
    for name, amount in shapes.items():
        amounts[BLENDSHAPE_INDEX[name]] = amount
    points[:468] += np.tensordot(amounts, driver.fields, 1) @ axes.T * span
    points[468:] += look * span * axes[:, 0]
    middle = points.mean(axis=0)
    points = (points - middle) * size + middle + np.array([*shift, 0.0])
    return Face(points.astype(np.float32), amounts, (yaw, 0.0, 0.0), (0.0, 0.0, 1.0, 1.0))


def width_px():
    """The head's width as shifts are told in it."""
    from motion.live.follower import standing

    return standing(face())[5]
