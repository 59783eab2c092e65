"""Where in a picture faces may be: the detector over the whole, then over ever smaller tiles, then with the picture turned."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.mediapipe_tasks import Detection, Detector

#: Tiles have the picture's longer side divided by this, and overlap by half.
TILE_DIVISORS = (1, 2, 4, 8)
#: No tile is smaller, in pixels: a face that the detector finds in it would have too few.
SMALLEST_TILE_PX = 192
#: Two boxes are one face if they share more than this part of the smaller one.
SAME_FACE_SHARE = 0.5


def tile_sides(width: int, height: int) -> list[int]:
    """Sides of the tiles in pixels, from the whole picture to the smallest."""
    longer = max(width, height)
    return [longer] + [longer // part for part in TILE_DIVISORS[1:] if longer // part >= SMALLEST_TILE_PX]


def tiles(width: int, height: int, side: int) -> Iterator[tuple[int, int, int, int]]:
    """Tiles (left, top, right, bottom) of that side that cover the picture and overlap by half."""
    for top in starts(height, side):
        for left in starts(width, side):
            yield left, top, min(width, left + side), min(height, top + side)


def starts(length: int, side: int) -> list[int]:
    """Where the tiles begin along one axis."""
    if length <= side:
        return [0]
    steps = -(-2 * (length - side) // side)
    return [round(step * (length - side) / steps) for step in range(steps + 1)]


def search_tiles(image: ByteArray, side: int, detector: Detector) -> list[Detection]:
    """Detections in tiles of that side, in the picture's pixels, best first, each face once."""
    found = []
    for left, top, right, bottom in tiles(image.shape[1], image.shape[0], side):
        found += [moved(one, left, top) for one in detector.detect(image[top:bottom, left:right])]
    return distinct(found)


def moved(detection: Detection, left: float, top: float) -> Detection:
    """The detection in the pixels of a picture in which its own lies at (left, top)."""
    box = detection.box
    edges = (box[0] + left, box[1] + top, box[2] + left, box[3] + top)
    return replace(detection, box=edges, points=detection.points + np.array([left, top], np.float32))


def search_turned(image: ByteArray, quarters: int, detector: Detector) -> list[Detection]:
    """Detections in the picture turned by so many quarters to the left, in the pixels of the picture as it is."""
    height, width = image.shape[:2]
    found = detector.detect(np.ascontiguousarray(np.rot90(image, quarters)))
    return distinct([unturned(one, quarters, width, height) for one in found])


def unturned(detection: Detection, quarters: int, width: int, height: int) -> Detection:
    """A detection made in a picture of that size turned by `quarters` to the left, in the pixels of the upright one."""
    left, top, right, bottom = detection.box
    corners = turn_back(np.array([(left, top), (right, bottom)], np.float32), quarters, width, height)
    low, high = corners.min(axis=0), corners.max(axis=0)
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return replace(detection, box=box, points=turn_back(detection.points, quarters, width, height))


def turn_back(points: FloatArray, quarters: int, width: int, height: int) -> FloatArray:
    """Points (n, 2) of the turned picture in the upright one of that size."""
    x, y = points[:, 0], points[:, 1]
    turned = {1: (width - y, x), 2: (width - x, height - y), 3: (y, height - x)}[quarters]
    return np.stack(turned, axis=1).astype(np.float32)


def distinct(found: Iterable[Detection], known: Iterable[Detection] = ()) -> list[Detection]:
    """The detections, best first, without those that overlap a better one or one that is `known`."""
    kept: list[Detection] = []
    for one in sorted(found, key=lambda detection: -detection.score):
        if all(shared_part(one.box, other.box) < SAME_FACE_SHARE for other in (*known, *kept)):
            kept.append(one)
    return kept


def shared_part(first: tuple[float, float, float, float], second: tuple[float, float, float, float]) -> float:
    """Area that two boxes share, as a part of the smaller one."""
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    smaller = min((box[2] - box[0]) * (box[3] - box[1]) for box in (first, second))
    return max(0.0, width) * max(0.0, height) / smaller if smaller > 0 else 0.0
