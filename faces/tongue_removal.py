"""Takes a tongue that lies over the lower lip out of a picture: skin grows over it, and a lip is painted where its landmarks are.

The tongue is told by its tint, or where it has about the skin's, by its difference from the skin at both sides of the mouth. What
it covers is filled by the membrane that its border spans (Laplace's equation), with the skin's own grain. The lip's colours are
those of the upper lip; where hair hides that one, those of the skin made lip-like. Inside of the mouth comes the dark, of which
the film shows nothing: it shuts the mouth, and paints its own inside.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.linalg import spsolve

from core.contracts import ByteArray, Face, FloatArray

BoolArray = npt.NDArray[np.bool_]

#: Landmarks from the picture's left to its right: outer and inner border of the upper lip, inner and outer one of the lower.
_OUTER_UPPER = (61, 185, 40, 39, 37, 0, 267, 269, 270, 409, 291)
_INNER_UPPER = (78, 191, 80, 81, 82, 13, 312, 311, 310, 415, 308)
_INNER_LOWER = (78, 95, 88, 178, 87, 14, 317, 402, 318, 324, 308)
_OUTER_LOWER = (61, 146, 91, 181, 84, 17, 314, 405, 321, 375, 291)
#: The face's edge from ear to ear by way of the chin.
_JAW = (234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454)
_EYE_CORNERS, _CORNERS, _CHIN = (33, 263), (61, 291), 152
#: Largest distance of the eyes' corners, in pixels, at which the work is done; larger faces are made smaller for it.
WORK_SPAN_PX = 192.0
#: A lower lip of fewer pixels is too small to be told from a tongue.
LEAST_LIP_PX = 8
#: How far a pixel under the lip may be from the skin at its sides, in levels of 255: at least, and in spreads of that skin.
LEAST_FOREIGN, FOREIGN_SPREADS = 14.0, 3.0
#: Difference of red and blue against green, in logarithms, by which a tongue's tint is told from the skin's.
LEAST_TINT = 0.12
#: The same of what hangs over the face's edge against what is beside it: at least; and, without a tint, against the tongue over
#: the edge: at most.
BESIDE, ALIKE = 24.0, 40.0
#: Red, green and blue of a lower lip in parts of those of the upper lip; medians of 196 photos.
LOWER_TO_UPPER = np.array([1.21, 1.39, 1.47])
#: Red, green and blue of a lower lip in parts of the chin's: usual, where the upper lip is not seen, and what is believed of one.
USUAL, PALEST, DARKEST = np.array([0.98, 0.72, 0.82]), np.array([1.1, 0.88, 1.0]), np.array([0.55, 0.22, 0.28])


@dataclass(frozen=True)
class _Patch:
    """The mouth and chin, cut out upright and brought to a working size: what is changed is blended back into the picture.

    image: (h, w, 3) float32. points: (478, 2) in the patch. to_patch: (2, 3), from the picture. span: pixels from eye to eye.
    """

    image: FloatArray
    points: FloatArray
    to_patch: npt.NDArray[np.float64]
    span: float


def without_tongue(image: ByteArray, face: Face) -> ByteArray:
    """The picture (H, W, 3) with a lower lip and skin where the tongue of `face` was; its landmarks stay right."""
    span = float(np.linalg.norm(face.landmarks[_EYE_CORNERS[1], :2] - face.landmarks[_EYE_CORNERS[0], :2]))
    patch = _cut(image, face.landmarks[:, :2].astype(np.float64), span, min(1.0, WORK_SPAN_PX / span))
    lip, inside = _area(patch, _INNER_LOWER, _OUTER_LOWER), _area(patch, _INNER_UPPER, _INNER_LOWER)
    if lip.sum() < LEAST_LIP_PX:
        return image
    skin, foreign = _foreign(patch)
    tongue = _tongue(patch, skin, foreign, lip, inside)
    reach = max(2, round(0.07 * patch.span))
    skin_hole = cv2.dilate((tongue | lip).astype(np.uint8), np.ones((2 * reach + 1, 2 * reach + 1), np.uint8)) > 0
    skin_hole &= ~_above(patch)
    mended = _membrane(patch.image, skin_hole | inside, _face(patch) | ~foreign)
    mended = mended + _grain(patch, mended.shape)
    mended = _with_lip(patch, mended, lip, inside)
    soft = cv2.GaussianBlur(skin_hole.astype(np.float32), (0, 0), 0.025 * patch.span)
    changed = np.maximum(soft, cv2.GaussianBlur((inside | lip).astype(np.float32), (0, 0), 0.6))
    return _put_back(image, patch, mended, changed)


def _cut(image: ByteArray, points: FloatArray, span: float, scale: float) -> _Patch:
    """Mouth and chin, upright, at `scale` of the picture's size."""
    across = (points[_EYE_CORNERS[1]] - points[_EYE_CORNERS[0]]) / span
    down = np.array([-across[1], across[0]])
    middle = (points[_INNER_UPPER[5]] + points[_INNER_LOWER[5]]) / 2
    deep = max(float((points[_CHIN] - middle) @ down), 0.5 * span) + 0.15 * span
    wide, high = 0.8 * span, 0.35 * span
    size = (round(2 * wide * scale), round((high + deep) * scale))
    turn = scale * np.stack([across, down])
    to_patch = np.concatenate([turn, (np.array([wide, high]) * scale - turn @ middle)[:, None]], axis=1)
    pixels = cv2.warpAffine(
        image, to_patch, size, flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    placed = points @ to_patch[:, :2].T + to_patch[:, 2]
    return _Patch(pixels.astype(np.float32), placed, to_patch, span * scale)


def _area(patch: _Patch, upper: tuple[int, ...], lower: tuple[int, ...]) -> BoolArray:
    """What lies between two lines of landmarks (h, w)."""
    outline = np.concatenate([patch.points[list(upper)], patch.points[list(lower)][::-1]])
    return _filled(patch, outline)


def _filled(patch: _Patch, outline: FloatArray) -> BoolArray:
    mask = np.zeros(patch.image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 1)
    return np.asarray(mask > 0)


def _above(patch: _Patch) -> BoolArray:
    """The upper lip and all over the line between the mouth's corners and along the upper lip."""
    width = patch.image.shape[1]
    line = patch.points[[61, *_INNER_UPPER, 291]]
    left, right = [[-1.0, line[0, 1]], [-1.0, -1.0]], [[width, -1.0], [width, line[-1, 1]]]
    return _filled(patch, np.concatenate([line, np.array(right)[::-1], np.array(left)[::-1]]))


def _foreign(patch: _Patch) -> tuple[FloatArray, BoolArray]:
    """The skin (h, w, 3) that is expected between both sides of the mouth, and what differs from it (h, w)."""
    width = patch.image.shape[1]
    soft = _softened(patch)
    left, right = _sides(patch)
    face, reach = _face(patch), max(2, round(0.06 * patch.span))
    ends = []
    for at in (left, right):
        end = np.median(soft[:, max(0, at - reach) : at + reach], axis=1)
        on_face = np.flatnonzero(face[:, at])  # further down it is neck, hair or ground: there the last skin goes on
        last = int(on_face[-1]) if len(on_face) else len(end) - 1
        end[last:] = end[max(0, last - reach) : last + 1].mean(axis=0)
        ends.append(cv2.GaussianBlur(np.asarray(end[:, None], np.float32), (0, 0), 0.08 * patch.span)[:, 0])
    across = ((np.arange(width) - left) / max(right - left, 1)).clip(0, 1)[None, :, None].astype(np.float32)
    skin = ends[0][:, None] * (1 - across) + ends[1][:, None] * across
    gap = np.abs(soft - skin).max(axis=2)
    spread = float(np.median(gap[:, [left, right]][face[:, [left, right]]])) if face[:, [left, right]].any() else 0.0
    return skin, np.asarray(gap > max(LEAST_FOREIGN, FOREIGN_SPREADS * spread))


def _sides(patch: _Patch) -> tuple[int, int]:
    """Columns a little outside of the mouth's corners."""
    width, out = patch.image.shape[1], round(0.05 * patch.span)
    left = int(np.clip(round(patch.points[_CORNERS[0], 0]) - out, 2, width - 4))
    return left, int(np.clip(round(patch.points[_CORNERS[1], 0]) + out, left + 1, width - 3))


def _face(patch: _Patch) -> BoolArray:
    """The face under the ears, a little inside of its edge (h, w)."""
    knob = max(1, round(0.05 * patch.span))
    face = _filled(patch, patch.points[list(_JAW)])
    return np.asarray(cv2.erode(face.astype(np.uint8), np.ones((2 * knob + 1, 2 * knob + 1), np.uint8)) > 0)


def _tongue(patch: _Patch, skin: FloatArray, foreign: BoolArray, lip: BoolArray, inside: BoolArray) -> BoolArray:
    """What is no skin under the lip and hangs together with the mouth (h, w)."""
    left, right = _sides(patch)
    below = _face(patch)
    below[:, :left] = below[:, right:] = False
    below &= ~_above(patch)
    knob = max(1, round(0.02 * patch.span))
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * knob + 1, 2 * knob + 1))
    tinted = _of_its_tint(patch, skin, lip)
    found = (below & (foreign if tinted is None else tinted)) | lip | inside
    found = cv2.morphologyEx(found.astype(np.uint8), cv2.MORPH_OPEN, disc) > 0
    whole = _joined(found | lip | inside, lip) & below
    return whole | _hanging(patch, whole, below, tinted)


