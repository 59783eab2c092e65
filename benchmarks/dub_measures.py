"""What is measured of a dubbed film beside the one that it was made from, frame by frame, with memory that does not grow.

The film's own frame is every frame's reference: whatever the engine, the same pairs of frames are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray
from faces.tracking.tracks import FaceTrack
from metrics.alignment import luma, similarity_transform, warp
from metrics.likeness import IdentityNetwork

#: Each so-many-th frame is asked for its likeness.
LIKENESS_EVERY = 5
#: Landmarks of the mouth with the skin around it, and of eyes and nose, which no new lips move.
MOUTH_BOX, STILL_BOX = (61, 291, 164, 18), (127, 356, 9, 2)
#: How much of the face's width around its landmarks belongs to it; beyond that nothing may change.
OUTLINE_MARGIN = 0.08
#: Side of the still mouth in which flicker is measured, in pixels.
STILL_MOUTH_PX = 48
#: A change by more levels than this, under a Gaussian of this sigma, is seen; its edge counts where it is long enough and so far
#: from the lips, in eye spans; the steep part of it.
SEAM_LEVELS, SEAM_SIGMA_PX, LEAST_EDGE_PX, SEAM_AWAY, STEEP_PERCENTILE = 5.0, 1.0, 24, 0.12, 90
#: Landmarks around the lips.
LIPS = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291, 375, 321, 405, 314, 17, 84, 181, 91, 146)


@dataclass(frozen=True)
class PictureFigures:
    """Of one dubbed film's pictures; None where there was nothing to measure.

    likeness: mean cosine with the film's own frames. mouth_sharpness: fine detail of the mouth over that of eyes and nose, as a
    part of the same in the film's own frames; 1 is as sharp. flicker: of the still mouth, as a part of the film's own. seam: how
    steeply what was changed begins at its outer edge, away from the lips, in levels of 255 a pixel. outside: mean change beyond
    the face, in levels. frames_lost: how many fewer frames there are.
    """

    likeness: float | None
    mouth_sharpness: float | None
    flicker: float | None
    seam: float | None
    outside: float | None
    frames_lost: int


class PairObserver:
    """Holds each dubbed frame against the film's own."""

    def __init__(self, track: FaceTrack, network: IdentityNetwork | None) -> None:
        """track: of the film's own face. network: None leaves the likeness out."""
        self._track, self._network = track, network
        self._likeness: list[float] = []
        self._sharpness: list[float] = []
        self._outside: list[float] = []
        self._seams: list[float] = []
        self._still: list[tuple[FloatArray, FloatArray]] = []
        self._jumps: list[tuple[float, float]] = []

    def see(self, index: int, own: ByteArray, dubbed: ByteArray) -> None:
        """Take a pair of frames (H, W, 3) uint8 RGB."""
        if not self._track.clear(index):
            self._still.clear()
            return
        points = np.asarray(self._track.landmarks[index])
        outside = beyond_face(points, own.shape[:2])
        if outside.any():
            self._outside.append(float(np.abs(own.astype(np.int16) - dubbed)[outside].mean()))
        if (steepest := seam_of(own, dubbed, points)) is not None:
            self._seams.append(steepest)
        before, after = relative_detail(own, points), relative_detail(dubbed, points)
        if before and after:
            self._sharpness.append(after / before)
        if self._network is not None and index % LIKENESS_EVERY == 0:
            self._likeness.append(float(self._network.embedding(own, points) @ self._network.embedding(dubbed, points)))
        self._flicker(own, dubbed, points)

    def _flicker(self, own: ByteArray, dubbed: ByteArray, points: FloatArray) -> None:
        """The part of the mouth's brightness that alternates from frame to frame, the head laid still."""
        still = [luma(still_mouth(frame, points)) for frame in (own, dubbed)]
        self._still.append((still[0], still[1]))
        if len(self._still) == 3:
            first, middle, last = self._still
            own_jump, new_jump = (float(np.abs(middle[k] - (first[k] + last[k]) / 2).mean()) for k in (0, 1))
            self._jumps.append((own_jump, new_jump))
            self._still.pop(0)

    def figures(self) -> dict[str, float | None]:
        """All but `frames_lost` of `PictureFigures`."""
        own_jump, new_jump = np.mean(self._jumps, axis=0) if self._jumps else (0.0, 0.0)
        return {
            "likeness": mean_of(self._likeness),
            "mouth_sharpness": None if not self._sharpness else float(np.median(self._sharpness)),
            "flicker": float(new_jump / own_jump) if own_jump > 0 else None,
            "seam": mean_of(self._seams),
            "outside": mean_of(self._outside),
        }


