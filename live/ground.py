"""Plain green behind the person, for programs that take it out of the stream: the portrait is cut out before it is ever drawn.

Whatever engine draws it then sees a picture whose ground is green, and moves the person before that.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray, Portrait
from core.errors import InputError
from faces.outline import follows_figure
from neural.matting import MattingNetwork

#: As streaming programs look for it by default.
GREEN = (0, 255, 0)
#: Sides of the picture that the network sees, in pixels: the shorter, and the longer at most.
SHORTER_PX, LONGEST_PX = 512, 896
THREADS = 2
#: From here on a pixel belongs to some figure.
BELONGS = 0.3
#: How far the soft fringe of hair reaches beyond that, as part of the face's height.
FRINGE = 0.1
#: Part of the face that must be solid for the cut to be believed, and how solid.
FACE_WANTED, SOLID = 0.9, 0.9


def on_green(portrait: Portrait) -> Portrait:
    """The same portrait before green. What engines keep of the picture with its own ground is of no use for it.

    Raises InputError where the person can't be told from what is behind, MissingError without the network's weights.
    """
    alpha = figure_of(portrait.image, portrait.face, portrait.alpha)
    if np.mean(alpha[middle_of(portrait.face)] > SOLID) < FACE_WANTED:
        raise InputError("live.no_cut_out")
    share = alpha[..., None]
    mixed = portrait.image * share + np.array(GREEN, np.float32) * (1.0 - share)
    return replace(portrait, image=np.rint(mixed).astype(np.uint8), alpha=None, keep=None, usual=None)


def figure_of(image: ByteArray, face: Face, file_alpha: ByteArray | None) -> FloatArray:
    """How much each pixel belongs to whom the face is of, (H, W) in [0, 1]: as the file says where it cuts a figure out."""
    if file_alpha is not None and file_alpha.min() < 128 and follows_figure(image, file_alpha):
        alpha = file_alpha.astype(np.float32) / 255.0
    else:
        alpha = sharpened(image, MattingNetwork(THREADS).matte(image, SHORTER_PX, LONGEST_PX))
    return of_one(alpha, face)


def sharpened(image: ByteArray, alpha: FloatArray) -> FloatArray:
    """The matte with its edge where the picture's own edges are (guided filter: He, Sun and Tang, PAMI 2013)."""
    radius_px = max(2, round(4 * max(alpha.shape) / LONGEST_PX))
    guided = cv2.ximgproc.guidedFilter(image.astype(np.float32) / 255.0, alpha, radius_px, 1e-5)
    return np.clip((guided - 0.04) / 0.92, 0.0, 1.0).astype(np.float32)


def of_one(alpha: FloatArray, face: Face) -> FloatArray:
    """What hangs together with the face; others in the picture are ground."""
    _, parts = cv2.connectedComponents((alpha > BELONGS).astype(np.uint8))
    inside = parts[middle_of(face)]
    inside = inside[inside > 0]
    if inside.size == 0:
        return np.zeros_like(alpha)
    mine = (parts == np.bincount(inside).argmax()).astype(np.uint8)
    reach_px = max(3, round(FRINGE * (face.box[3] - face.box[1])))
    near = cv2.dilate(mine, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach_px + 1,) * 2)) > 0
    others = (parts > 0) & (mine == 0)
    return np.where(near & ~others, alpha, 0.0).astype(np.float32)


def middle_of(face: Face) -> tuple[slice, slice]:
    """Rows and columns of the middle of the face's box."""
    left, top, right, bottom = face.box
    inset_x, inset_y = 0.2 * (right - left), 0.2 * (bottom - top)
    rows = slice(max(0, round(top + inset_y)), max(1, round(bottom - inset_y)))
    return rows, slice(max(0, round(left + inset_x)), max(1, round(right - inset_x)))
