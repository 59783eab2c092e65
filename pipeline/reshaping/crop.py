"""Where a film is cut so that its face stays in the picture: still where that goes, else moved slowly.

The head is the face's box with what belongs to it above, below and beside. Where the part that the shape asks for is narrower
than the head, more is taken, and a ground must fill what is left of the shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from media.reshape_args import Reshape

Box = tuple[float, float, float, float]
#: What a head has beyond the box of its landmarks, which reaches from the hairline to the chin: to either side and above, hair,
#: below, a little neck; in widths and heights of the box.
BESIDE, ABOVE, BELOW = 0.32, 0.55, 0.18
#: Of the room above and below a head that is left in a part that is cut lower, so much is above.
ABOVE_SHARE = 0.35
#: A part that has to move follows the head's place over so many seconds, and stands still for ways under this part of its length.
SLOW_S, LEAST_WAY = 2.0, 0.02


@dataclass(frozen=True)
class SeenHead:
    """A head at a moment: second of the film, and (left, top, right, bottom) in its pixels, clipped to the picture."""

    at_s: float
    box: Box


def head_of(face: Box, size: tuple[int, int]) -> Box:
    """The box of a head by that of its face."""
    left, top, right, bottom = face
    wide, high = right - left, bottom - top
    head = (left - BESIDE * wide, top - ABOVE * high, right + BESIDE * wide, bottom + BELOW * high)
    width, height = size
    return max(0.0, head[0]), max(0.0, head[1]), min(float(width), head[2]), min(float(height), head[3])


def cut(size: tuple[int, int], aspect: float | None, short_px: int, heads: Sequence[SeenHead]) -> Reshape:
    """What is cut out of a film of this size (width, height) for a picture of that width over height, and how large it becomes.

    aspect: None for the film's own shape. short_px: the new film's shorter side. heads: where the head is, in the order of time;
    the middle of the picture is shown where none was seen.
    """
    width, height = size
    shape = width / height if aspect is None else aspect
    new = (even(short_px * max(1.0, shape)), even(short_px * max(1.0, 1 / shape)))
    if aspect is None:
        return Reshape(size, [(0.0, 0.0)], [(0.0, 0.0)], new, new)
    across = [(head.at_s, head.box[0], head.box[2]) for head in heads]
    down = [(head.at_s, head.box[1], head.box[3]) for head in heads]
    part_width, left = placed(width, min(width, height * aspect), across, 0.5)
    part_height, top = placed(height, min(height, width / aspect), down, ABOVE_SHARE)
    return Reshape((part_width, part_height), left, top, new, fitted((part_width, part_height), new))


def placed(
    whole: int, least: float, spans: Sequence[tuple[float, float, float]], share: float
) -> tuple[int, list[tuple[float, float]]]:
    """How long the part is along one side of the picture, and where it begins over time.

    whole: length of that side. least: what the shape asks for. spans: (second, begin, end) of the head along it. share: of what
    the part has more than the head, so much lies before it. Where the head moves more quickly than the part follows it slowly,
    the part is dragged along, so that no head leaves it.
    """
    if not spans:
        length = even(least)
        return length, [(0.0, (whole - length) / 2)]
    widest = float(np.percentile([end - begin for _, begin, end in spans], 95))
    length = min(even(whole), even(max(least, widest)))
    first, last = min(begin for _, begin, _ in spans), max(end for _, _, end in spans)
    if last - first <= length or length >= whole - 1:
        return length, [(0.0, within(first - share * (length - (last - first)), whole - length))]
    times = np.array([at_s for at_s, _, _ in spans])
    wanted = np.array([begin - share * (length - (end - begin)) for _, begin, end in spans])
    begins, ends = (np.array(each) for each in zip(*((begin, end) for _, begin, end in spans), strict=True))
    inside = np.clip(slowly(times, wanted), np.minimum(ends - length, begins), np.maximum(ends - length, begins))
    return length, simple_path(times, np.clip(inside, 0, whole - length), LEAST_WAY * length)


def slowly(times_s: np.ndarray, places: np.ndarray) -> np.ndarray:
    """Places (N,) at times (N,), each the mean of those around it, the nearer the more (a Gaussian of `SLOW_S`)."""
    weights = np.exp(-0.5 * ((times_s[:, None] - times_s[None, :]) / SLOW_S) ** 2)
    return np.asarray((weights @ places) / weights.sum(axis=1))


def simple_path(times_s: np.ndarray, places: np.ndarray, least: float) -> list[tuple[float, float]]:
    """The moments at which the way changes by more than `least`; between them a part stands still or moves evenly."""
    path = [(0.0, float(places[0]))]
    for before_s, at_s, place in zip(times_s, times_s[1:], places[1:], strict=False):
        if abs(place - path[-1][1]) > least:
            if before_s > path[-1][0]:
                path.append((float(before_s), path[-1][1]))  # until then it stood still
            path.append((float(at_s), float(place)))
    return path


def fitted(part: tuple[int, int], size: tuple[int, int]) -> tuple[int, int]:
    """How large the part stands in a picture of this size, as a whole; a pixel or two that lack are filled by it."""
    scale = min(size[0] / part[0], size[1] / part[1])
    inner = even(part[0] * scale), even(part[1] * scale)
    return (
        size[0] if size[0] - inner[0] <= 0.01 * size[0] else inner[0],
        size[1] if size[1] - inner[1] <= 0.01 * size[1] else inner[1],
    )


def within(place: float, most: float) -> float:
    """The place, where it is from 0 to `most`, or the nearer of these."""
    return min(max(0.0, place), max(0.0, most))


def even(length: float) -> int:
    """The nearest even number of pixels, at least 2."""
    return max(2, 2 * round(length / 2))
