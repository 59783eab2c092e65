"""The square of a picture that SadTalker draws, and where the face lies in it. Nothing here needs torch.

The crop follows FFHQ's (Karras and others, "A Style-Based Generator Architecture for Generative Adversarial Networks", 2019),
upright. The Face Landmarker's points take the place of the 68 of the published program.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray

#: The six points of each eye that the 68 landmarks have, corners first; the picture's left eye, then its right one.
EYES = ((33, 133, 160, 158, 153, 144), (263, 362, 385, 387, 373, 380))
MOUTH_CORNERS = (61, 291)
#: Sigma in pixels that changes nothing, for an axis that needs no softening.
NO_SOFTENING = 0.01


@dataclass(frozen=True)
class Crop:
    """A part of a picture that is drawn as a square.

    left, top: its corner in pixels, which may lie outside. width, height: in pixels; equal but for a picture that is squeezed.
    """

    left: float
    top: float
    width: float
    height: float

    @property
    def box(self) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in pixels."""
        return self.left, self.top, self.left + self.width, self.top + self.height

    def cut(self, picture: ByteArray, size: int) -> ByteArray:
        """The part as (size, size, 3) uint8; what lies outside `picture` (H, W, 3) repeats its border."""
        across, down = size / self.width, size / self.height
        matrix = np.array([[across, 0, (0.5 - self.left) * across - 0.5], [0, down, (0.5 - self.top) * down - 0.5]])
        if min(across, down) < 1:
            # cv2 does not average what a pixel covers, so the picture is softened first.
            sigmas = [0.5 / scale if scale < 1 else NO_SOFTENING for scale in (across, down)]
            picture = cv2.GaussianBlur(picture, (0, 0), sigmas[0], sigmaY=sigmas[1])
        return np.asarray(
            cv2.warpAffine(picture, matrix, (size, size), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), np.uint8
        )

    def points(self, points: FloatArray, size: int) -> FloatArray:
        """Points (N, 2) of the picture in the pixels of the square of `size`."""
        scale = size / np.array([self.width, self.height])
        return np.asarray((points + 0.5 - np.array([self.left, self.top])) * scale - 0.5)


def whole_picture(picture: ByteArray) -> Crop:
    """All of `picture` (H, W, 3), which is squeezed where it is not square."""
    height, width = picture.shape[:2]
    return Crop(0.0, 0.0, float(width), float(height))


def head_crop(face: Face) -> Crop:
    """The square around the head: as large as four eye distances or 3.6 times eyes to mouth, whichever is more."""
    points = face.landmarks[:, :2].astype(np.float64)
    eyes = [points[list(eye)].mean(axis=0) for eye in EYES]
    middle, mouth = (eyes[0] + eyes[1]) / 2, points[list(MOUTH_CORNERS)].mean(axis=0)
    across, down = eyes[1] - eyes[0], mouth - middle
    direction = across - down[::-1] * np.array([-1, 1])
    direction *= max(np.hypot(*across) * 2.0, np.hypot(*down) * 1.8) / np.hypot(*direction)
    # The published program draws a tilted square and takes the upright one around it.
    half = float(np.abs(direction).sum())
    centre = middle + down * 0.1
    return Crop(float(centre[0]) - half, float(centre[1]) - half, 2 * half, 2 * half)
