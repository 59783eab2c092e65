"""How much of each shape that the mesh engine draws on a portrait is seen again by the landmarks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from animators.mesh.frame_drawer import FrameDrawer
from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import FloatArray, Portrait
from faces.face_choice import choose_face
from faces.faces import FaceFinder
from media.pictures import load_picture
from motion.driving.driver_face import driver_face
from motion.driving.shape_fit import REGIONS, rows_of
from motion.driving.standing import laid_still

#: How much of each shape is drawn.
DRAWN = 0.7


def gains_of(portraits: Sequence[Path]) -> dict[str, float]:
    """Of each shape that is fitted, the mean over the portraits of what is seen of it, as a part of what was drawn."""
    found: dict[str, list[float]] = {}
    for path in portraits:
        image = load_picture(path).image
        image = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        with FaceFinder() as finder:
            portrait = Portrait(image, choose_face(finder.find(image), None, (image.shape[1], image.shape[0])))
            for name, gain in portrait_gains(portrait, finder).items():
                found.setdefault(name, []).append(gain)
    return {name: float(np.mean(gains)) for name, gains in found.items()}


def portrait_gains(portrait: Portrait, finder: FaceFinder) -> dict[str, float]:
    """The same of one portrait; shapes of which it has little left to show are left out."""
    drawer = FrameDrawer(portrait)
    rest = seen_landmarks(drawer, np.zeros(len(BLENDSHAPE_NAMES), np.float32), finder)
    face = driver_face(rest)
    gains = {}
    for region in REGIONS:
        for name, column in zip(region.shapes, region.columns, strict=True):
            weights = np.zeros(len(BLENDSHAPE_NAMES), np.float32)
            weights[column] = DRAWN
            still, _, _ = laid_still(rest, face.coordinates, seen_landmarks(drawer, weights, finder)[None])
            drawn = rows_of(region, face.fields[[BLENDSHAPE_INDEX[name]]])[0] * DRAWN * drawer.rig.headroom[column]
            seen = rows_of(region, face.moved(still[:, :468]))[0]
            gains[name] = float(seen @ drawn / (drawn @ drawn))
    return gains


def seen_landmarks(drawer: FrameDrawer, weights: FloatArray, finder: FaceFinder) -> FloatArray:
    """(478, 3) of the face drawn with these shapes (52,)."""
    still = drawer.rig.pose(np.zeros(3, np.float32), np.zeros(3, np.float32))
    frame = drawer.draw(weights, np.zeros(2, np.float32), still, still)
    return choose_face(finder.find(frame), None, (frame.shape[1], frame.shape[0])).landmarks
