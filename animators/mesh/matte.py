"""The person's matte: MODNet's answer at several scales, held to the face that was chosen, mended and sharpened.

The edge is sharpened by the guided filter (He, Sun and Tang, PAMI 2013).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, Face, FloatArray
from neural.matting import MattingNetwork

BoolArray = npt.NDArray[np.bool_]

#: Face Landmarker's outline of the face, in order around it, from the middle of the forehead to the picture's right.
FACE_OVAL = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip


@dataclass(frozen=True)
class MatteSettings:
    """How the person is cut out.

    network_side_px: shorter side of the picture that the network sees.
    network_longest_px: longer side of it at most.
    crop_radii: half sides of the extra crops around the face, in face sizes; each gives a second opinion in finer pixels.
    threads: CPU threads for the network.
    coverage_wanted: share of the face that must be opaque for the matte to be believed.
    """

    network_side_px: int = 512
    network_longest_px: int = 896
    crop_radii: tuple[float, ...] = (1.6, 2.3)
    threads: int = 2
    coverage_wanted: float = 0.9


@dataclass(frozen=True)
class Matte:
    """alpha: (H, W) float32 in [0, 1]; other: (H, W) bool, other persons; quality in [0, 1]; usable: whether to trust it."""

    alpha: FloatArray
    other: BoolArray
    quality: float
    usable: bool


def face_size(face: Face) -> float:
    """A size in pixels near the face's width that a turned head does not shrink."""
    oval = face.landmarks[list(FACE_OVAL), :2]
    width, height = np.ptp(oval[:, 0]), np.ptp(oval[:, 1])
    return float(max(width, 0.78 * height))


def oval_mask(face: Face, shape: tuple[int, int], grow: float = 1.0) -> BoolArray:
    """Pixels inside the face's outline, grown about its middle by the factor `grow`."""
    oval = face.landmarks[list(FACE_OVAL), :2]
    middle = oval.mean(axis=0)
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.rint(middle + (oval - middle) * grow).astype(np.int32)], 1)
    return mask.astype(bool)


@lru_cache(maxsize=1)
def _network(threads: int) -> MattingNetwork:
    return MattingNetwork(threads)


def _network_matte(image: ByteArray, settings: MatteSettings) -> FloatArray:
    """MODNet's alpha (H, W) for one picture or crop."""
    return _network(settings.threads).matte(image, settings.network_side_px, settings.network_longest_px)


