"""What lies behind the jaw: neck, collar and shoulders carried on upwards behind the head."""

from __future__ import annotations

import cv2
import numpy as np

from animators.mesh.foreground import weighted_blur
from animators.mesh.head_split import Split
from animators.mesh.matte import BoolArray
from core.contracts import FloatArray
from core.kernels import kernel


@kernel("(boolean[:, ::1], float32[:, ::1], float64, float64, int64)")
def _exits(hidden: BoolArray, away: FloatArray, down_x: float, down_y: float, reach: int) -> FloatArray:
    """For each hidden pixel the distance in pixels along `down` to the first visible one, or -1 beyond `reach` or the border.

    away: (H, W) how far the nearest visible pixel is at least, so that no step before it need be looked at.
    """
    height, width = hidden.shape
    result = np.full((height, width), -1.0, np.float32)
    for y in range(height):
        for x in range(width):
            if not hidden[y, x]:
                continue
            step = max(1, int(away[y, x]))
            while step < reach:
                sy = int(np.rint(y + step * down_y))
                sx = int(np.rint(x + step * down_x))
                if sy < 0 or sx < 0 or sy >= height or sx >= width:
                    break
                if not hidden[sy, sx]:
                    result[y, x] = step
                    break
                step += max(1, int(away[sy, sx]))
    return result


def _rim_shading(
    colours: FloatArray,
    alpha: FloatArray,
    visible: FloatArray,
    exits: tuple[FloatArray, FloatArray],
    found: BoolArray,
    height: FloatArray,
    down: FloatArray,
    size: float,
) -> tuple[FloatArray, FloatArray]:
    """Colours (H, W, 3) and matte (H, W) just below the rim, for every pixel `found` at `height` face sizes above it."""
    exit_x, exit_y = exits
    # Sample a little below the rim, and blur more the higher up it goes: no streaks.
    shading = np.zeros_like(colours)
    levels = (0.006, 0.02, 0.05)
    blends = np.clip(height / 0.12, 0.0, 1.0) * (len(levels) - 1)
    for index, level in enumerate(levels):
        sigma = max(0.8, level * size)
        part = np.clip(1.0 - np.abs(blends - index), 0.0, 1.0)
        below = 0.6 * sigma
        at_x, at_y = exit_x + down[0] * below, exit_y + down[1] * below
        smooth = weighted_blur(colours, visible, sigma, _touched(at_x[found & (part > 0)], at_y[found & (part > 0)], alpha.shape))
        shading += part[..., None] * cv2.remap(smooth, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    below_x, below_y = exit_x + down[0] * 1.5, exit_y + down[1] * 1.5
    return shading, cv2.remap(alpha, below_x, below_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)


def _touched(at_x: FloatArray, at_y: FloatArray, shape: tuple[int, ...]) -> BoolArray:
    """Pixels (H, W) around places (N,) that a bilinear sample there would read."""
    touched = np.zeros(shape, np.bool_)
    for x in (np.floor(at_x), np.floor(at_x) + 1):
        for y in (np.floor(at_y), np.floor(at_y) + 1):
            touched[np.clip(y, 0, shape[0] - 1).astype(np.intp), np.clip(x, 0, shape[1] - 1).astype(np.intp)] = True
    return touched


def continue_upwards(
    colours: FloatArray, alpha: FloatArray, split: Split, down: FloatArray, size: float, neck_reach: float
) -> tuple[FloatArray, FloatArray]:
    """Carry the body's colours (H, W, 3) and matte (H, W) on against `down` into the split's hidden part.

    It goes at most `neck_reach` face sizes far. The shading is that of the rim, softer the further up; the fine detail is
    mirrored about the rim. Returns both arrays whole; the matte is 0 in hidden pixels beyond the reach.
    """
    hidden = split.hidden
    # Straight through the corner of a pixel and rounded, a step may come nearer than it is long; two pixels are room enough.
    away = cv2.distanceTransform(hidden.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE) - 2
    distance = _exits(hidden, away, float(down[0]), float(down[1]), int(neck_reach * size) + 2)
    found = distance > 0
    rows, columns = np.indices(hidden.shape, dtype=np.float32)
    exit_x, exit_y = columns + distance * down[0], rows + distance * down[1]
    visible = np.where(hidden, 0.0, alpha).astype(np.float32)
    height = np.where(found, distance, 0.0) / size
    shading, matte = _rim_shading(colours, alpha, visible, (exit_x, exit_y), found, height, down, size)
    detail = np.where(
        visible[..., None] > 0.95, colours - weighted_blur(colours, visible, max(1.0, 0.012 * size), visible > 0.95), 0.0
    )
    mirror = distance + np.minimum(distance, 0.25 * size)
    texture = cv2.remap(
        detail.astype(np.float32),
        columns + mirror * down[0],
        rows + mirror * down[1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
    )
    filled = np.where(found[..., None], np.clip(shading + texture, 0, 255), colours)
    # Beside the jaw (behind hair) a short overlap is enough.
    reach = neck_reach * np.clip(1.0 - 0.75 * (split.aside + 0.1) / 0.15, 0.25, 1.0)
    fade = np.clip((reach - height) / (0.3 * reach), 0.0, 1.0)
    continued = np.where(hidden, np.where(found, matte * fade, 0.0), alpha)
    return filled.astype(np.float32), continued.astype(np.float32)
