"""Finds the cuts of a film, one frame at a time."""

from __future__ import annotations

from collections import deque

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray

#: Size of the small picture that is compared, and bins of each colour's histogram.
SMALL = (48, 27)
BINS = 16
#: A cut changes a pixel by at least so many levels in the mean, by so many times what a frame usually does, and leaves less than
#: this part of the colours as it was.
LEAST_CHANGE, TIMES_USUAL, SHARED_COLOURS = 14.0, 3.5, 0.82
#: Frames of which the usual change is taken.
REMEMBERED = 12


class CutFinder:
    """Compares each frame with the one before: in place, and by its colours wherever they are, which a moving camera keeps."""

    def __init__(self) -> None:
        self._small: FloatArray | None = None
        self._colours: FloatArray | None = None
        self._changes: deque[float] = deque(maxlen=REMEMBERED)

    def cut(self, frame: ByteArray) -> bool:
        """Whether a new shot begins with this frame (H, W, 3) uint8 RGB; never with the first."""
        small = cv2.resize(frame, SMALL, interpolation=cv2.INTER_AREA).astype(np.float32)
        colours = np.concatenate([np.histogram(small[..., band], BINS, (0, 256))[0] for band in range(3)]) / (
            3 * small[..., 0].size
        )
        before, colours_before = self._small, self._colours
        self._small, self._colours = small, colours
        if before is None or colours_before is None:
            return False
        change = float(np.abs(small - before).mean())
        usual = float(np.median(self._changes)) if self._changes else 0.0
        shared = float(np.minimum(colours, colours_before).sum())
        cut = change > max(LEAST_CHANGE, TIMES_USUAL * usual) and (shared < SHARED_COLOURS or change > 2 * LEAST_CHANGE)
        if cut:
            self._changes.clear()
        else:
            self._changes.append(change)
        return cut
