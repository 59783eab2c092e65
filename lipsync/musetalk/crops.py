"""The part of a frame that MuseTalk draws, by its published rules. Nothing here needs torch.

The middle of the square is the bridge of the nose, its lower edge the chin: so the mouth lies in the lower half, which the
network never sees.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray

#: Side in pixels of what the network draws, and the first row that is blacked out.
SIDE, BLACK_FROM = 256, 128
#: Where the Face Landmarker's 478 points have the 68 that the rules speak of: jaw, brows, nose, eyes, mouth.
POINTS_68 = (
    *(162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389),
    *(71, 63, 105, 66, 107, 336, 296, 334, 293, 301),
    *(168, 197, 5, 4, 75, 97, 2, 326, 305),
    *(33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380),
    *(61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181),
    *(78, 82, 13, 312, 308, 317, 14, 87),
)
#: Of the 68: the chin; the point of the nose's bridge that becomes the middle, and its neighbours above and below.
CHIN, BRIDGE, BRIDGE_ABOVE, BRIDGE_BELOW = 8, 29, 28, 30


@dataclass(frozen=True)
class CropRule:
    """Where the square lies.

    below_chin_px: pixels below the lowest point of the face. shift_px: pixels by which the middle is moved down before, or up
    where it is below 0: further down opens the mouth more, further up less. Pixels are those of the frame, as published.
    """

    below_chin_px: int = 0
    shift_px: int = 0


#: The rule of version 1.5.
V15 = CropRule(below_chin_px=10)


def rule_of_v10(bbox_shift: int = 0) -> CropRule:
    """The rule of version 1.0, with its `bbox_shift` in pixels; `shift_range` says what is sensible."""
    return CropRule(shift_px=bbox_shift)


@dataclass(frozen=True)
class CropBox:
    """A part of a frame in whole pixels; right and bottom are no longer part of it."""

    left: int
    top: int
    right: int
    bottom: int

    def cut(self, frame: ByteArray) -> ByteArray:
        """The part of `frame` (H, W, 3) as (256, 256, 3) uint8, squeezed where it is not square (Lanczos, as published)."""
        part = frame[self.top : self.bottom, self.left : self.right]
        return np.asarray(cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_LANCZOS4), np.uint8)


def points_68(face: Face) -> FloatArray:
    """(68, 2) the points of a face in pixels, in the order that the rules speak of."""
    return face.landmarks[list(POINTS_68), :2]


def crop_box(points: FloatArray, width: int, height: int, rule: CropRule = V15) -> CropBox | None:
    """The part of a frame of `width` x `height` pixels that is drawn; None where the face gives none and is left as it is.

    points: (68, 2) in pixels. What lies outside the frame is cut off; a face that stands on its head, or lies outside
    altogether, gives none. (The published program then takes the box of its face finder, whose lower half is not the mouth.)
    """
    whole = points.astype(np.int64)  # cut off, not rounded, as published
    lowest, middle = int(whole[:, 1].max()), int(whole[BRIDGE, 1]) + rule.shift_px
    top = max(0, 2 * middle - lowest)
    left, right = max(0, int(whole[:, 0].min())), min(width, int(whole[:, 0].max()))
    if whole[CHIN, 1] <= middle or lowest <= top or right <= left or top >= height:
        return None
    return CropBox(left, top, right, min(height, lowest + rule.below_chin_px))


def shift_range(points: FloatArray) -> tuple[int, int]:
    """The least and the greatest sensible `bbox_shift` in pixels for a face: from one point of the nose's bridge to the next.

    points: (68, 2) in pixels. The published program names their means over a film.
    """
    heights = points.astype(np.int64)[:, 1]
    return int(heights[BRIDGE] - heights[BRIDGE_BELOW]), int(heights[BRIDGE] - heights[BRIDGE_ABOVE])
