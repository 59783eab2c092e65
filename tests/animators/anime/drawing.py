"""A drawn character made by the tests themselves: flat colours, dark lines, large eyes, on a clear or a coloured ground."""

from __future__ import annotations

import cv2
import numpy as np

from animators.anime.drawn_face import framed_face
from core.contracts import BLENDSHAPE_INDEX, Motion, Portrait
from media.pictures import compose

LINE, SKIN, HAIR, WHITE, IRIS = (60, 40, 40), (255, 228, 210), (90, 110, 190), (250, 250, 250), (60, 120, 160)


def drawn_character(height: int = 288, width: int = 256, x: int = 128, y: int = 110, size: float = 1.0) -> np.ndarray:
    """(H, W, 4) uint8: a character whose face's middle is (x, y) and whose chin lies `48 * size` px below the eyes."""
    fine = 4
    colours = np.zeros((height * fine, width * fine, 3), np.uint8)
    alpha = np.zeros((height * fine, width * fine), np.uint8)

    def place(dx, dy):
        return round((x + dx * size) * fine), round((y + dy * size) * fine)

    def oval(dx, dy, across, down, colour, line=True):
        axes = (round(across * size * fine), round(down * size * fine))
        for target, value in ((colours, colour), (alpha, 255)):
            cv2.ellipse(target, place(dx, dy), axes, 0, 0, 360, value, -1, cv2.LINE_AA)
        if line:
            cv2.ellipse(colours, place(dx, dy), axes, 0, 0, 360, LINE, fine, cv2.LINE_AA)

    oval(0, 150, 62, 95, (200, 70, 70))
    oval(0, 60, 14, 30, SKIN)
    oval(0, -12, 56, 58, HAIR)
    oval(0, 6, 40, 46, SKIN)
    oval(0, -42, 46, 26, HAIR, line=False)
    for side in (-1, 1):
        oval(side * 18, 3, 9, 11, WHITE)
        oval(side * 18, 4, 6, 9, IRIS)
        oval(side * 18, 5, 3, 5, (20, 30, 40), line=False)
        cv2.line(colours, place(side * 10, -14), place(side * 26, -15), LINE, 2 * fine, cv2.LINE_AA)
    cv2.line(colours, place(-6, 34), place(6, 34), LINE, fine, cv2.LINE_AA)
    rgba = np.dstack([colours, alpha])
    return cv2.resize(rgba, (width, height), interpolation=cv2.INTER_AREA)


def drawn_portrait(ground: tuple[int, int, int] | None = None, **layout) -> Portrait:
    """The character with its face framed; without a ground the picture keeps its alpha."""
    rgba = drawn_character(**layout)
    x, y, size = layout.get("x", 128), layout.get("y", 110), layout.get("size", 1.0)
    top = y + 3 * size - 0.45 * 87.3 * size
    face = framed_face((x - 43 * size, top, x + 43 * size, top + 87.3 * size))
    alpha = np.ascontiguousarray(rgba[..., 3])
    if ground is None:
        return Portrait(compose(np.ascontiguousarray(rgba[..., :3]), alpha), face, alpha)
    share = alpha[..., None] / 255
    return Portrait((rgba[..., :3] * share + np.array(ground) * (1 - share)).astype(np.uint8), face)


def motion_of(frames: int, rotation_deg=(0.0, 0.0, 0.0), fps: float = 25.0, **shapes: float) -> Motion:
    """A motion that holds one pose; a shape's name without its side sets both sides."""
    blendshapes = np.zeros((frames, len(BLENDSHAPE_INDEX)), np.float32)
    for name, value in shapes.items():
        for each in (name,) if name in BLENDSHAPE_INDEX else (f"{name}Left", f"{name}Right"):
            blendshapes[:, BLENDSHAPE_INDEX[each]] = value
    still = np.zeros((frames, 3), np.float32)
    turned = np.tile(np.float32(rotation_deg), (frames, 1))
    return Motion(fps, blendshapes, turned, still, still[:, :2], still[:, 0])


def joined(*motions: Motion) -> Motion:
    """Motions one after another."""
    names = ("blendshapes", "rotation_deg", "translation", "gaze_deg", "intensity")
    return Motion(motions[0].fps, *(np.concatenate([getattr(motion, name) for motion in motions]) for name in names))
