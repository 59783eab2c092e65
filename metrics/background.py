"""Does the background stand still? Change over time of each pixel away from the person, and how far its corners wander."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np

from core.messages import NOTHING, Message, message, translatable
from metrics.film_view import Scene, View
from metrics.person_mask import background_mask
from metrics.registry import Metric, Watched, WithControls

#: Corners that are followed, at most; and at least, for a figure.
MAX_POINTS = 200
MIN_POINTS = 8
#: Side of the window in which a corner is recognised, in pixels of the small picture; it must not reach the person.
WINDOW_PX = 21
#: Least strength of a corner (smaller eigenvalue of its gradients, levels of 255): weaker ones drift with the encoder's noise.
MIN_CORNER = 1.5
#: A background smaller than this part of the picture gives no figure.
MIN_AREA = 0.02
#: The background begins this many face widths away from the person.
MARGIN_FACE_WIDTHS = 0.15


@dataclass(frozen=True)
class Background:
    """How still the background is; None where the person fills the picture or nothing in it can be followed.

    area: part of the picture that is surely background. temporal_std: mean over its pixels of the standard deviation over
    time, in levels of 255; encoding alone makes about 0.3. temporal_std_p99: the same of the worst hundredth of the pixels.
    swim_px: how far its corners lie from where they began, in the film's pixels: 95th percentile over the frames of the 90th
    percentile over the corners. points: how many corners were followed.
    """

    area: float
    temporal_std: float | None
    temporal_std_p99: float | None
    swim_px: float | None
    points: int
    reason: Message = NOTHING


class BackgroundObserver:
    """Watches the pixels of a mask. Memory: two sums for each pixel of the small picture, one figure for each frame.

    The corners are followed by Lucas and Kanade's method (Bouguet 2001) from the first frame to each other one; more than about
    5 pixels of the small picture are not told apart any more.
    """

    def __init__(self, mask: np.ndarray, film_height: int) -> None:
        """mask: (H, W) bool in the film's size, True for background."""
        self.full_mask, self.film_height = mask, film_height
        self.area = float(mask.mean())
        self.mask: np.ndarray | None = None
        self.count = 0
        self.swims: list[float] = []

    def see(self, view: View) -> None:
        """Take the next frame."""
        if self.area < MIN_AREA:
            return
        if self.mask is None:
            self._begin(view.small)
        change = (view.small - self.first)[self.mask]
        self.count += 1
        self.total += change
        self.squares += change**2
        if len(self.points) >= MIN_POINTS:
            self._follow(view.small)

    def _begin(self, small: np.ndarray) -> None:
        height, width = small.shape
        covered = cv2.resize(self.full_mask.astype(np.float32), (width, height), interpolation=cv2.INTER_AREA)
        self.mask = covered > 0.999
        self.first = small.copy()
        self.first_bytes = as_bytes(small)
        self.total = np.zeros(int(self.mask.sum()), np.float64)
        self.squares = np.zeros_like(self.total)
        reach = np.ones((WINDOW_PX + 2, WINDOW_PX + 2), np.uint8)
        deep = cv2.erode(self.mask.astype(np.uint8), reach, borderValue=1)
        found = cv2.goodFeaturesToTrack(self.first_bytes, MAX_POINTS, 0.01, 6, mask=deep)
        found = np.zeros((0, 1, 2), np.float32) if found is None else found
        strength = cv2.cornerMinEigenVal(self.first_bytes.astype(np.float32), 11, ksize=3)
        columns, rows = found[:, 0].astype(int).T
        self.points = found[strength[rows, columns] >= MIN_CORNER]

    def _follow(self, small: np.ndarray) -> None:
        there, ok, _ = cv2.calcOpticalFlowPyrLK(
            self.first_bytes, as_bytes(small), self.points, None, winSize=(WINDOW_PX, WINDOW_PX), maxLevel=0
        )
        way = np.linalg.norm((there - self.points)[ok[:, 0] == 1, 0], axis=1)
        if len(way) >= MIN_POINTS:
            self.swims.append(float(np.percentile(way, 90)))

    def result(self) -> Background:
        """The figures of all frames seen."""
        if self.mask is None or self.total.size == 0:
            return Background(self.area, None, None, None, 0, message("metrics.too_little_background"))
        mean = self.total / self.count
        std = np.sqrt(np.maximum(self.squares / self.count - mean**2, 0))
        scale = self.film_height / self.first.shape[0]
        swim = float(np.percentile(self.swims, 95)) * scale if self.swims else None
        reason = NOTHING if self.swims else message("metrics.background_too_plain")
        return Background(self.area, float(std.mean()), float(np.percentile(std, 99)), swim, len(self.points), reason)


def as_bytes(small: np.ndarray) -> np.ndarray:
    """Brightness as uint8, as the corner search wants it."""
    return np.asarray(np.clip(np.rint(small), 0, 255), np.uint8)


def swimming(view: View) -> View:
    """The control: a frame that sways to and fro by one pixel of the small picture, in 12 frames."""
    shift = np.float32(np.sin(2 * np.pi * view.index / 12))
    matrix = np.array([[1, 0, shift], [0, 1, 0]], np.float32)
    size = (view.small.shape[1], view.small.shape[0])
    return replace(view, small=cv2.warpAffine(view.small, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def watch(scene: Scene) -> Watched[Background]:
    """The observer of the film's background, and its controls."""
    mask, height = background_mask(scene.matte, MARGIN_FACE_WIDTHS * scene.place.face_width), scene.place.image.shape[0]
    return Watched(lambda: BackgroundObserver(mask, height), swimming, translatable("the whole picture sways by 1 px of 480"))


BACKGROUND = Metric[WithControls[Background]]("background", translatable("Background"), 70, watch)
