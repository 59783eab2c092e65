"""Where in each frame a network's crop of a face lies, and how much of what it draws is shown: steady over time.

Boxes are means over five frames, as in Wav2Lip's program, but of the frames around each, and within one stretch in which the face
is clearly seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt
from scipy.ndimage import uniform_filter1d

from core.contracts import ByteArray, FloatArray
from faces.tracking.tracks import FaceState, FaceTrack, FilmFaces

#: Frames over which a box is the mean, and over which new lips come and go where the face is lost from sight.
STEADY_FRAMES, FADE_FRAMES = 5, 5
#: A picture made smaller is blurred before by so much, in pixels of it, for each pixel that becomes one.
BLUR_PER_PIXEL = 0.35


@dataclass(frozen=True)
class Places:
    """boxes: (T, 4) float32, left, top, right, bottom in pixels of the frame, NaN where nothing is drawn. shown: (T,) float32 in
    0..1, how much of the new lips is seen; 0 wherever the face is not clear. begins: (T,) whether a stretch begins there."""

    boxes: FloatArray
    shown: FloatArray
    begins: npt.NDArray[np.bool_]


def places_of(faces: FilmFaces, track: FaceTrack, box_of: Callable[[FloatArray], FloatArray | None]) -> Places:
    """The crops of one person. box_of: the box (4,) of one frame's landmarks (478, 3); None where they give none."""
    count = len(track)
    boxes = np.full((count, 4), np.nan, np.float32)
    for frame in np.flatnonzero(np.asarray(track.state) == FaceState.CLEAR):
        box = box_of(np.asarray(track.landmarks[frame], np.float32))
        if box is not None:
            boxes[frame] = box
    there = np.isfinite(boxes[:, 0])
    shown, begins = np.zeros(count, np.float32), np.zeros(count, bool)
    cuts = {int(cut) for cut in faces.cuts}
    for start, stop in stretches(there, cuts):
        begins[start] = True
        boxes[start:stop] = uniform_filter1d(boxes[start:stop], STEADY_FRAMES, axis=0, mode="nearest")
        shown[start:stop] = fades(stop - start, start > 0 and start not in cuts, stop < count and stop not in cuts)
    return Places(boxes, shown, begins)


def stretches(there: npt.NDArray[np.bool_], cuts: Iterable[int]) -> Iterator[tuple[int, int]]:
    """(first, beyond the last) of each run of frames in which something is there, within one shot."""
    edges = sorted({0, *cuts, len(there)})
    for begin, end in pairwise(edges):
        steps = np.diff(np.concatenate([[0], there[begin:end].astype(np.int8), [0]]))
        for first, beyond in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
            yield begin + int(first), begin + int(beyond)


def fades(frames: int, comes: bool, goes: bool) -> FloatArray:
    """(frames,) in 0..1: new lips come and go softly where the face does; at cuts they are there."""
    number = np.arange(frames, dtype=np.float32)
    shown = np.ones(frames, np.float32)
    if comes:
        shown = np.minimum(shown, (number + 1) / (FADE_FRAMES + 1))
    if goes:
        shown = np.minimum(shown, (frames - number) / (FADE_FRAMES + 1))
    return np.asarray(shown * shown * (3 - 2 * shown), np.float32)


def to_crop(box: FloatArray, side_px: int) -> FloatArray:
    """(2, 3) what takes a place in the frame to its place in the crop, both in pixels whose middles are whole numbers."""
    left, top, right, bottom = (float(edge) for edge in box)
    across, down = side_px / (right - left), side_px / (bottom - top)
    return np.array([[across, 0, (0.5 - left) * across - 0.5], [0, down, (0.5 - top) * down - 0.5]])


def cut(frame: ByteArray, box: FloatArray, side_px: int) -> ByteArray:
    """The box of a frame (H, W, 3) as (side, side, 3) uint8; beyond the frame's border its last pixels go on.

    Boxes need not begin at whole pixels, so that a crop does not jump where its face glides.
    """
    left, top = (max(0, int(np.floor(edge)) - 8) for edge in box[:2])
    right, bottom = (int(np.ceil(edge)) + 8 for edge in box[2:])
    part = frame[top:bottom, left:right]
    smaller = float(max(box[2] - box[0], box[3] - box[1])) / side_px
    if smaller > 1:
        part = cv2.GaussianBlur(part, (0, 0), BLUR_PER_PIXEL * smaller)
    place = to_crop(box - np.array([left, top, left, top], np.float32), side_px)
    drawn = cv2.warpAffine(part, place, (side_px, side_px), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(drawn, np.uint8)
