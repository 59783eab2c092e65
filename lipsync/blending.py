"""A face that a network drew goes back into its frame: its lower part alone, softly, in the frame's tone and with its grain.

    blend = Blend()
    frame = blend.put_back(frame, drawn, box, landmarks, shown=1.0, number=17)

What lies above the nose's base or outside the face's outline stays byte for byte the frame's.
"""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from lipsync.crop_places import cut, to_crop

#: The face's outline from one cheekbone down to the chin and up to the other, then along cheeks and under the nose back.
OUTLINE = (
    *(93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323),
    *(280, 425, 423, 326, 2, 97, 203, 205, 50),
)
EYE_CORNERS = (33, 263)
#: Width of the soft border, within the outline, and size of the tone's patches, in spans between the eyes' outer corners.
BORDER, PATCH = 0.16, 0.35
#: Side of the grid on which tones are compared, and the share of a new frame in their mean over time.
GRID, NEW_SHARE = 24, 0.25
#: Median of absolute values to standard deviation of a normal distribution; grain above that is something else.
TO_DEVIATION, MOST_GRAIN = 1.4826, 8.0
#: Blur that tells grain from shapes, in pixels, and fewest pixels that tell anything.
GRAIN_PX, FEWEST_PIXELS = 1.0, 60


class Blend:
    """Puts one person's drawn faces back, frame after frame; it remembers the tone between frames."""

    def __init__(self) -> None:
        self._tone: FloatArray | None = None

    def begin(self) -> None:
        """Forget what came before: another shot."""
        self._tone = None

    def put_back(
        self, frame: ByteArray, drawn: ByteArray, box: FloatArray, landmarks: FloatArray, shown: float, number: int
    ) -> ByteArray:
        """A copy of the frame (H, W, 3) uint8 with the lower part of the drawn face.

        drawn: (side, side, 3) uint8, the box of the frame as the network drew it. box: (4,) left, top, right, bottom in pixels.
        landmarks: (478, 3) in pixels. shown: 0 to 1. number: of the frame, which seeds its grain.
        """
        left, top, right, bottom = area_of(landmarks, box, frame.shape[1], frame.shape[0])
        if right - left < 2 or bottom - top < 2:
            return frame
        span = float(np.linalg.norm(landmarks[EYE_CORNERS[0], :2] - landmarks[EYE_CORNERS[1], :2]))
        corner = np.array([left, top], np.float32)
        mask = soft_mask(landmarks[list(OUTLINE), :2] - corner, right - left, bottom - top, BORDER * span)
        part = frame[top:bottom, left:right]
        place = to_crop(box - np.tile(corner, 2), drawn.shape[0])
        back, size = cv2.WARP_INVERSE_MAP, (right - left, bottom - top)
        face = cv2.warpAffine(drawn, place, size, flags=back | cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        seen = face.astype(np.float32)
        there = to_crop(box - np.tile(corner, 2), GRID)
        coarse = cv2.warpAffine(mask, there, (GRID, GRID), flags=cv2.INTER_LINEAR)
        tone = self._tone_of(frame, drawn, box, coarse, PATCH * span / float(box[2] - box[0]))
        seen += cv2.warpAffine(tone, there, size, flags=back | cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        seen += grain(part, face, mask, number)[..., None]
        amount = (mask * shown)[..., None]
        mixed = part + (seen - part) * amount
        result = frame.copy()
        result[top:bottom, left:right] = np.where(amount > 0, np.clip(np.rint(mixed), 0, 255), part).astype(np.uint8)
        return result

    def _tone_of(self, frame: ByteArray, drawn: ByteArray, box: FloatArray, mask: FloatArray, patch: float) -> FloatArray:
        """(GRID, GRID, 3) by how much the frame is brighter than what was drawn, read at the mask's soft border."""
        own = cut(frame, box, GRID).astype(np.float32)
        other = cv2.resize(drawn, (GRID, GRID), interpolation=cv2.INTER_AREA).astype(np.float32)
        border = (mask * (1 - mask)).astype(np.float32)[..., None]
        sigma = max(1.0, patch * GRID)
        total = cv2.GaussianBlur(border, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT)[..., None]
        tone = cv2.GaussianBlur((own - other) * border, (0, 0), sigma, borderType=cv2.BORDER_CONSTANT) / (total + 1e-5)
        before = tone if self._tone is None else self._tone
        self._tone = np.asarray(before + NEW_SHARE * (tone - before), np.float32)
        return self._tone


def area_of(landmarks: FloatArray, box: FloatArray, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in whole pixels of what may change: the outline, within the box and the frame."""
    points = landmarks[list(OUTLINE), :2]
    low, high = np.maximum(points.min(axis=0), box[:2]), np.minimum(points.max(axis=0), box[2:])
    left, top = (max(0, int(np.floor(edge))) for edge in low)
    right, bottom = (min(most, int(np.ceil(edge)) + 1) for edge, most in zip(high, (width, height), strict=True))
    return left, top, right, bottom


def soft_mask(outline: FloatArray, width: int, height: int, border_px: float) -> FloatArray:
    """(height, width) float32: 0 outside the outline (N, 2) and beyond the area, rising to 1 within `border_px` inside."""
    filled = np.zeros((height + 2, width + 2), np.uint8)  # a rim of nothing, so that no rectangle shows where the area ends
    corners = np.rint((outline + 1) * 16).astype(np.int32)
    cv2.fillPoly(filled, [corners], 255, cv2.LINE_8, 4)
    filled[[0, -1]], filled[:, [0, -1]] = 0, 0
    depth = cv2.distanceTransform(filled, cv2.DIST_L2, 5)[1:-1, 1:-1]
    share = np.clip((depth - 1) / max(1.0, border_px), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)


def grain(part: ByteArray, face: ByteArray, mask: FloatArray, number: int) -> FloatArray:
    """(h, w) float32 the grain that the frame has where the mask's border lies and the drawn face lacks; the same each time."""
    border = (mask > 0.02) & (mask < 0.98)
    if int(border.sum()) < FEWEST_PIXELS:
        return np.zeros(mask.shape, np.float32)
    own, drawn = (min(MOST_GRAIN, _roughness(picture, border)) for picture in (part, face))
    lacking = np.sqrt(max(0.0, own**2 - drawn**2))
    noise = np.random.default_rng(number).standard_normal(mask.shape, np.float32)
    return np.asarray(noise * (lacking / _share_kept()), np.float32)


def _share_kept() -> float:
    """What is left of white noise's deviation once its blurred self is taken away: 1 - 2 k(0) + sum of k^2, k the kernel."""
    kernel = cv2.getGaussianKernel(9, GRAIN_PX)
    return float(np.sqrt(1 - 2 * kernel[4, 0] ** 2 + float(np.square(kernel).sum()) ** 2))


def _roughness(picture: ByteArray, where: npt.NDArray[np.bool_]) -> float:
    """Standard deviation, in levels, of a picture's grain (h, w, 3), by the median, which edges hardly change."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32)
    fine = (grey - cv2.GaussianBlur(grey, (0, 0), GRAIN_PX))[where]
    return float(np.median(np.abs(fine)) * TO_DEVIATION)
