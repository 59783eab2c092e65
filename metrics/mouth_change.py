"""How much of the mouth has changed from its resting look, by pixels, and whether the landmarks can be trusted with its opening.

A small drawn mouth may open and shut without the lips' landmarks moving at all. The pixels between nose and chin, the head laid
still, know better: they can't say how far the lips part, but they change with them and come back with them.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from core.messages import Message, message, translatable
from metrics.alignment import HEAD_SIDE_PX
from metrics.correlation import correlation, parabola_peak
from metrics.film_view import View
from metrics.registry import Metric

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
#: Neighbours of a candidate belong to one held look while they are nearer to it than this part of its median difference.
HELD_PART = 0.5
#: Where the landmarks name the resting mouth, it is among this part of the candidates with the least aperture.
SHUT_PART = 0.2
#: The mouth is back at rest where its change is under the first part of the 95th percentile for so long as lips shut for a
#: consonant, once it was above the second.
REST_PART, MOVED_PART, REST_S = 0.25, 0.5, 0.08
#: So many returns make a resting look sure, or one of so many seconds: longer than a note is held.
SURE_RETURNS, SURE_REST_S = 2, 4.0
#: Under this share of changed pixels in the 95th percentile the mouth keeps still; under this spread of the aperture between its
#: 5th and 95th percentile, in eye spans, the landmarks see it keep still.
STILL_CHANGE, STILL_APERTURE = 0.02, 0.03
#: Correlation of aperture and changed pixels from which on the landmarks follow the mouth. Films of photos, paintings and shaded
#: drawings measured 0.93 to 0.98, one of a flat drawing 0.05.
MIN_AGREEMENT = 0.6
#: The skin beside the nose, which does not open, may change by this part of the mouth's change; else the head is not held still.
MAX_HELD_PART = 0.5


#: By what the mouth can be measured: the landmarks' lip aperture, the share of its pixels that changed, or nothing.
LIP_APERTURE, CHANGED_PIXELS = translatable("lip aperture"), translatable("mouth's changed pixels")
NO_MEASURE = translatable("none")


@dataclass(frozen=True)
class MouthMeasure:
    """By what the mouth's movement is told.

    name: `LIP_APERTURE`, `CHANGED_PIXELS` or `NO_MEASURE`. agreement: correlation of the two over the film; None where one of
    them does not move. moved_part, held_part: 95th percentile of the share of changed pixels, in the mouth and
    beside the nose. sentence: the reason, for people.
    """

    name: Message
    agreement: float | None
    moved_part: float | None
    held_part: float | None
    sentence: Message


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

    def result(self, aperture: np.ndarray, fps: float) -> tuple[FloatArray, FloatArray]:
        """Share of changed pixels of the mouth, and beside the nose: both (T,) in [0, 1], NaN where no face was found.

        aperture: (T,) by the landmarks. Of the looks that may be the resting one it is the first with whose changes the landmarks
        agree; else, for these may not follow the mouth, the first that the film surely comes back to.
        """
        patches = [mouth for mouth in self.mouths if mouth is not None]
        if not patches:
            return shares(self.mouths, 0), shares(self.noses, 0)
        seen = np.array([mouth is not None for mouth in self.mouths])
        rests = resting_frames(patches, aperture[seen])
        changes = [shares(self.mouths, rest) for rest in rests]
        agreed = [agreement_of(aperture, change) >= MIN_AGREEMENT for change in changes]
        sure = [comes_back(change, fps) for change in changes]
        chosen = agreed.index(True) if any(agreed) else sure.index(True) if any(sure) else 0
        return changes[chosen], shares(self.noses, rests[chosen])


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


def resting_frames(patches: list[ByteArray], aperture: np.ndarray) -> list[int]:
    """Which of the patches may show the resting mouth, likeliest first; the voice has no say.

    patches: of the frames with a face; aperture: (len(patches),) by the landmarks. Of candidates at even distances these are the
    one that the film is most like, that which it comes back to most exactly after having left it (a held vowel is the first, but
    not the second), and the most usual of those that the landmarks see shut.
    """
    chosen = np.unique(np.linspace(0, len(patches) - 1, CANDIDATES).round().astype(int))
    values = np.stack([patches[index].ravel() for index in chosen]).astype(np.float32)
    far = np.stack([np.abs(values - value).mean(axis=1) for value in values])
    shut = np.argsort(aperture[chosen], kind="stable")[: max(1, round(SHUT_PART * len(chosen)))]
    found = [most_like(far), most_like(without_held(far)), shut[np.argmin(np.median(far[np.ix_(shut, shut)], axis=1))]]
    return [int(chosen[index]) for index in dict.fromkeys(int(index) for index in found)]


def most_like(far: np.ndarray) -> int:
    """The candidate whose most like sixth is nearest to it; of mean differences (C, C), NaN where they don't count."""
    like = max(1, round(LIKE_PART * len(far)))
    nearest = np.sort(far, axis=1)[:, : like + 1]  # NaN comes last
    counted = np.isfinite(nearest)
    mean = np.where(counted, nearest, 0.0).sum(axis=1) / np.maximum(counted.sum(axis=1), 1)
    return int(np.argmin(np.where(counted.sum(axis=1) > 1, mean, np.inf)))


