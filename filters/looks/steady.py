"""What keeps a drawing from boiling: pixels that stand still, colours that are carried on, borders that move only for a reason.

A frame that is traced for itself gets other colours and other borders than the one before, for its grain alone. Here pixels are
averaged over time where nothing moves; the palette is found once a shot and only follows the light; and a pixel stays with its
colour until another one is nearer by a margin, which is hysteresis.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from core.kernels import kernel

#: Mean change of a frame, in levels of 255, from which it is another shot.
CUT_LEVEL = 35.0
#: Changes of a pixel in levels of 255: up to the first it counts as grain, from the second on as motion.
GRAIN_LEVEL, MOTION_LEVEL = 4.0, 14.0
#: Share of a new frame that a pixel takes over where nothing moves.
STILL_SHARE = 0.25
#: Share of a new frame's colours that the palette takes over.
LIGHT_SHARE = 0.05
#: Pixels that a palette is found from, at most.
_SAMPLE = 12_000


class SteadyPixels:
    """Averages frames over time where nothing moves.

    cut: whether the last frame began a shot. share: (H, W) how much of it each pixel took over, in (0, 1].
    """

    def __init__(self) -> None:
        self.cut = True
        self.share: FloatArray = np.ones((0, 0), np.float32)
        self._kept: FloatArray | None = None

    def step(self, frame: ByteArray) -> FloatArray:
        """The frame (H, W, 3) uint8 RGB without its flicker, float32 from 0 to 255."""
        new = frame.astype(np.float32)
        kept = self._kept
        self.cut = kept is None or kept.shape != new.shape
        self.share = np.ones(new.shape[:2], np.float32)
        if kept is not None and not self.cut:
            change = cv2.GaussianBlur(np.abs(new - kept).max(axis=2), (0, 0), 1.5)
            self.cut = float(change.mean()) > CUT_LEVEL
            if not self.cut:
                moved = (change - GRAIN_LEVEL) / (MOTION_LEVEL - GRAIN_LEVEL)
                self.share = np.asarray(np.clip(moved, STILL_SHARE, 1.0), np.float32)
                new = np.asarray(kept + self.share[..., None] * (new - kept), np.float32)
        self._kept = new
        return new


class SteadyField:
    """Averages a field of numbers that is made of frames, such as lines, where nothing moves."""

    def __init__(self, share: float) -> None:
        """share: of each new field where nothing moves, above 0, at most 1."""
        self._share = share
        self._kept: FloatArray | None = None

    def step(self, field: FloatArray, pixels: SteadyPixels) -> FloatArray:
        """The field (H, W), averaged; pixels: those of its frame, which say what moves and whether a shot begins."""
        if not pixels.cut and self._kept is not None and self._kept.shape == field.shape:
            field = self._kept + np.maximum(self._share, pixels.share) * (field - self._kept)
        self._kept = field
        return field


class SteadyPalette:
    """Few colours for all of a shot, the darkest first, and which pixel has which."""

    def __init__(self, count: int, margin: float) -> None:
        """count: how many colours, 2 to 64. margin: by how much nearer (in CIE Lab) another colour must be to win a pixel."""
        self.count, self._margin = count, margin
        self.colours: FloatArray = np.zeros((0, 3), np.float32)
        self._labels: ByteArray | None = None

    def step(self, lab: FloatArray, begins: bool) -> ByteArray:
        """The numbers of the colours (H, W) uint8 of a frame (H, W, 3) float32 in CIE Lab; begins: whether a shot begins."""
        last = self._labels
        if begins or last is None or last.shape != lab.shape[:2]:
            self.colours = found_colours(lab, self.count)
            last = np.zeros(lab.shape[:2], np.uint8)
            labels = label_pixels(lab, self.colours, last, 0.0)
        else:
            labels = label_pixels(lab, self.colours, last, self._margin)
            self._follow(lab, labels)
        self._labels = labels
        return labels

    def _follow(self, lab: FloatArray, labels: ByteArray) -> None:
        """Move each colour a little towards the mean of its pixels, every fourth of them in both directions."""
        pixels, numbers = lab[::4, ::4].reshape(-1, 3), labels[::4, ::4].ravel()
        counts = np.bincount(numbers, minlength=self.count)
        for channel in range(3):
            sums = np.bincount(numbers, pixels[:, channel], self.count)
            means = sums / np.maximum(counts, 1)
            moved = LIGHT_SHARE * (means - self.colours[:, channel])
            self.colours[:, channel] += np.where(counts > 0, moved, 0.0).astype(np.float32)


def found_colours(lab: FloatArray, count: int) -> FloatArray:
    """(count, 3) colours that stand for a frame (H, W, 3), the darkest first: k-means, the same for the same frame."""
    pixels = lab.reshape(-1, 3)
    sample = np.ascontiguousarray(pixels[:: max(1, len(pixels) // _SAMPLE)], np.float32)
    cv2.setRNGSeed(1)
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 20, 0.5)
    _, _, centres = cv2.kmeans(sample, min(count, len(sample)), np.zeros(0), criteria, 1, cv2.KMEANS_PP_CENTERS)
    padded = np.vstack([centres, np.repeat(centres[-1:], count - len(centres), axis=0)])
    return np.ascontiguousarray(padded[np.argsort(padded[:, 0], kind="stable")], np.float32)


@kernel("(float32[:, :, ::1], float32[:, ::1], uint8[:, ::1], float64)", fastmath=True)
def label_pixels(lab: FloatArray, colours: FloatArray, last: ByteArray, margin: float) -> ByteArray:
    """Which of `colours` (K, 3) each pixel of `lab` (H, W, 3) is nearest to; the `last` one where none is nearer by `margin`."""
    height, width = last.shape
    labels = np.empty((height, width), np.uint8)
    for row in range(height):
        for column in range(width):
            light, green, blue = lab[row, column, 0], lab[row, column, 1], lab[row, column, 2]
            best, nearest, own = 0, np.float32(1e12), np.float32(0.0)
            for number in range(len(colours)):
                away = (light - colours[number, 0]) ** 2 + (green - colours[number, 1]) ** 2 + (blue - colours[number, 2]) ** 2
                if number == last[row, column]:
                    own = away
                if away < nearest:
                    best, nearest = number, away
            stays = margin > 0.0 and np.sqrt(own) < np.sqrt(nearest) + margin
            labels[row, column] = last[row, column] if stays else best
    return labels