def mean_of(values: list[float]) -> float | None:
    """The mean; None of nothing."""
    return float(np.mean(values)) if values else None


def beyond_face(points: FloatArray, shape: tuple[int, int]) -> npt.NDArray[np.bool_]:
    """Where a frame of that shape shows no part of the face (H, W)."""
    flat = points[:, :2].astype(np.float32)
    middle = flat.mean(axis=0)
    hull = cv2.convexHull(middle + (flat - middle) * (1 + 2 * OUTLINE_MARGIN))
    inside = cv2.fillConvexPoly(np.zeros(shape, np.uint8), np.rint(hull).astype(np.int32), 1)
    return np.asarray(inside == 0)


def seam_of(own: ByteArray, dubbed: ByteArray, points: FloatArray) -> float | None:
    """How steeply the change begins along the outer edge of what was changed, in levels a pixel; None where nothing was.

    A rectangle that is laid over a face has a step there, one that is blended in has a slope. Near the lips edges are the
    lips' own.
    """
    change = cv2.GaussianBlur(luma(dubbed).astype(np.float32) - luma(own), (0, 0), SEAM_SIGMA_PX)
    edges, _ = cv2.findContours((np.abs(change) > SEAM_LEVELS).astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not edges:
        return None
    edge = max(edges, key=cv2.contourArea)[:, 0]
    lips = cv2.convexHull(points[list(LIPS), :2].astype(np.float32))
    away = SEAM_AWAY * float(np.linalg.norm(points[33, :2] - points[263, :2]))
    there = [cv2.pointPolygonTest(lips, (float(x), float(y)), True) < -away for x, y in edge]
    if sum(there) < LEAST_EDGE_PX:
        return None
    slope = np.hypot(cv2.Sobel(change, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(change, cv2.CV_32F, 0, 1, scale=1 / 8))
    x, y = edge[there].T
    return float(np.percentile(slope[y, x], STEEP_PERCENTILE))


def relative_detail(frame: ByteArray, points: FloatArray) -> float | None:
    """Fine detail about the mouth over that about eyes and nose; None where either is too small."""
    mouth, still = (detail_in(frame, points[list(box), :2]) for box in (MOUTH_BOX, STILL_BOX))
    return mouth / still if mouth is not None and still else None


def detail_in(frame: ByteArray, points: FloatArray) -> float | None:
    """Mean absolute Laplacian, in levels, in the box around points (n, 2)."""
    left, top = np.maximum(np.floor(points.min(axis=0)), 0).astype(int)
    right, bottom = np.ceil(points.max(axis=0)).astype(int) + 1
    cut = frame[top:bottom, left:right]
    if min(cut.shape[:2]) < 8:
        return None
    return float(np.abs(cv2.Laplacian(luma(np.ascontiguousarray(cut)), cv2.CV_32F)).mean())


def still_mouth(frame: ByteArray, points: FloatArray) -> ByteArray:
    """The mouth, laid still by the eyes and the nose: (STILL_MOUTH_PX, STILL_MOUTH_PX, 3)."""
    side = float(STILL_MOUTH_PX)
    target = np.array([[0.12, -0.75], [0.88, -0.75], [0.5, -0.3]]) * side
    matrix = similarity_transform(points[[33, 263, 1], :2], target + np.array([0.0, 0.35 * side]))
    return np.asarray(warp(frame, matrix, (STILL_MOUTH_PX, STILL_MOUTH_PX)), np.uint8)


def compared(
    own: Iterable[ByteArray], dubbed: Iterable[ByteArray], track: FaceTrack, network: IdentityNetwork | None
) -> PictureFigures:
    """The figures of a dubbed film's pictures. track: the face in the film's own frames."""
    observer, lost = PairObserver(track, network), 0
    for index, (first, second) in enumerate(zip_longest(own, dubbed)):
        if first is None or second is None:
            lost += 1 if second is None else -1
            continue
        observer.see(index, first, second)
    return PictureFigures(frames_lost=lost, **observer.figures())
