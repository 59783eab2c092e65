"""The square around a head that LivePortrait's networks see, and how far eyes and lips are open. Nothing here needs torch.

The published program takes its square from the jaw's line and the brows, as 106 or 203 points of other face finders give them;
the points of the Face Landmarker at the same places stand in. Squares are upright: how a head is tilted, the networks read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d

from core.contracts import Face, FloatArray
from core.driving import bridged
from core.timebase import frames_to_seconds
from faces.head_crop import EYES, MOUTH_CORNERS, Crop

#: The jaw from temple to temple by the chin, and the brows' upper edges: what spans the square.
JAW = (127, 234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454, 356)
BROWS = (70, 63, 105, 66, 107, 336, 296, 334, 293, 300)
OUTLINE = (*JAW, *BROWS)
#: How much larger than that the square is, and by how much of its side it is moved up: of portraits, and of driving films.
PORTRAIT, DRIVER = (2.3, 0.125), (2.2, 0.1)
#: Upper and lower lid, and the corners, of the picture's left eye and of its right one; the same of the lips' inner edges.
LIDS = ((159, 145, 33, 133), (386, 374, 362, 263))
LIPS = (13, 14, *MOUTH_CORNERS)
#: As far as the head may leave its usual place in a shot, in sides of the square, and grow or shrink, before the square follows,
#: and over how long it does so.
FREE_SHARE, FREE_GROWTH, FOLLOW_S = 0.15, 1.25, 0.4
#: Over what time the square of a film whose face is moved follows the head, and beyond what share of its side a head jumps.
STEADIED_S, JUMP_SHARE = 0.08, 0.25
#: What a place lacks where there is no face: middle x, y and the side.
NOWHERE = (np.nan, np.nan, np.nan)


def place_of(face: Face, rule: tuple[float, float]) -> tuple[float, float, float]:
    """The middle (x, y) and the side of the square, in the picture's pixels.

    rule: how much larger than the face it is, and by how much of its side it is moved up along the face.
    """
    larger, up = rule
    points = face.landmarks[:, :2].astype(np.float64)
    eyes = (points[list(EYES[0])].mean(axis=0) + points[list(EYES[1])].mean(axis=0)) / 2
    down = points[list(MOUTH_CORNERS)].mean(axis=0) - eyes
    length = float(np.hypot(*down))
    down = down / length if length > 0 else np.array([0.0, 1.0])
    axes = np.array([[down[1], -down[0]], down])
    outline = points[list(OUTLINE)] @ axes.T
    low, high = outline.min(axis=0), outline.max(axis=0)
    side = larger * float((high - low).max())
    middle = (low + high) / 2 @ axes - up * side * down
    return float(middle[0]), float(middle[1]), side


def crop_at(place: Sequence[float] | FloatArray) -> Crop:
    """The square of a place."""
    x, y, side = (float(value) for value in place)
    return Crop(x - side / 2, y - side / 2, side, side)


def portrait_crop(face: Face) -> Crop:
    """The square of a portrait."""
    return crop_at(place_of(face, PORTRAIT))


def driver_places(faces: Iterable[Face | None], cuts: Iterable[int], fps: float) -> FloatArray:
    """(T, 3) float64, middle and side of a driving film's squares, NaN in shots in which no face is seen.

    A square stands still in its shot, so that the head's motion in it is the head's own; only a head that goes far away from its
    usual place there is followed, slowly.
    """
    sigma = FOLLOW_S / frames_to_seconds(1, fps)
    return shot_by_shot(places_of(faces, DRIVER), cuts, lambda places: steady(places, sigma))


def film_places(faces: Iterable[Face | None], fps: float) -> FloatArray:
    """(T, 3) float64, the same for a film whose face is to be moved: squares go with the head, and don't tremble.

    Where a head jumps from one frame to the next, another shot begins.
    """
    places = places_of(faces, PORTRAIT)
    sigma = STEADIED_S / frames_to_seconds(1, fps)
    seen = np.flatnonzero(np.isfinite(places[:, 0]))
    before, after = places[seen[:-1]], places[seen[1:]]
    moved = np.hypot(*(after[:, :2] - before[:, :2]).T) > JUMP_SHARE * before[:, 2]
    grown = np.abs(np.log(after[:, 2] / before[:, 2])) > np.log(FREE_GROWTH)
    cuts = [int(frame) for frame in seen[1:][moved | grown]]
    return shot_by_shot(places, cuts, lambda shot: gaussian_filter1d(shot, sigma, axis=0, mode="nearest"))


def places_of(faces: Iterable[Face | None], rule: tuple[float, float]) -> FloatArray:
    """(T, 3) the place in each frame, NaN where there is no face."""
    return np.array([NOWHERE if face is None else place_of(face, rule) for face in faces], np.float64).reshape(-1, 3)


def shot_by_shot(places: FloatArray, cuts: Iterable[int], smoothed: Callable[[FloatArray], FloatArray]) -> FloatArray:
    """Places (T, 3) bridged where there is no face, and smoothed, within each shot that has one anywhere."""
    whole = np.full(places.shape, np.nan)
    for start, stop in pairwise(sorted({0, *(int(cut) for cut in cuts), len(places)})):
        shot = places[start:stop]
        seen = np.isfinite(shot[:, 0])
        if seen.any():
            whole[start:stop] = smoothed(bridged(shot, seen))
    return whole


def steady(places: FloatArray, sigma: float) -> FloatArray:
    """The places (T, 3) of one shot, standing as long as the head stays near; sigma: of following it, in frames."""
    usual = np.median(places, axis=0)
    away, free = places[:, :2] - usual[:2], FREE_SHARE * usual[2]
    growth = np.log(places[:, 2] / usual[2])
    beyond = np.column_stack([away - away.clip(-free, free), growth - growth.clip(-np.log(FREE_GROWTH), np.log(FREE_GROWTH))])
    followed = gaussian_filter1d(beyond, sigma, axis=0, mode="nearest")
    return np.column_stack([usual[:2] + followed[:, :2], usual[2] * np.exp(followed[:, 2])])


def eyes_open(face: Face) -> tuple[float, float]:
    """How far the picture's left eye and its right one are open: their height as a share of their width."""
    left, right = (openness(face, lids) for lids in LIDS)
    return left, right


def lips_open(face: Face) -> float:
    """How far the lips are open: the gap between them as a share of the mouth's width."""
    return openness(face, LIPS)


def openness(face: Face, points: Sequence[int]) -> float:
    """The distance of the first two points as a share of that of the next two."""
    above, below, one, other = face.landmarks[list(points), :2].astype(np.float64)
    return float(np.hypot(*(above - below)) / (np.hypot(*(one - other)) + 1e-6))
