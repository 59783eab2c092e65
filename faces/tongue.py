"""Tells whether a tongue lies over the lower lip, which the networks of faces don't say (their `tongueOut` is always 0).

The landmarks of such a mouth lie as if the lip were there, over the tongue. So the picture is asked along them: a tongue goes on
from the mouth's inside over the lip in one colour, without the lip's edge; and it has sides, where lightness or redness change
in the middle of the lip and under it, while a lip changes only toward its corners.

The weights were fitted (logistic regression) to 53 tongues, of two photos and one painted, put onto the faces of 126 tuning
pictures, against those pictures and the frames of ten films of people who talk and pull faces. `benchmarks/tongues.py` measures.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, Face, FloatArray

#: Landmarks from the picture's left to its right: inner and outer border of the upper lip, of the lower lip.
_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
_CHEEKS = (50, 280, 101, 330, 36, 266)
_EYE_CORNERS = (33, 263)
#: Columns along the mouth; rows inside, on the lower lip and under it, and how far down those go, in eye distances.
_COLUMNS, _INSIDE, _LIP, _UNDER, _UNDER_REACH = 21, 8, 8, 5, 0.15
#: Columns of the middle third.
_MIDDLE = slice(7, 14)
#: A mouth that is less open, in eye distances, shows no tongue; nor does one whose inside and lip differ by more, or whose
#: inside is darker against the cheeks.
LEAST_OPEN, MOST_APART, DARKEST = 0.05, 0.32, -1.0
#: From this on there is a tongue. Pictures without one measured 0.5 and less, those of people who stick it out 1.0 to 5.3.
TONGUE_FROM = 0.8


@dataclass(frozen=True)
class MouthColours:
    """Lightness and redness (rows, columns) along the mouth, in logarithms against the cheeks; redness counts 1.6 times."""

    inside: FloatArray
    lip: FloatArray
    under: FloatArray


def tongue_evidence(image: ByteArray, face: Face) -> float:
    """How much speaks for a tongue over the lower lip of `face` in `image` (H, W, 3); from `TONGUE_FROM` on there is one."""
    points = face.landmarks[:, :2].astype(np.float64)
    span = float(np.linalg.norm(points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]))
    if span < 1.0 or np.linalg.norm(points[14] - points[13]) < LEAST_OPEN * span:
        return -np.inf
    seen = mouth_colours(image, points, span)
    inside = _median(seen.inside[4:])
    apart = float(np.linalg.norm(inside - _median(seen.lip[1:6])))
    if apart > MOST_APART or inside[0] < DARKEST:
        return -np.inf
    down = np.median(np.concatenate([seen.inside, seen.lip])[:, _MIDDLE], axis=1)
    edge = float(np.linalg.norm(np.diff(down[4:13], axis=0), axis=1).max())
    lighter, redder = _steps_across(seen.lip[1:7])
    _, redder_under = _steps_across(seen.under)
    return -2.89 + 9.47 * lighter + 13.48 * redder + 16.5 * redder_under - 5.92 * edge - 7.04 * apart


def has_tongue(image: ByteArray, face: Face) -> bool:
    """Whether a tongue lies over the lower lip of a person's `face` in `image` (H, W, 3)."""
    return face.human and tongue_evidence(image, face) >= TONGUE_FROM


def mouth_colours(image: ByteArray, points: FloatArray, span: float) -> MouthColours:
    """The colours along a mouth with landmarks `points` (478, 2), of a face whose eyes' corners are `span` pixels apart."""
    upper, lower, outer = (_along(points[list(ids)]) for ids in (_INNER_UPPER, _INNER_LOWER, _OUTER_LOWER))
    across = (points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]) / span
    down = np.array([-across[1], across[0]]) * span
    inside, lip = ((np.arange(rows) + 0.5)[:, None, None] / rows for rows in (_INSIDE, _LIP))
    under = _UNDER_REACH * (np.arange(_UNDER) + 0.5)[:, None, None] / _UNDER
    places = np.concatenate([upper + (lower - upper) * inside, lower + (outer - lower) * lip, outer + down * under])
    seen = _against_cheeks(image, places, points, span)
    return MouthColours(seen[:_INSIDE], seen[_INSIDE : _INSIDE + _LIP], seen[_INSIDE + _LIP :])


def _against_cheeks(image: ByteArray, places: FloatArray, points: FloatArray, span: float) -> FloatArray:
    """Lightness and redness of the picture at `places` (rows, columns, 2) against the cheeks, (rows, columns, 2)."""
    low = np.floor(places.reshape(-1, 2).min(axis=0) - 4).astype(int).clip(0)
    high = np.ceil(places.reshape(-1, 2).max(axis=0) + 5).astype(int)
    part = image[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)]
    if part.size == 0:
        return np.zeros((*places.shape[:2], 2), np.float32)
    soft = cv2.GaussianBlur(part.astype(np.float32), (0, 0), max(0.4, 0.008 * span))
    colours = cv2.remap(soft, (places - low).astype(np.float32), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    ratio = np.log((colours + 12) / (_cheeks(image, points, span) + 12))
    lightness = ratio @ np.array([0.3, 0.59, 0.11], np.float32)
    return np.stack([lightness, 1.6 * (ratio[..., 0] - (ratio[..., 1] + ratio[..., 2]) / 2)], axis=-1)


def _cheeks(image: ByteArray, points: FloatArray, span: float) -> FloatArray:
    """The middle colour (3,) of the cheeks."""
    height, width = image.shape[:2]
    reach, patches = max(1, round(0.03 * span)), []
    for x, y in points[list(_CHEEKS)]:
        column, row = (int(np.clip(round(at), reach, max(side - reach - 1, reach))) for at, side in ((x, width), (y, height)))
        patches.append(image[row - reach : row + reach + 1, column - reach : column + reach + 1].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(patches), axis=0), np.float32)


def _along(line: FloatArray) -> FloatArray:
    """Places (_COLUMNS, 2) at equal distances along a line (n, 2), without the four nearest to its ends."""
    apart = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.linspace(0, apart[-1], _COLUMNS + 4)[2:-2]
    return np.stack([np.interp(at, apart, line[:, k]) for k in range(2)], axis=1)


def _median(rows: FloatArray) -> FloatArray:
    """Lightness and redness (2,) in the middle columns of some rows."""
    return np.asarray(np.median(rows[:, _MIDDLE].reshape(-1, 2), axis=0))


def _steps_across(rows: FloatArray) -> tuple[float, float]:
    """The largest change from a column to the next, of lightness and of redness, of the rows' median."""
    steps = np.abs(np.diff(np.median(rows, axis=0), axis=0)).max(axis=0)
    return float(steps[0]), float(steps[1] / 1.6)
