"""The square in which the networks see a figure: 512 x 512, linear light, the eyes' middle and the chin at fixed places.

A canvas pixel (column u, row v) covers [u, u + 1) x [v, v + 1); so does a pixel of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import Face, FloatArray
from core.errors import InputError

SIDE = 512
#: Where the networks look for the middle between the eyes and for the chin: means over the ten drawings that their maker
#: published.
EYES_U, EYES_V, CHIN_V = 256.5, 143.5, 192.0
#: The parts of the canvas that the small networks see: left, top, side.
EYEBROW_CROP = (192, 64, 128)
FACE_CROP = (160, 32, 192)
#: Landmarks of the Face Landmarker: outer and inner corners of both eyes, and the chin.
_EYE_CORNERS, _CHIN = [33, 133, 263, 362], 152
#: A face this low has eyes of one or two pixels.
LEAST_FACE_PX = 12.0


@dataclass(frozen=True)
class Placement:
    """Where the canvas lies in the picture: canvas pixel (u, v) is picture pixel (left + u * scale, top + v * scale)."""

    left: float
    top: float
    scale: float

    def to_picture(self, u: float, v: float) -> tuple[float, float]:
        """Picture coordinates (x, y) of a place of the canvas."""
        return self.left + u * self.scale, self.top + v * self.scale


def place_canvas(face: Face) -> Placement:
    """The canvas around a face, so that its eyes and its chin lie where the networks expect them.

    Raises InputError for a head that is tipped too far or a face that is too small.
    """
    eyes = face.landmarks[_EYE_CORNERS, :2].mean(axis=0)
    down = face.landmarks[_CHIN, :2] - eyes
    height_px = float(np.hypot(*down))
    if height_px < LEAST_FACE_PX:
        raise InputError("animators.anime.face_too_small", height=height_px, least=LEAST_FACE_PX)
    tip_deg = float(np.degrees(np.arctan2(-down[0], down[1])))
    if abs(tip_deg) > 35.0:
        raise InputError("animators.anime.head_tipped", angle=abs(tip_deg), limit=35.0)
    scale = height_px / (CHIN_V - EYES_V)
    return Placement(float(eyes[0]) - EYES_U * scale, float(eyes[1]) - EYES_V * scale, scale)


def canvas_of(figure: FloatArray, placement: Placement) -> FloatArray:
    """The figure (H, W, 4), linear light and alpha in [0, 1], as the networks take it: (4, 512, 512) float32 in [-1, 1].

    What the picture's lower, left or right border cuts off goes on beyond it as it is on the border, so that the networks don't
    take the border for the figure's own edge. Wholly transparent pixels are black.
    """
    premultiplied = figure.copy()
    premultiplied[..., :3] *= figure[..., 3:]
    if placement.scale > 1.0:  # as large an area as a canvas pixel covers is averaged
        premultiplied = cv2.GaussianBlur(premultiplied, (0, 0), 0.5 * np.sqrt(placement.scale**2 - 1.0) + 1e-3)
    middles = np.arange(SIDE, dtype=np.float32) + 0.5
    x, y = np.meshgrid(placement.left + middles * placement.scale - 0.5, placement.top + middles * placement.scale - 0.5)
    x, y = x.astype(np.float32), y.astype(np.float32)
    height, width = figure.shape[:2]
    above = y < -0.5
    samples = cv2.remap(
        premultiplied, np.clip(x, 0, width - 1), np.clip(y, 0, height - 1), cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    samples[above] = 0.0
    alpha = np.clip(samples[..., 3:], 0.0, 1.0)
    colours = np.where(alpha > 1e-3, samples[..., :3] / np.maximum(alpha, 1e-3), 0.0)
    canvas = np.concatenate([np.clip(colours, 0.0, 1.0), np.where(alpha > 1e-3, alpha, 0.0)], axis=-1)
    return np.ascontiguousarray((canvas * 2.0 - 1.0).transpose(2, 0, 1), np.float32)


def to_linear(values: FloatArray) -> FloatArray:
    """sRGB in [0, 1] to linear light (IEC 61966-2-1)."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_srgb(values: FloatArray) -> FloatArray:
    """Linear light in [0, 1] to sRGB (IEC 61966-2-1)."""
    held = np.clip(values, 0.0, 1.0)
    return np.where(held <= 0.0031308, held * 12.92, 1.055 * held ** (1 / 2.4) - 0.055).astype(np.float32)
