"""The picture of the head's square alone, and the face in it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from core.contracts import ByteArray, Face, Portrait
from core.engine_card import Box
from drawing.resizing import resized


def head_alone(portrait: Portrait, box: Box, height: int | None) -> Portrait:
    """The square `box` (left, top, right, bottom) cut out of a portrait, to be a film of its own.

    box: in pixels, 0 at the picture's outer border; cut at whole pixels; what lies outside repeats the border.
    height: of the new picture in pixels, brought to an even number; None: the box's own.
    """
    left, top = round(box[0]), round(box[1])
    own_px = max(2, 2 * round((box[2] - box[0]) / 2))
    side_px = own_px if height is None else max(2, 2 * round(height / 2))
    square = (float(left), float(top), float(left + own_px), float(top + own_px))
    image = resized(cut(portrait.image, left, top, own_px), side_px, side_px)
    alpha = None if portrait.alpha is None else resized(cut(portrait.alpha, left, top, own_px), side_px, side_px)
    return Portrait(image, moved_face(portrait.face, square, side_px, side_px), alpha, portrait.turned)


def cut(pixels: ByteArray, left: int, top: int, side_px: int) -> ByteArray:
    """The square of a picture (H, W, 3) or alpha (H, W) whose upper left pixel is (left, top); outside, the border repeats."""
    height, width = pixels.shape[:2]
    rows = np.clip(np.arange(top, top + side_px), 0, height - 1)
    columns = np.clip(np.arange(left, left + side_px), 0, width - 1)
    return np.ascontiguousarray(pixels[rows[:, None], columns])


def moved_face(face: Face, box: Box, width: int, height: int) -> Face:
    """The face in the picture of `width` x `height` pixels that shows the part `box` of the face's own."""
    left, top, right, bottom = box
    across, down = width / (right - left), height / (bottom - top)
    landmarks = (face.landmarks - np.array([left, top, 0])) * np.array([across, down, across])
    edges = (face.box[0] - left) * across, (face.box[1] - top) * down, (face.box[2] - left) * across, (face.box[3] - top) * down
    return replace(face, landmarks=landmarks.astype(np.float32), box=edges)