def without_held(far: np.ndarray) -> np.ndarray:
    """The differences (C, C) with NaN between candidates that lie in one held look, but for each with itself."""
    parted = far.copy()
    for index, row in enumerate(far):
        near = row < HELD_PART * np.median(row)
        left = index - int(np.argmin(np.append(near[:index][::-1], False)))
        right = index + 1 + int(np.argmin(np.append(near[index + 1 :], False)))
        parted[index, left:right] = np.nan
        parted[index, index] = 0.0
    return parted


def agreement_of(aperture: np.ndarray, change: np.ndarray) -> float:
    """Correlation of the two series (T,) in the frames in which both are known; 0 where one of them does not move."""
    seen = np.isfinite(aperture) & np.isfinite(change)
    return correlation(aperture[seen].astype(float), change[seen].astype(float)) if seen.any() else 0.0


def comes_back(change: np.ndarray, fps: float) -> bool:
    """Whether the film surely has the resting look that `change` (T,) counts from: left and come back to, or kept for long."""
    known = change[np.isfinite(change)]
    if known.size == 0:
        return False
    wide = float(np.percentile(known, 95))
    rests, length, left = 0, 0, True
    for value in known:
        if value <= REST_PART * wide:
            length += 1
            if left and length >= max(1, round(REST_S * fps)):
                rests, left = rests + 1, False
            if length >= SURE_REST_S * fps:
                return True
        else:
            length, left = 0, left or value >= MOVED_PART * wide
    return rests >= SURE_RETURNS


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


def mouth_measure(aperture: np.ndarray, change: np.ndarray, held: np.ndarray, fps: float) -> MouthMeasure:
    """Choose by what the mouth is measured, each series (T,), NaN where no face was found."""
    seen = np.isfinite(aperture) & np.isfinite(change)
    if seen.sum() < 2:
        return MouthMeasure(NO_MEASURE, None, None, None, message("metrics.lips_without_face"))
    spread = float(np.subtract(*np.percentile(aperture[seen], [95, 5])))
    moved, beside = float(np.percentile(change[seen], 95)), float(np.percentile(held[seen], 95))
    if moved < STILL_CHANGE:
        return still_measure(spread, moved, beside)
    agreement = agreement_of(aperture, change)
    if agreement >= MIN_AGREEMENT:
        sentence = message("metrics.landmarks_follow", value=agreement)
        return MouthMeasure(LIP_APERTURE, agreement, moved, beside, sentence)
    if beside > MAX_HELD_PART * moved:
        return MouthMeasure(NO_MEASURE, agreement, moved, beside, message("metrics.lips_like_the_skin", value=agreement))
    if not comes_back(change, fps):
        return MouthMeasure(NO_MEASURE, agreement, moved, beside, message("metrics.lips_without_rest", value=agreement))
    return MouthMeasure(CHANGED_PIXELS, agreement, moved, beside, message("metrics.pixels_tell", value=agreement))


def still_measure(spread: float, moved: float, beside: float) -> MouthMeasure:
    """Of a mouth none of whose pixels changes: the landmarks are right if they see no movement either."""
    if spread < STILL_APERTURE:
        return MouthMeasure(LIP_APERTURE, None, moved, beside, message("metrics.mouth_still"))
    return MouthMeasure(NO_MEASURE, None, moved, beside, message("metrics.lips_without_change"))


MOUTH = Metric[MouthMeasure](
    "mouth", translatable("How the mouth was measured"), 10, figures=lambda _, evidence: evidence.measure
)
