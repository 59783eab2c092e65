"""How much of the mouth has changed from its resting look, by pixels, and whether the landmarks can be trusted with its opening.

A small drawn mouth may open and shut without the lips' landmarks moving at all. The pixels between nose and chin, the head laid
still, know better: they can't say how far the lips part, but they change with them and come back with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from metrics.alignment import HEAD_SIDE_PX
from metrics.film_view import View
from metrics.lip_sync import correlation, parabola_peak
from pipeline.contracts import ByteArray, FloatArray

#: Face Landmarker points: under the nose, the chin, the outer corners of the mouth, the bridge of the nose between the eyes.
UNDER_NOSE, CHIN, OUTER_CORNERS, BRIDGE = 2, 152, (61, 291), 6
#: Middle of each eye's lower lid: as far to both sides reaches the skin that holds the head still; and how far below the nose.
EYES, BELOW_NOSE_PX = [145, 374], 4
#: The landmarks leave the head at most so far from its place, in pixels of the head square.
MAX_DRIFT_PX = 6
#: The mouth is looked for from this part of the way between nose and chin to that one, and so many half widths to both sides.
MOUTH_TOP, MOUTH_BOTTOM, MOUTH_ACROSS = 0.15, 0.92, 1.1
#: Each side of the patch that is kept of a frame is shrunk by this: 2 kB a frame.
SHRINK = 2
#: A pixel has changed where it is lighter or darker by this many levels than all of the resting mouth in the 3 x 3 kept pixels
#: around its place: so far the head may be off.
CHANGED_LEVELS, TOLERANCE = 16, 3
#: Frames that are candidates for the resting mouth, and the part of them that must be most like it.
CANDIDATES, LIKE_PART = 60, 1 / 6
#: Under this share of changed pixels in the 95th percentile the mouth keeps still; under this spread of the aperture between its
#: 5th and 95th percentile, in eye spans, the landmarks see it keep still.
STILL_CHANGE, STILL_APERTURE = 0.02, 0.03
#: Correlation of aperture and changed pixels from which on the landmarks follow the mouth. Films of photos, paintings and shaded
#: drawings measured 0.93 to 0.98, one of a flat drawing 0.05.
MIN_AGREEMENT = 0.6
#: The skin beside the nose, which does not open, may change by this part of the mouth's change; else the head is not held still.
MAX_HELD_PART = 0.5

MeasureName = Literal["lip aperture", "mouth's changed pixels", "none"]


@dataclass(frozen=True)
class MouthMeasure:
    """By what the mouth's movement is told.

    name: "lip aperture" (landmarks), "mouth's changed pixels", or "none". agreement: correlation of the two over the film; None
    where one of them does not move. moved_part, held_part: 95th percentile of the share of changed pixels, in the mouth and
    beside the nose. sentence: the reason, for people.
    """

    name: MeasureName
    agreement: float | None
    moved_part: float | None
    held_part: float | None
    sentence: str


class MouthObserver:
    """Keeps a small patch of every frame's mouth and of the skin above it, with the head laid still.

    The landmarks lay the head still but for a few pixels; the skin beside the nose, laid over that of the first frame, does the
    rest.
    """

    def __init__(self, layout: np.ndarray) -> None:
        """layout: (478, 2), where the points of the face lie in the head square."""
        self.mouth_box, self.nose_box = mouth_box(layout), nose_box(layout)
        self.nose: FloatArray | None = None
        self.mouths: list[ByteArray | None] = []
        self.noses: list[ByteArray | None] = []

    def see(self, view: View) -> None:
        """Take the next frame."""
        if view.head is None:
            self.mouths.append(None)
            self.noses.append(None)
            return
        head = cv2.GaussianBlur(view.head, (0, 0), 1.0)
        if self.nose is None:
            left, top, right, bottom = self.nose_box
            self.nose = np.ascontiguousarray(head[top:bottom, left:right])
        right_px, down_px = drift(head, self.nose, self.nose_box)
        back = np.array([[1, 0, -right_px], [0, 1, -down_px]], np.float32)
        held = cv2.warpAffine(head, back, head.shape[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        self.mouths.append(patch(held, self.mouth_box))
        self.noses.append(patch(held, self.nose_box))

    def result(self) -> tuple[FloatArray, FloatArray]:
        """Share of changed pixels of the mouth, and beside the nose: both (T,) in [0, 1], NaN where no face was found."""
        rest = resting_frame([mouth for mouth in self.mouths if mouth is not None])
        return shares(self.mouths, rest), shares(self.noses, rest)


def drift(head: FloatArray, nose: FloatArray, box: tuple[int, int, int, int]) -> tuple[float, float]:
    """How far right and down, in pixels, `nose` (the box of another head) lies in this head (320, 320); parts of pixels too."""
    left, top, right, bottom = box
    around = head[top - MAX_DRIFT_PX : bottom + MAX_DRIFT_PX, left - MAX_DRIFT_PX : right + MAX_DRIFT_PX]
    unlike = cv2.matchTemplate(np.ascontiguousarray(around), nose, cv2.TM_SQDIFF)
    row, column = np.unravel_index(np.argmin(unlike), unlike.shape)
    places = np.arange(-MAX_DRIFT_PX, MAX_DRIFT_PX + 1.0)
    return parabola_peak(places, -unlike[row])[0], parabola_peak(places, -unlike[:, column])[0]


def mouth_box(layout: np.ndarray) -> tuple[int, int, int, int]:
    """Left, top, right, bottom in the head square of where a mouth may be: more than the lips' landmarks, which may miss it."""
    nose_y, chin_y = layout[UNDER_NOSE, 1], layout[CHIN, 1]
    left, right = layout[OUTER_CORNERS[0], 0], layout[OUTER_CORNERS[1], 0]
    middle, reach = (left + right) / 2, MOUTH_ACROSS * abs(right - left) / 2
    top, bottom = nose_y + MOUTH_TOP * (chin_y - nose_y), nose_y + MOUTH_BOTTOM * (chin_y - nose_y)
    return whole_box(middle - reach, top, middle + reach, bottom)


