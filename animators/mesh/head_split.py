"""Where the head ends and the body begins: a soft field from the jaw line, the hair's colours and the matte."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from animators.mesh.foreground import blurred
from animators.mesh.matte import BoolArray, colour_likelihood, face_size, oval_mask
from core.contracts import ByteArray, Face, FloatArray
from core.easing import smooth_step
from drawing.masks import dilated, eroded

#: Jaw line from the picture's left (below the ear) over the chin to the right, as Face Landmarker points.
JAW = (132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361)

#: The jaw's border is never sharper than this, or it shows stairs when it moves.
SOFTEST_EDGE_PX = 3.5


@dataclass(frozen=True)
class SplitSettings:
    """Where and how softly the head ends; lengths in face sizes.

    jaw_search: how far from the landmarks the picture's own jaw edge is looked for.
    jaw_margin: how far below that edge the head ends, so that no rim of the chin stays on the neck.
    jaw_feather: width of the soft border along the jaw.
    hair_full: how far below the chin hair still belongs wholly to the head.
    hair_end: how far below the chin the head's share of the hair ends.
    """

    jaw_search: float = 0.05
    jaw_margin: float = 0.012
    jaw_feather: float = 0.014
    hair_full: float = 0.12
    hair_end: float = 0.6


@dataclass(frozen=True)
class HeadAxes:
    """The head's own axes in the picture: `right` and `down` are unit vectors (2,), `size` a face size in pixels."""

    right: FloatArray
    down: FloatArray
    size: float


@dataclass(frozen=True)
class Split:
    """head: (H, W) float32, the head's share in [0, 1]; hidden: (H, W) bool, where the body is not seen and must be made up;
    aside: (H, W) float32, how far beside the jaw, in face sizes (negative under it)."""

    head: FloatArray
    hidden: BoolArray
    aside: FloatArray


def head_axes(face: Face) -> HeadAxes:
    """Axes from the eyes' outer corners and the line from forehead to chin."""
    points = face.landmarks[:, :2].astype(np.float64)
    eyes = points[263] - points[33]
    upright = points[152] - points[10]
    down = upright / np.linalg.norm(upright) + np.array([-eyes[1], eyes[0]]) / np.linalg.norm(eyes)
    down /= np.linalg.norm(down)
    return HeadAxes(np.array([down[1], -down[0]], np.float32), down.astype(np.float32), face_size(face))


def _chaikin(points: FloatArray, rounds: int) -> FloatArray:
    """Round off a polyline's corners (Chaikin's corner cutting), keeping its ends."""
    for _ in range(rounds):
        first, second = points[:-1] * 0.75 + points[1:] * 0.25, points[:-1] * 0.25 + points[1:] * 0.75
        inner = np.stack([first, second], axis=1).reshape(-1, 2)
        points = np.concatenate([points[:1], inner, points[-1:]])
    return points


def _resample(points: FloatArray, count: int) -> FloatArray:
    steps = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    wanted = np.linspace(0, steps[-1], count)
    return np.stack([np.interp(wanted, steps, points[:, axis]) for axis in range(2)], axis=1).astype(np.float32)