def _crop_window(face: Face, radius: float, shape: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of a square crop around the face, cut at the picture's border."""
    size = face_size(face) * radius
    middle = face.landmarks[list(FACE_OVAL), :2].mean(axis=0)
    left, top = np.maximum(np.floor(middle - size), 0).astype(int)
    right, bottom = np.minimum(np.ceil(middle + size), (shape[1], shape[0])).astype(int)
    return int(left), int(top), int(right), int(bottom)


def _crop_weight(window: tuple[int, int, int, int], shape: tuple[int, int]) -> FloatArray:
    """Trust in a crop's matte: 1 inside, falling to 0 at the crop's inner borders (not at the picture's own)."""
    left, top, right, bottom = window
    ramp_px = 0.2 * max(right - left, bottom - top)
    columns = np.arange(left, right, dtype=np.float32)
    rows = np.arange(top, bottom, dtype=np.float32)
    far = np.float32(1e6)
    across = np.minimum(columns - left if left > 0 else far, right - 1 - columns if right < shape[1] else far)
    down = np.minimum(rows - top if top > 0 else far, bottom - 1 - rows if bottom < shape[0] else far)
    return np.clip(np.minimum.outer(np.broadcast_to(down, rows.shape), np.broadcast_to(across, columns.shape)) / ramp_px, 0, 1)


def _ensemble(image: ByteArray, face: Face, settings: MatteSettings) -> tuple[FloatArray, float]:
    """Blend of the whole picture's matte with those of crops around the face, and how well they agree in [0, 1]."""
    shape = image.shape[:2]
    whole = _network_matte(image, settings)
    total, weights = whole * 0.6, np.full(shape, 0.6, np.float32)
    differences = []
    for radius in settings.crop_radii:
        window = _crop_window(face, radius, (shape[0], shape[1]))
        left, top, right, bottom = window
        if (right - left) * (bottom - top) > 0.85 * shape[0] * shape[1]:
            continue
        crop = _network_matte(np.ascontiguousarray(image[top:bottom, left:right]), settings)
        weight = _crop_weight(window, (shape[0], shape[1]))
        total[top:bottom, left:right] += crop * weight
        weights[top:bottom, left:right] += weight
        person = max(float((whole[top:bottom, left:right] * weight).sum()), 1.0)
        differences.append(float((np.abs(crop - whole[top:bottom, left:right]) * weight).sum()) / person)
    agreement = 1.0 - float(np.clip(np.mean(differences) if differences else 0.0, 0.0, 1.0))
    return total / weights, agreement


def _of_this_face(alpha: FloatArray, face: Face) -> tuple[FloatArray, BoolArray]:
    """Keep what hangs together with the face; what else the network took for a person is returned as a mask."""
    shape = (alpha.shape[0], alpha.shape[1])
    _, parts = cv2.connectedComponents((alpha > 0.3).astype(np.uint8))
    inside = parts[oval_mask(face, shape, 0.9)]
    inside = inside[inside > 0]
    if inside.size == 0:
        return np.zeros_like(alpha), alpha > 0.3
    mine = parts == np.bincount(inside).argmax()
    reach = max(3, int(0.03 * face_size(face)))
    others = (alpha > 0.3) & ~mine
    # The soft fringe (below the threshold) goes to the nearer of the parts.
    to_mine = cv2.distanceTransform((~mine).astype(np.uint8), cv2.DIST_L2, 5)
    near = to_mine <= 3 * reach
    if others.any():
        to_others = cv2.distanceTransform((~others).astype(np.uint8), cv2.DIST_L2, 5)
        near &= to_mine < to_others
    return np.where(near, alpha, 0.0).astype(np.float32), others


def _colour_bins(image: ByteArray) -> npt.NDArray[np.int32]:
    small = (image >> 4).astype(np.int32)
    return (small[..., 0] * 16 + small[..., 1]) * 16 + small[..., 2]


def colour_likelihood(image: ByteArray, sample: BoolArray) -> FloatArray:
    """Density of each pixel's colour in the sample, by a smoothed RGB histogram of 16 steps an axis; mean bin is 1."""
    bins = _colour_bins(image)
    counts = np.bincount(bins[sample], minlength=4096).astype(np.float32).reshape(16, 16, 16)
    kernel = np.array([0.25, 0.5, 0.25], np.float32)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if a == axis else (0, 0) for a in range(3)])
        counts = sum(kernel[k] * np.take(padded, np.arange(16) + k, axis=axis) for k in range(3))
    density = counts.ravel() / max(float(counts.sum()), 1.0) * 4096
    return density[bins].astype(np.float32)


def _mend_holes(image: ByteArray, alpha: FloatArray, face: Face) -> FloatArray:
    """Fill gaps in the matte that lie within the person's outline and have the person's colours rather than the scene's."""
    size = face_size(face)
    person = colour_likelihood(image, alpha > 0.95)
    scene = colour_likelihood(image, alpha < 0.05)
    odds = cv2.GaussianBlur(((person + 1e-3) / (person + scene + 2e-3)).astype(np.float32), (0, 0), max(1.0, 0.01 * size))
    mended = alpha
    # The wider the gap, the surer the colours must be.
    for reach, needed in ((0.1, 0.7), (0.25, 0.93)):
        closed = _close(alpha > 0.5, max(2, int(reach * size))).astype(np.float32)
        inner = np.clip(cv2.GaussianBlur(closed, (0, 0), max(1.0, 0.01 * size)) * 2.0 - 1.0, 0.0, 1.0)
        mended = np.maximum(mended, np.clip((odds - needed) / 0.1, 0.0, 1.0) * inner)
    return _fill_pinholes(mended.astype(np.float32), size)