def nose_box(layout: np.ndarray) -> tuple[int, int, int, int]:
    """The same of the nose and the cheeks, from halfway up to the eyes: none of it opens or blinks."""
    left, right = layout[EYES, 0]
    bottom, bridge = layout[UNDER_NOSE, 1], layout[BRIDGE, 1]
    return whole_box(left, (bottom + bridge) / 2, right, bottom + BELOW_NOSE_PX)


def whole_box(left: float, top: float, right: float, bottom: float) -> tuple[int, int, int, int]:
    """A box of whole pixels inside the head square with room around it, at least one kept pixel wide and high."""
    first, last = MAX_DRIFT_PX, HEAD_SIDE_PX - MAX_DRIFT_PX
    x, y = (int(np.clip(round(float(value)), first, last - SHRINK)) for value in (left, top))
    end_x, end_y = (int(np.clip(round(float(value)), low + SHRINK, last)) for value, low in ((right, x), (bottom, y)))
    return x, y, end_x, end_y


def patch(head: FloatArray, box: tuple[int, int, int, int]) -> ByteArray:
    """The box of the head square, shrunk, (h, w) uint8."""
    left, top, right, bottom = box
    size = ((right - left) // SHRINK, (bottom - top) // SHRINK)
    return np.asarray(cv2.resize(head[top:bottom, left:right], size, interpolation=cv2.INTER_AREA)).astype(np.uint8)


def resting_frame(patches: list[ByteArray]) -> int:
    """Which of the patches shows the resting mouth: the one that the film comes back to most exactly. The voice has no say.

    Of candidates at even distances it is the one whose most like sixth is nearest to it, in mean difference of the pixels.
    """
    if not patches:
        return 0
    chosen = np.unique(np.linspace(0, len(patches) - 1, CANDIDATES).round().astype(int))
    values = np.stack([patches[index].ravel() for index in chosen]).astype(np.float32)
    far = np.stack([np.abs(values - value).mean(axis=1) for value in values])
    like = max(1, round(LIKE_PART * len(chosen)))
    return int(chosen[np.argmin(np.sort(far, axis=1)[:, : like + 1].mean(axis=1))])


def shares(patches: list[ByteArray | None], rest: int) -> FloatArray:
    """Share of changed pixels against the `rest`-th patch of those that were seen, (T,) float32, NaN where none was."""
    found = np.full(len(patches), np.nan, np.float32)
    seen = [kept for kept in patches if kept is not None]
    if not seen:
        return found
    resting = seen[rest]
    kernel = np.ones((TOLERANCE, TOLERANCE), np.uint8)
    low, high = cv2.erode(resting, kernel).astype(int), cv2.dilate(resting, kernel).astype(int)
    for index, kept in enumerate(patches):
        if kept is not None:
            found[index] = ((kept > high + CHANGED_LEVELS) | (kept < low - CHANGED_LEVELS)).mean()
    return found


def mouth_measure(aperture: np.ndarray, change: np.ndarray, held: np.ndarray) -> MouthMeasure:
    """Choose by what the mouth is measured, each series (T,), NaN where no face was found."""
    seen = np.isfinite(aperture) & np.isfinite(change)
    if seen.sum() < 2:
        return MouthMeasure("none", None, None, None, "The lips can't be measured: no face was found in the film.")
    spread = float(np.subtract(*np.percentile(aperture[seen], [95, 5])))
    moved, beside = float(np.percentile(change[seen], 95)), float(np.percentile(held[seen], 95))
    if moved < STILL_CHANGE:
        return still_measure(spread, moved, beside)
    agreement = correlation(aperture[seen].astype(float), change[seen].astype(float))
    if agreement >= MIN_AGREEMENT:
        sentence = f"The face's landmarks follow the mouth: their aperture and its changed pixels correlate by {agreement:.2f}."
        return MouthMeasure("lip aperture", agreement, moved, beside, sentence)
    why = f"The face's landmarks don't follow this mouth: their aperture and its changed pixels correlate by {agreement:.2f} only"
    if beside > MAX_HELD_PART * moved:
        sentence = f"{why}, and its pixels can't tell either, since the skin beside the nose changes nearly as much."
        return MouthMeasure("none", agreement, moved, beside, f"The lips can't be measured. {sentence}")
    sentence = f"{why}. So the share of its pixels that differ from the resting mouth stands for how far it is open."
    return MouthMeasure("mouth's changed pixels", agreement, moved, beside, sentence)


def still_measure(spread: float, moved: float, beside: float) -> MouthMeasure:
    """Of a mouth none of whose pixels changes: the landmarks are right if they see no movement either."""
    if spread < STILL_APERTURE:
        return MouthMeasure("lip aperture", None, moved, beside, "The mouth keeps still, by its landmarks and by its pixels.")
    sentence = "The lips can't be measured: their landmarks move, but no pixel between nose and chin changes with them."
    return MouthMeasure("none", None, moved, beside, sentence)