def jaw_line(image: ByteArray, face: Face, settings: SplitSettings) -> FloatArray:
    """The jaw's lower edge (N, 2) in pixels: the landmarks' line, drawn to the picture's own edge by dynamic programming."""
    axes = head_axes(face)
    line = _resample(_chaikin(face.landmarks[list(JAW), :2], 3), 96)
    tangent = np.gradient(line, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True) + 1e-9
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal *= np.sign(normal[len(normal) // 2] @ axes.down)
    steps = 21
    offsets = np.linspace(-0.5, 1.0, steps) * settings.jaw_search * axes.size
    positions = (line[:, None] + normal[:, None] * offsets[None, :, None]).astype(np.float32)
    lab = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), max(1.0, 0.008 * axes.size))
    sampled = cv2.remap(lab, positions[..., 0], positions[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    edge = np.linalg.norm(np.gradient(sampled, axis=1), axis=-1)
    edge = np.minimum(edge / (np.percentile(edge, 90) + 1e-6), 1.5)
    unary = -edge + 0.5 * (offsets / (settings.jaw_search * axes.size)) ** 2
    best = _smoothest_path(unary, 0.35)
    shift = cv2.GaussianBlur(offsets[best][:, None].astype(np.float32), (0, 0), 3.0, borderType=cv2.BORDER_REPLICATE)[:, 0]
    return (line + normal * shift[:, None]).astype(np.float32)


def _trim_free_side(line: FloatArray, alpha: FloatArray, axes: HeadAxes) -> FloatArray:
    """Shorten the jaw line at ends beyond which only the scene lies (a turned head's far side): there nothing divides."""
    tangent = np.gradient(line, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=1)
    normal /= np.linalg.norm(normal, axis=1, keepdims=True) + 1e-9
    middle = int((line @ axes.down).argmax())
    normal *= np.sign(normal[middle] @ axes.down)
    outside = (line[:, None] + normal[:, None] * (np.array([0.05, 0.09]) * axes.size)[:, None]).astype(np.float32)
    sampled = cv2.remap(alpha, outside[..., 0], outside[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    person = sampled.min(axis=1) > 0.3
    first, last = 0, len(line) - 1
    while first < middle - 4 and not person[: first + 2].any():
        first += 1
    while last > middle + 4 and not person[last - 1 :].any():
        last -= 1
    return line[first : last + 1]


def _smoothest_path(unary: FloatArray, stiffness: float) -> npt.NDArray[np.int64]:
    """Column index a row with the least sum of `unary` and squared jumps (Viterbi)."""
    rows, columns = unary.shape
    jump = stiffness * (np.arange(columns)[:, None] - np.arange(columns)[None, :]) ** 2
    total = unary[0].copy()
    back = np.zeros((rows, columns), np.int64)
    for row in range(1, rows):
        ways = total[:, None] + jump
        back[row] = ways.argmin(axis=0)
        total = ways.min(axis=0) + unary[row]
    path = np.empty(rows, np.int64)
    path[-1] = total.argmin()
    for row in range(rows - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path


def _smoothstep(value: npt.NDArray[np.floating]) -> FloatArray:
    return smooth_step(value).astype(np.float32)


def _above_jaw(line: FloatArray, face: Face, axes: HeadAxes, shape: tuple[int, int]) -> FloatArray:
    """Signed distance in pixels to the border under the head (> 0 above it): the jaw line, carried on sideways from its ends.

    All of the face's own points lie above it (a turned head's nose stands out beyond the jaw's end).
    """
    far = 4.0 * max(shape)
    left_end, right_end = line[0], line[-1]
    polygon = np.concatenate(
        [
            [left_end - axes.right * far],
            line,
            [right_end + axes.right * far],
            [right_end + axes.right * far - axes.down * far],
            [left_end - axes.right * far - axes.down * far],
        ]
    )
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(polygon * 16).astype(np.int32)], 1, shift=4)
    hull = cv2.convexHull(np.ascontiguousarray(face.landmarks[:, :2], np.float32))
    cv2.fillPoly(mask, [np.rint(hull * 16).astype(np.int32)], 1, shift=4)
    inside = cv2.distanceTransform(mask, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - mask, cv2.DIST_L2, 5)
    return (inside - outside).astype(np.float32)


def _chin(face: Face, shape: tuple[int, int]) -> BoolArray:
    mask = np.zeros(shape, np.uint8)
    points = face.landmarks[[176, 148, 152, 377, 400, 421, 200, 201], :2]
    cv2.fillPoly(mask, [np.rint(points).astype(np.int32)], 1)
    return mask.astype(bool)


def _wears_beard(image: ByteArray, face: Face, hair_density: FloatArray, skin_density: FloatArray) -> bool:
    """Whether the chin is much darker than the cheeks, and of the hair's colours rather than the upper face's."""
    shape = (image.shape[0], image.shape[1])
    chin, cheeks = _chin(face, shape), np.zeros(shape, np.uint8)
    for index in (50, 280, 205, 425):
        middle = (int(face.landmarks[index, 0]), int(face.landmarks[index, 1]))
        cv2.circle(cheeks, middle, max(2, int(0.05 * face_size(face))), 1, -1)
    if not chin.any() or not cheeks.any():
        return False
    light = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)[..., 0].astype(np.float32)
    darker = float(np.median(light[chin]) - np.median(light[cheeks > 0])) < -45
    hairy = float((hair_density[chin] > 2.0 * skin_density[chin]).mean()) > 0.6
    return bool(darker and hairy)


def _calm(share: FloatArray, weight: FloatArray, radius_px: float) -> FloatArray:
    """Turn odds into a region: smooth within the person, decide, drop specks and holes, soften the border a little."""
    decided = blurred(share * weight, radius_px) / (blurred(weight, radius_px) + 1e-4) > 0.5
    reach = int(radius_px)
    region = dilated(eroded(eroded(dilated(decided, reach), reach), reach), reach)
    soft = blurred(region * weight, 0.7 * radius_px) / (blurred(weight, 0.7 * radius_px) + 1e-4)
    return _smoothstep(soft * 1.1 - 0.05).astype(np.float32)


def _hair_share(
    image: ByteArray, face: Face, alpha: FloatArray, above: FloatArray, below: FloatArray, aside: FloatArray, axes: HeadAxes
) -> tuple[FloatArray, FloatArray]:
    """How much each pixel below the border belongs to the head's hair or beard, and how much it looks like skin, in [0, 1]."""
    shape = (image.shape[0], image.shape[1])
    none = np.zeros(shape, np.float32)
    opaque = alpha > 0.9
    around_face = opaque & (above > 0.02 * axes.size) & ~oval_mask(face, shape, 1.06)
    if around_face.sum() < 50:
        return none, none
    upper_face = oval_mask(face, shape, 0.85) & (above > 0.35 * axes.size)
    cloth = opaque & (below > 0.7)
    hair_density = colour_likelihood(image, around_face)
    skin_density = colour_likelihood(image, upper_face)
    bearded = _wears_beard(image, face, hair_density, skin_density)
    if not bearded:
        skin_density = colour_likelihood(image, oval_mask(face, shape, 0.9))
    cloth_density = colour_likelihood(image, cloth) if cloth.sum() > 50 else none
    odds = hair_density / (hair_density + 1.5 * skin_density + 0.4 * cloth_density + 0.3)
    radius_px = max(1.0, 0.015 * axes.size)
    share = _calm(odds, alpha, radius_px)
    if not bearded:
        share = share * _smoothstep((aside + 0.1) / 0.08)
    skinlike = _calm(skin_density / (skin_density + hair_density + 0.3), alpha, 2 * radius_px)
    return _hanging(share, alpha, above, aside, bearded), skinlike


def _hanging(share: FloatArray, alpha: FloatArray, above: FloatArray, aside: FloatArray, bearded: bool) -> FloatArray:
    """Keep hair that hangs together with the head's, at the sides of the jaw (with a beard, under it too)."""
    anchor = (above > 0) & (alpha > 0.3)
    if not bearded:
        anchor &= aside > 0
    _, parts = cv2.connectedComponents(((share > 0.3) & (alpha > 0.3) | anchor).astype(np.uint8))
    kept = np.isin(parts, np.unique(parts[anchor])) & (parts > 0)
    reach = cv2.dilate(kept.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    return np.where(reach, share, 0.0).astype(np.float32)


def _rim_beside_face(head: FloatArray, alpha: FloatArray, axes: HeadAxes) -> FloatArray:
    """What the division leaves of a face's edge before the scene: strips too thin to be a neck go with the head."""
    body = (alpha > 0.04) & (head < 0.98)
    radius = max(2, int(0.05 * axes.size))
    thick = dilated(dilated(eroded(body, radius), radius), radius)
    thin = (body & ~thick & dilated(head > 0.98, radius)).astype(np.uint8)
    rim = cv2.dilate(thin, np.ones((radius | 1, radius | 1), np.uint8)).astype(bool) & ~thick
    return cv2.GaussianBlur(rim.astype(np.float32), (0, 0), 1.0) * rim


def split_head(image: ByteArray, face: Face, alpha: FloatArray, settings: SplitSettings) -> Split:
    """Divide the person (matte `alpha` (H, W) in [0, 1]) into head and body."""
    shape = (image.shape[0], image.shape[1])
    axes = head_axes(face)
    line = _trim_free_side(jaw_line(image, face, settings), alpha, axes)
    above = _above_jaw(line, face, axes, shape) + settings.jaw_margin * axes.size
    rows, columns = np.indices(shape, dtype=np.float32)
    along = columns * axes.down[0] + rows * axes.down[1]
    across = columns * axes.right[0] + rows * axes.right[1]
    chin = float((line @ axes.down).max())
    below = (along - chin) / axes.size
    jaw_across = line @ axes.right
    aside = np.maximum(jaw_across.min() - across, across - jaw_across.max()) / axes.size

    widening = np.clip(aside / 0.15, 0.0, 1.0)
    feather = np.maximum((settings.jaw_feather + 0.12 * widening) * axes.size, SOFTEST_EDGE_PX)
    sharp = _smoothstep(above / feather + 0.5 * widening)
    share, skinlike = _hair_share(image, face, alpha, above, below, aside, axes)
    # What stands far out beside the jaw and above the chin (a pony tail, a head scarf's end) goes with the head in any colour.
    stray = _smoothstep((aside - 0.12) / 0.15) * _smoothstep((0.1 - below) / 0.15) * (1.0 - skinlike)
    fall = 1.0 - _smoothstep((below - settings.hair_full) / (settings.hair_end - settings.hair_full))
    hair = np.maximum(share, stray) * fall
    head = np.maximum(sharp, hair)
    head = np.maximum(head, _rim_beside_face(head, alpha, axes))
    hidden = (sharp > 0.02) & (aside < 0.15) | (head > 0.995)
    return Split(head.astype(np.float32), hidden, aside.astype(np.float32))