def _of_its_tint(patch: _Patch, skin: FloatArray, lip: BoolArray) -> BoolArray | None:
    """What is nearer to the tongue's tint than to the skin's, in any light (h, w); None where they have about the same."""
    seen, expected = (np.log((each[..., ::2] + 12) / (each[..., 1:2] + 12)) for each in (_softened(patch), skin))
    left, right = _sides(patch)
    core = lip.copy()  # where the tongue is most likely, and not what the sides show of the lip itself
    core[:, : left + (right - left) // 3] = core[:, right - (right - left) // 3 :] = False
    way = np.median((seen - expected)[core if core.any() else lip], axis=0)
    if np.linalg.norm(way) < LEAST_TINT:
        return None
    return np.asarray((seen - expected) @ way > 0.35 * (way @ way))


def _softened(patch: _Patch) -> FloatArray:
    return cv2.GaussianBlur(patch.image, (0, 0), 0.012 * patch.span)


def _hanging(patch: _Patch, tongue: BoolArray, face: BoolArray, tinted: BoolArray | None) -> BoolArray:
    """What of the tongue hangs over the face's edge (h, w): it goes on in its columns, and differs from both sides."""
    over_edge = tongue & ~np.roll(face, -3, axis=0)
    columns, rows = (np.flatnonzero(over_edge.any(axis=axis)) for axis in (0, 1))
    zone = np.zeros_like(tongue)
    if len(columns) < 3:
        return zone
    first, last, far = max(1, columns[0] - 2), min(tongue.shape[1] - 2, columns[-1] + 3), round(0.12 * patch.span)
    soft = _softened(patch)
    zone[:, first:last] = True
    for beside in (soft[:, max(0, first - far) : first], soft[:, last : last + far]):
        zone &= np.abs(soft - np.median(beside, axis=1)[:, None]).max(axis=2) > BESIDE
    zone[rows[-1] + round(0.25 * patch.span) :] = False
    if tinted is not None:
        zone &= tinted
    else:
        colour = np.median(soft[tongue & ~np.roll(face, -round(0.1 * patch.span), axis=0)], axis=0)
        zone &= np.abs(soft - colour).max(axis=2) < ALIKE
    return _joined(tongue | (zone & ~face & ~_above(patch)), tongue)


def _joined(areas: BoolArray, start: BoolArray) -> BoolArray:
    """Those of the areas (h, w) that hang together with `start`, without holes: a highlight is tongue as well."""
    _, labels = cv2.connectedComponents(areas.astype(np.uint8))
    chosen = np.isin(labels, np.unique(labels[start & (labels > 0)]))
    outlines, _ = cv2.findContours(chosen.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = np.zeros(areas.shape, np.uint8)
    cv2.drawContours(whole, outlines, -1, 1, cv2.FILLED)
    return np.asarray(whole > 0)


def _membrane(image: FloatArray, hole: BoolArray, skin: BoolArray) -> FloatArray:
    """The picture (h, w, 3) with the hole (h, w) filled smoothly from the skin (h, w) at its sides and under it."""
    height, width = hole.shape
    number = np.full(hole.shape, -1)
    number[hole] = np.arange(int(hole.sum()))
    rows, columns = np.nonzero(hole)
    mine = number[hole]
    degree, known = np.zeros(len(mine)), np.zeros((len(mine), 3))
    first, second = [], []
    for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        y, x = rows + dy, columns + dx
        there = (y >= 0) & (y < height) & (x >= 0) & (x < width)
        # Nothing runs down from the upper lip, nor in from a shadow, the neck or the ground.
        there[there] &= hole[y[there], x[there]] | ((dy >= 0) & skin[y[there], x[there]])
        other = np.full(len(mine), -1)
        other[there] = number[y[there], x[there]]
        degree += there
        free = other >= 0
        first.append(mine[free])
        second.append(other[free])
        fixed = there & ~free
        known[fixed] += image[y[fixed], x[fixed]]
    between = sparse.coo_matrix(
        (np.full(sum(map(len, first)), -1.0), (np.concatenate(first), np.concatenate(second))), (len(mine),) * 2
    )
    filled = image.copy()
    filled[hole] = spsolve((between + sparse.diags(np.maximum(degree, 1e-6))).tocsc(), known)
    return filled


def _grain(patch: _Patch, shape: tuple[int, ...]) -> FloatArray:
    """Noise (h, w, 1) as rough as the skin beside the mouth; always the same."""
    grey = patch.image.mean(axis=2)
    rough = grey - cv2.GaussianBlur(grey, (0, 0), 1.5)
    side = [rough[:, : max(2, round(0.2 * patch.span))], rough[:, -max(2, round(0.2 * patch.span)) :]]
    strength = min(float(np.median([np.median(np.abs(each)) for each in side])) * 1.48, 6.0)
    noise = cv2.GaussianBlur(np.random.default_rng(1).normal(size=shape[:2]).astype(np.float32), (0, 0), 0.7)
    return np.asarray(strength * noise / max(float(noise.std()), 1e-6))[..., None]


def _with_lip(patch: _Patch, skin: FloatArray, lip: BoolArray, inside: BoolArray) -> FloatArray:
    """Lower lip, its shadow on the skin, and the dark between the lips painted onto the mended skin (h, w, 3)."""
    inner, outer = patch.points[list(_INNER_LOWER)], patch.points[list(_OUTER_LOWER)]
    thick = max(float(np.linalg.norm(outer[5] - inner[5])), 1.0)
    from_inner = cv2.distanceTransform((~_line(patch, inner)).astype(np.uint8), cv2.DIST_L2, 3)
    depth = np.clip(from_inner / thick, 0, 1)[..., None]
    colour = _lip_light(patch, skin)
    light = 1.0 + 0.10 * np.exp(-(((depth - 0.35) / 0.25) ** 2)) - 0.14 * np.exp(-((depth / 0.12) ** 2)) - 0.05 * depth**2
    soft = max(0.6, 0.016 * patch.span)
    cover = cv2.GaussianBlur(lip.astype(np.float32), (0, 0), soft)[..., None]
    shade_below = cv2.GaussianBlur(np.roll(lip.astype(np.float32), round(0.035 * patch.span), axis=0), (0, 0), 0.035 * patch.span)
    painted = skin * (1 - 0.16 * shade_below[..., None])
    painted = painted * (1 - cover) + skin * colour * light * cover
    dark = cv2.GaussianBlur(inside.astype(np.float32), (0, 0), 0.6)[..., None]
    inner_mouth = np.full(3, 0.13) if _is_grey(patch) else np.array([0.20, 0.10, 0.10])
    return np.asarray(painted * (1 - dark) + skin * inner_mouth * dark, np.float32)


def _lip_light(patch: _Patch, skin: FloatArray) -> FloatArray:
    """Part (3,) of the skin's red, green and blue that the lower lip gives back: what the upper lip does, if that is a lip."""
    upper = _area(patch, _OUTER_UPPER, _INNER_UPPER)
    chin = skin[_area(patch, _INNER_LOWER, _OUTER_LOWER)]
    if upper.sum() < 8 or not len(chin):
        return USUAL
    seen = LOWER_TO_UPPER * np.median(patch.image[upper], axis=0) / np.maximum(np.median(chin, axis=0), 1)
    colourless = _is_grey(patch)
    rough = float(np.std(patch.image[upper].mean(axis=1))) > 0.2 * float(chin.mean())  # hair
    usual = np.full(3, 0.75) if colourless else USUAL
    if rough:
        return usual
    if colourless:
        return np.full(3, float(np.clip(seen.mean(), 0.5, 0.9)))
    return np.asarray(np.clip(0.7 * seen + 0.3 * usual, DARKEST, PALEST))


def _is_grey(patch: _Patch) -> bool:
    return bool(np.median(np.ptp(patch.image, axis=2)) < 4.0)


def _line(patch: _Patch, points: FloatArray) -> BoolArray:
    mask = np.zeros(patch.image.shape[:2], np.uint8)
    cv2.polylines(mask, [np.rint(points).astype(np.int32)], False, 1)
    return np.asarray(mask > 0)


def _put_back(image: ByteArray, patch: _Patch, mended: FloatArray, weight: FloatArray) -> ByteArray:
    """The picture with the patch (h, w, 3) where the weight (h, w) says so."""
    size, flags = (image.shape[1], image.shape[0]), cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    new = cv2.warpAffine(mended, patch.to_patch, size, flags=flags)
    share = cv2.warpAffine(weight, patch.to_patch, size, flags=flags)[..., None]
    return np.clip(np.rint(image * (1 - share) + new * share), 0, 255).astype(np.uint8)