def _close(mask: BoolArray, radius_px: int) -> BoolArray:
    """Morphological closing with a disc; the picture's border counts as more of what touches it."""
    framed = cv2.copyMakeBorder(mask.astype(np.uint8), radius_px, radius_px, radius_px, radius_px, cv2.BORDER_REPLICATE)
    grown = cv2.distanceTransform(1 - framed, cv2.DIST_L2, 5) <= radius_px
    shrunk = cv2.distanceTransform(grown.astype(np.uint8), cv2.DIST_L2, 5) > radius_px
    return np.asarray(shrunk[radius_px:-radius_px, radius_px:-radius_px]) | mask


def _fill_pinholes(alpha: FloatArray, size: float) -> FloatArray:
    """Close small gaps wholly within the person where the network itself was in doubt."""
    count, parts, stats, _ = cv2.connectedComponentsWithStats((alpha < 0.6).astype(np.uint8))
    doubt = np.bincount(parts.ravel(), weights=alpha.ravel(), minlength=count) / np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    small = (stats[:, cv2.CC_STAT_AREA] < 0.02 * size**2) & (doubt > 0.12)
    small[0] = False
    height, width = alpha.shape
    small &= (stats[:, 0] > 0) & (stats[:, 1] > 0)
    small &= (stats[:, 0] + stats[:, 2] < width) & (stats[:, 1] + stats[:, 3] < height)
    pinholes = cv2.dilate(small[parts].astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.float32)
    return np.maximum(alpha, cv2.GaussianBlur(pinholes, (0, 0), 1.0)).astype(np.float32)


def _sharpen(image: ByteArray, alpha: FloatArray, radius_px: int) -> FloatArray:
    """Let the matte's edge follow the picture's own edges (guided filter), leaving sure areas alone."""
    guide = image.astype(np.float32) / 255.0
    guided = cv2.ximgproc.guidedFilter(guide, alpha, radius_px, 1e-5)
    stretched = np.clip((guided - 0.02) / 0.94, 0.0, 1.0)
    return stretched.astype(np.float32)


def person_matte(image: ByteArray, face: Face, file_alpha: ByteArray | None, settings: MatteSettings) -> Matte:
    """Cut out the person whose face was chosen.

    image: (H, W, 3) uint8; file_alpha: (H, W) uint8 transparency of the file, which is believed where it shows the face, or None.
    """
    shape = (image.shape[0], image.shape[1])
    oval = oval_mask(face, shape, 0.95)
    if file_alpha is not None and file_alpha.min() < 128 and (file_alpha[oval] > 250).mean() > settings.coverage_wanted:
        alpha, other = _of_this_face(file_alpha.astype(np.float32) / 255.0, face)
        return Matte(alpha, other, 1.0, True)
    raw, agreement = _ensemble(image, face, settings)
    alpha, other = _of_this_face(raw, face)
    coverage = float((alpha[oval] > 0.9).mean()) if oval.any() else 0.0
    alpha = _mend_holes(image, alpha, face)
    scale = max(shape) / settings.network_longest_px
    alpha = _sharpen(image, alpha, max(2, round(4 * scale)))
    alpha = np.maximum(alpha, cv2.GaussianBlur(oval.astype(np.float32), (0, 0), max(1.0, 0.01 * face_size(face))))
    alpha = np.where(oval, 1.0, alpha).astype(np.float32)
    share = float(alpha.mean())
    quality = float(np.clip(coverage, 0, 1) * agreement)
    usable = coverage >= settings.coverage_wanted and quality > 0.5 and 0.01 < share < 0.985
    return Matte(alpha, other, quality, usable)
