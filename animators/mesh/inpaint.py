"""The scene without the person: exemplar fill from coarse to fine, then the picture's own pixels and grain.

Method: coherence by patch voting from coarse to fine (Wexler, Shechtman and Irani, PAMI 2007) with PatchMatch (Barnes et al.,
SIGGRAPH 2009) as the search; the found shifts are applied to the full picture, and what they miss at the rim is spread inwards
smoothly, so that no seam stays.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from animators.mesh.foreground import blurred, weighted_blur
from animators.mesh.patch_search import apply_shifts, search, vote
from core.contracts import FloatArray
from drawing.masks import dilated

BoolArray = npt.NDArray[np.bool_]
IntArray = npt.NDArray[np.int32]

#: Side in pixels of the noise, which is laid again and again; nobody sees so little so far apart come again.
NOISE_PX = 512


@dataclass(frozen=True)
class FillSettings:
    """How the hole behind the person is filled.

    work_side_px: longer side of the finest picture in which patches are searched.
    coarsest_side_px: longer side of the coarsest one.
    rounds: search and vote rounds a level; the finest, which begins with what the others found, takes half of them.
    seed: seed of the random search.
    """

    work_side_px: int = 320
    coarsest_side_px: int = 40
    rounds: int = 4
    seed: int = 1


def _resize(image: FloatArray, size: tuple[int, int]) -> FloatArray:
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32)


def _level(image: FloatArray, hole: BoolArray, barred: BoolArray, side: int) -> tuple[FloatArray, BoolArray, BoolArray]:
    """Picture, hole and barred area with the longer side `side`; hole pixels don't bleed into the known ones."""
    scale = side / max(hole.shape)
    size = (max(8, round(hole.shape[1] * scale)), max(8, round(hole.shape[0] * scale)))
    known = cv2.resize((~hole).astype(np.float32), size, interpolation=cv2.INTER_AREA)
    colour = cv2.resize(image * (~hole)[..., None], size, interpolation=cv2.INTER_AREA)
    small_hole = known < 0.5
    small_barred = cv2.resize(barred.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.02
    return (colour / np.maximum(known, 1e-3)[..., None]).astype(np.float32), small_hole, small_barred


def _upsample_field(field: IntArray, shape: tuple[int, int]) -> IntArray:
    """Source positions of a coarser level, taken over to a finer one."""
    rows = np.minimum(np.arange(shape[0]) * field.shape[0] // shape[0], field.shape[0] - 1)
    columns = np.minimum(np.arange(shape[1]) * field.shape[1] // shape[1], field.shape[1] - 1)
    coarse = field[rows[:, None], columns[None, :]]
    shift_y = coarse[..., 0] - rows[:, None]
    shift_x = coarse[..., 1] - columns[None, :]
    fine_y = np.arange(shape[0])[:, None] + shift_y * shape[0] // field.shape[0]
    fine_x = np.arange(shape[1])[None, :] + shift_x * shape[1] // field.shape[1]
    result = np.stack([fine_y, fine_x], axis=-1).astype(np.int32)
    result[coarse[..., 0] < 0] = -1
    return result


def _solve_level(
    image: FloatArray, hole: BoolArray, barred: BoolArray, guess: FloatArray, field: IntArray | None, rounds: int, seed: int
) -> tuple[FloatArray, IntArray] | None:
    """One level of the pyramid: search and vote in turn. None where there is no source patch at all."""
    shape = hole.shape
    source_ok = ~dilated(hole | barred, 3)
    source_ok[:3] = source_ok[-3:] = False
    source_ok[:, :3] = source_ok[:, -3:] = False
    sources = np.argwhere(source_ok).astype(np.int32)
    if len(sources) < 30:
        return None
    wanted = dilated(hole, 3)
    targets = np.argwhere(wanted).astype(np.int32)
    rng = np.random.default_rng(seed)
    start = np.full((*shape, 2), -1, np.int32)
    start[wanted] = sources[rng.integers(0, len(sources), len(targets))]
    if field is not None:
        finer = _upsample_field(field, (shape[0], shape[1]))
        fy, fx = np.clip(finer[..., 0], 0, shape[0] - 1), np.clip(finer[..., 1], 0, shape[1] - 1)
        good = wanted & (finer[..., 0] >= 0) & source_ok[fy, fx]
        start[good] = np.stack([fy, fx], axis=-1)[good]
    # Pixels near the rim are better known than those deep inside.
    depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
    weight = np.maximum(1.3 ** (-depth), 0.02).astype(np.float32)
    current = np.where(hole[..., None], guess, image).astype(np.float32)
    cost = np.zeros(shape, np.float32)
    if field is not None:
        # The coarser level's shifts applied to this level's own pixels bring its texture; enlarged pixels would be flat.
        current = vote(current, hole, start, cost, 1.0)
    for step in range(rounds):
        search(current, weight, targets, source_ok, sources, start, cost, 3, seed + 101 * step)
        scale = max(0.5 * float(np.percentile(cost[wanted], 50)), 0.5)
        current = vote(current, hole, start, cost, scale)
    return current, start


def _grain(image: FloatArray, known: BoolArray, wanted: BoolArray, size_px: float, seed: int) -> tuple[FloatArray, FloatArray]:
    """High-frequency strength (H, W, 1) of the known scene, spread to where it is wanted, and noise of unit strength."""
    high = image - cv2.GaussianBlur(image, (0, 0), 1.2)
    inner = ~dilated(~known, 4)
    # Grain, not edges: the mean of magnitudes, each held to a few times the usual one.
    size = _mean_size(high)[..., None]
    usual = float(np.median(size[inner])) if inner.any() else 0.0
    strength = (1.25 * weighted_blur(np.minimum(size, 2.5 * usual), inner.astype(np.float32), size_px, wanted)) ** 2
    height, width = known.shape
    noise = np.random.default_rng(seed).standard_normal((min(height, NOISE_PX), min(width, NOISE_PX), 3), np.float32)
    noise = 0.6 * noise + 0.4 * noise.mean(axis=-1, keepdims=True) * np.float32(np.sqrt(3.0))
    noise = cv2.GaussianBlur(noise, (0, 0), 0.6)
    noise -= cv2.GaussianBlur(noise, (0, 0), 1.2)
    noise /= max(float(noise.std()), 1e-6)
    return strength, np.tile(noise, (-(-height // NOISE_PX), -(-width // NOISE_PX), 1))[:height, :width]


def _mean_size(vectors: FloatArray) -> FloatArray:
    """Mean (H, W) of the magnitudes of (H, W, 3)."""
    sizes = np.abs(vectors)
    return (sizes[..., 0] + sizes[..., 1] + sizes[..., 2]) / np.float32(3)


def fill_hole(image: FloatArray, hole: BoolArray, barred: BoolArray, reach_px: float, settings: FillSettings) -> FloatArray:
    """Fill `hole` (H, W) of `image` (H, W, 3) float32 in [0, 255] from the rest, never copying from `barred` (H, W).

    reach_px: how far inside the rim the fill may come to be seen; deeper inside it turns smooth.
    """
    known = ~hole
    smooth = weighted_blur(image, known.astype(np.float32), max(2.0, 0.03 * reach_px))
    if not known.any() or not hole.any():
        return image if known.any() else np.full_like(image, image.mean(axis=(0, 1)))
    side = min(settings.work_side_px, max(hole.shape))
    sides = [side]
    while sides[-1] > 2 * settings.coarsest_side_px:
        sides.append(sides[-1] // 2)
    field: IntArray | None = None
    guess = smooth
    for level_side in reversed(sides):
        picture, small_hole, small_barred = _level(image, hole, barred, level_side)
        start = _resize(guess, (small_hole.shape[1], small_hole.shape[0]))
        rounds = settings.rounds if level_side != side else -(-settings.rounds // 2)
        solved = _solve_level(picture, small_hole, small_barred, start, field, rounds, settings.seed)
        if solved is not None:
            guess, field = solved
    if field is None:
        return np.where(hole[..., None], smooth, image)
    return _finish(image, hole, barred, smooth, field, reach_px, settings)


def _finish(
    image: FloatArray,
    hole: BoolArray,
    barred: BoolArray,
    smooth: FloatArray,
    field: IntArray,
    reach_px: float,
    settings: FillSettings,
) -> FloatArray:
    """Take the shifts to full size, close the rim, hand over to the smooth fill deep inside, match the grain."""
    ratio_y, ratio_x = field.shape[0] / hole.shape[0], field.shape[1] / hole.shape[1]
    rim_px = max(2, int(1.5 / ratio_y))
    wanted = dilated(hole, rim_px)
    copied = apply_shifts(image, wanted, ~hole & ~barred, field, ratio_y, ratio_x)
    found = wanted & (copied[..., 3] > 0)
    pixels = np.where(found[..., None], copied[..., :3] / np.maximum(copied[..., 3:], 1e-9), smooth)
    # What the copy misses on the known rim is carried on into the hole (a membrane), so that no edge shows there.
    rim = found & ~hole
    if rim.any():
        error = weighted_blur(image - pixels, rim.astype(np.float32), max(1.5, 0.5 * rim_px), wanted)
        depth = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
        pixels = pixels + np.where(wanted[..., None], error, 0) * np.exp(-depth / max(0.35 * reach_px, 4.0))[..., None]
    strength, noise = _grain(image, ~hole & ~barred, hole, max(4.0, 0.15 * reach_px), settings.seed)
    own = pixels - cv2.GaussianBlur(pixels.astype(np.float32), (0, 0), 1.2)
    own_size = blurred(_mean_size(own), 4.0)[..., None]
    lacking = np.sqrt(np.clip(strength - (1.25 * own_size) ** 2, 0.0, None))
    return np.where(hole[..., None], np.clip(pixels + noise * lacking, 0, 255), image).astype(np.float32)
