"""Where the face is in each frame, and the steady transform that lays it like the faces on which GFPGAN was trained.

The usual helper finds five points anew in every frame and fits them; then what the network sees breathes with the mouth's corners
and shakes with the detector. Here the five points are fitted once. From frame to frame only what sits on bone is followed, and
that motion is smoothed over a few frames on either side. The face is put back by the very transform by which it was taken, so a
smoothed one misplaces nothing.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise, repeat

import numpy as np

from core.contracts import ByteArray, Face, FloatArray
from core.filter_card import FaceInFilm
from core.frame_stream import closing_frames
from core.timebase import frames_to_seconds
from faces.faces import FaceFinder

#: Side of the aligned face in pixels.
ALIGNED_PX = 512
#: Where FFHQ's alignment puts the eyes, the tip of the nose and the corners of the mouth in a square of 512 px.
FFHQ_POINTS = np.array(
    [(192.98138, 239.94708), (318.90277, 240.1936), (256.63416, 314.01935), (201.26117, 371.41043), (313.08905, 371.15118)]
)
#: Face Landmarker points whose mean is each of the five: lids and corners of the eyes on the picture's left and right, ...
FIVE_POINTS = ((33, 133, 160, 158, 153, 144), (362, 263, 385, 387, 373, 380), (1,), (61,), (291,))
#: Points on bone: eye corners, bridge of the nose, temples, forehead.
BONE_POINTS = (33, 133, 362, 263, 168, 6, 197, 195, 127, 356, 10, 151)
#: Around a face that is known, the part of the frame in which it is followed, in sizes of its box.
FOLLOW_REACH = 0.8


@dataclass(frozen=True)
class Posed:
    """A frame (H, W, 3) uint8 with its landmarks (478, 2) in pixels and the matrix (2, 3) that takes its pixels to the aligned
    square; both None where there is no face. begins: whether a shot begins here, which nothing before says anything about.
    """

    frame: ByteArray
    landmarks: FloatArray | None
    matrix: FloatArray | None
    begins: bool = False


def five_points(landmarks: FloatArray) -> np.ndarray:
    """Eyes, tip of the nose and corners of the mouth, (5, 2), of landmarks (478, 2 or 3)."""
    return np.array([landmarks[list(points), :2].mean(axis=0) for points in FIVE_POINTS], np.float64)


def similarity(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """The turn, scale and shift, (2, 3), that bring points (N, 2) nearest to others in least squares.

    As complex numbers the points obey target = a source + b, which is plain regression.
    """
    source_z, target_z = source[:, 0] + 1j * source[:, 1], target[:, 0] + 1j * target[:, 1]
    centred = source_z - source_z.mean()
    a = np.vdot(centred, target_z) / np.vdot(centred, centred)
    return matrix_of(a, target_z.mean() - a * source_z.mean())


def matrix_of(a: complex, b: complex) -> np.ndarray:
    """The matrix (2, 3) of z -> a z + b."""
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def composed(outer: np.ndarray, inner: np.ndarray) -> np.ndarray:
    """The matrix (2, 3) that does `inner` and then `outer`."""
    return np.hstack([outer[:, :2] @ inner[:, :2], (outer[:, :2] @ inner[:, 2] + outer[:, 2])[:, None]])


def inverted(matrix: np.ndarray) -> np.ndarray:
    """The matrix (2, 3) that undoes another."""
    back = np.linalg.inv(matrix[:, :2])
    return np.hstack([back, -(back @ matrix[:, 2])[:, None]])


def posed_frames(frames: Iterable[ByteArray], fps: float, face: Face | None) -> Iterator[Posed]:
    """Find the face in each frame and align it, each frame on its own.

    face: the one that is meant, where the frames show more than one: it is followed near its box in the first frame.
    """
    reference: tuple[np.ndarray, np.ndarray] | None = None
    with FaceFinder(video=True) as finder:
        for index, given in enumerate(frames):
            frame = given.copy()  # it waits for its neighbours, and the renderer may go on using its own array
            left, top, right, bottom = follow_region(frame, face)
            cut = np.ascontiguousarray(frame[top:bottom, left:right])
            found = finder.track(cut, frames_to_seconds(index, fps))
            if found is None:
                yield Posed(frame, None, None)
                continue
            landmarks = found.landmarks[:, :2].astype(np.float64) + np.array([left, top])
            bone = landmarks[list(BONE_POINTS)]
            if reference is None:
                reference = bone, similarity(five_points(landmarks), FFHQ_POINTS)
            yield Posed(frame, landmarks, composed(reference[1], similarity(bone, reference[0])))


def poses_of_film(frames: Iterable[ByteArray], face: FaceInFilm, sigma_frames: float) -> Iterator[Posed]:
    """The frames of a film whose face is known, aligned by its landmarks and steadied within each shot."""
    posed = known_poses(frames, face)
    with closing_frames(posed):
        for first, end in pairwise((0, *face.cuts, None)):
            yield from steadied(islice(posed, None if end is None else end - int(first or 0)), sigma_frames)


def known_poses(frames: Iterable[ByteArray], face: FaceInFilm) -> Iterator[Posed]:
    """Align each frame by the landmarks that are known of it; the face's measures are taken anew in each shot."""
    reference: tuple[np.ndarray, np.ndarray] | None = None
    cuts = {int(cut) for cut in face.cuts}
    for index, given in enumerate(frames):
        frame, begins = given.copy(), index in cuts
        reference = None if begins else reference
        known = face.landmarks(index) if index < face.count else None
        if known is None:
            yield Posed(frame, None, None, begins)
            continue
        landmarks = known[:, :2].astype(np.float64)
        bone = landmarks[list(BONE_POINTS)]
        if reference is None:
            reference = bone, similarity(five_points(landmarks), FFHQ_POINTS)
        yield Posed(frame, landmarks, composed(reference[1], similarity(bone, reference[0])), begins)


def follow_region(frame: ByteArray, face: Face | None) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the part of a frame in which `face` is followed; all of it where none is named."""
    height, width = frame.shape[:2]
    if face is None:
        return 0, 0, width, height
    left, top, right, bottom = face.box
    reach = FOLLOW_REACH * max(right - left, bottom - top)
    return max(0, int(left - reach)), max(0, int(top - reach)), min(width, int(right + reach)), min(height, int(bottom + reach))


def steadied(posed: Iterable[Posed], sigma_frames: float) -> Iterator[Posed]:
    """The same frames with their matrices averaged over their neighbours by a Gaussian; no lag, as it looks ahead too.

    Frames without a face stay without, and take no part. At most 4 sigma + 1 frames are held.
    """
    reach = math.ceil(2 * sigma_frames)
    if reach == 0:
        yield from posed
        return
    window: deque[Posed | None] = deque(repeat(None, 2 * reach + 1), maxlen=2 * reach + 1)
    for each in chain(posed, repeat(None, reach)):
        window.append(each)
        if window[reach] is not None:
            yield averaged(list(window), sigma_frames)


def averaged(window: list[Posed | None], sigma_frames: float) -> Posed:
    """The frame in the middle of the window with the mean of all matrices in it, weighted by nearness in time."""
    middle = len(window) // 2
    own = window[middle]
    assert own is not None
    if own.matrix is None:
        return own
    total, weights = np.zeros((2, 3)), 0.0
    for place, each in enumerate(window):
        if each is not None and each.matrix is not None:
            weight = math.exp(-0.5 * ((place - middle) / sigma_frames) ** 2)
            total, weights = total + weight * each.matrix, weights + weight
    return replace(own, matrix=total / weights)
