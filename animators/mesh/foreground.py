"""The true colours of a half-transparent fringe: what the hair is without the wall that shines through it.

The pure colours come from weighted blurs, as in Forte and Pitié ("Approximate Fast Foreground Colour Estimation", ICIP 2021),
with weights that trust nearly opaque pixels most, so that little of the background's colour enters.
"""

from __future__ import annotations

import cv2
import numpy as np

from animators.mesh.matte import BoolArray
from core.contracts import ByteArray, FloatArray
from core.kernels import kernel
from drawing.masks import dilated, disc

#: Pixels of a picture made smaller over which it is blurred at least, or it could have been made smaller still.
FINEST_SIGMA = 2.0
#: A pixel that has got so much of its mean needs no wider one.
SETTLED = 0.999


def blurred(values: FloatArray, sigma: float) -> FloatArray:
    """A Gaussian blur of (H, W) or (H, W, C) float32, in a smaller picture where it is broad."""
    scale = int(sigma / FINEST_SIGMA)
    if scale <= 1:
        return cv2.GaussianBlur(values, (0, 0), sigma)
    height, width = values.shape[:2]
    small = (max(2, width // scale), max(2, height // scale))
    left = cv2.GaussianBlur(cv2.resize(values, small, interpolation=cv2.INTER_AREA), (0, 0), _left_to_blur(sigma, scale))
    return cv2.resize(left, (width, height), interpolation=cv2.INTER_LINEAR)


def _left_to_blur(sigma: float, scale: int) -> float:
    """Sigma in a picture that is `scale` times smaller: going there by squares' means and back by lines blurs a bit, too."""
    return float(np.sqrt((sigma / scale) ** 2 - 0.25)) if scale > 1 else max(sigma, 0.5)


def weighted_blur(values: FloatArray, weights: FloatArray, sigma: float, wanted: BoolArray | None = None) -> FloatArray:
    """Gaussian mean of `values` (H, W, C) under `weights` (H, W) >= 0; far from any weight the nearest wider mean is used.

    wanted: (H, W), where it is asked for; elsewhere the values are left as they are.
    """
    values, weights = np.ascontiguousarray(values, np.float32), np.ascontiguousarray(weights, np.float32)
    settled = np.zeros(weights.shape, np.float32) if wanted is None else (~wanted).astype(np.float32)
    result = values * settled[..., None]
    left = _weighed(values, weights)
    while True:
        scale = max(1, int(sigma / FINEST_SIGMA))
        small = (max(2, values.shape[1] // scale), max(2, values.shape[0] // scale))
        if small != (left.shape[1], left.shape[0]):
            left = cv2.resize(left, small, interpolation=cv2.INTER_AREA)
        means = cv2.GaussianBlur(left, (0, 0), _left_to_blur(sigma, scale))
        means[..., :-1] /= np.maximum(means[..., -1:], 1e-6)
        if _settle(result, settled, means) > SETTLED or sigma > 2 * max(weights.shape):
            return result / np.maximum(settled, 1e-6)[..., None]
        sigma *= 3.0


@kernel("(float32[:, :, ::1], float32[:, ::1])")
def _weighed(values: FloatArray, weights: FloatArray) -> FloatArray:
    """(H, W, C + 1): values (H, W, C) times their weights, and the weights."""
    height, width, channels = values.shape
    both = np.empty((height, width, channels + 1), np.float32)
    for y in range(height):
        for x in range(width):
            for c in range(channels):
                both[y, x, c] = values[y, x, c] * weights[y, x]
            both[y, x, channels] = weights[y, x]
    return both


@kernel("(float32[:, :, ::1], float32[:, ::1], float32[:, :, ::1])", fastmath=True)
def _settle(result: FloatArray, settled: FloatArray, means: FloatArray) -> np.float32:
    """Give pixels that are not settled yet, (H, W) below `SETTLED`, their share of the means (h, w, C + 1) of a coarser picture.

    The last of the means' channels is the weight they stand on. Adds to `result` (H, W, C); returns how settled the least is.
    """
    height, width, channels = result.shape
    rows, columns = means.shape[:2]
    half, one = np.float32(0.5), np.float32(1)
    across = (np.arange(width).astype(np.float32) + half) * np.float32(columns / width) - half
    across = np.minimum(np.maximum(across, np.float32(0)), np.float32(columns - 1))
    lowest = one
    for y in range(height):
        down = min(max((np.float32(y) + half) * np.float32(rows / height) - half, np.float32(0)), np.float32(rows - 1))
        y0 = min(int(down), rows - 2)
        down -= np.float32(y0)
        upper, lower = means[y0], means[y0 + 1]
        for x in range(width):
            before = settled[y, x]
            if before > SETTLED:
                continue
            x0 = min(int(across[x]), columns - 2)
            right = across[x] - np.float32(x0)
            a, b, c, d = (one - down) * (one - right), (one - down) * right, down * (one - right), down * right
            mass = a * upper[x0, -1] + b * upper[x0 + 1, -1] + c * lower[x0, -1] + d * lower[x0 + 1, -1]
            take = (one - before) * min(mass * np.float32(50), one)
            if take > 0:
                for k in range(channels):
                    mean = a * upper[x0, k] + b * upper[x0 + 1, k] + c * lower[x0, k] + d * lower[x0 + 1, k]
                    result[y, x, k] += take * mean
                settled[y, x] = before + take
            lowest = min(lowest, before + take)
    return lowest


def refine_alpha(
    image: FloatArray, alpha: FloatArray, foreground: FloatArray, background: FloatArray, scene: FloatArray, radius_px: int
) -> FloatArray:
    """Sharpen a matte by the colours: where scene and person differ clearly, the mixing share is read off the picture itself.

    foreground, background: (H, W, 3) the guessed pure colours at each pixel; scene: (H, W) how far (levels, RMS) the guessed
    background is usually off there. The result keeps to the range that `alpha` has within `radius_px`; single hairs further out
    are taken in where the scene is calm.
    """
    contrast = foreground - background
    power = np.einsum("ijk,ijk->ij", contrast, contrast)
    share = np.einsum("ijk,ijk->ij", image - background, contrast) / np.maximum(power, 1.0)
    low, high = cv2.erode(alpha, disc(radius_px)), dilated(alpha, radius_px)
    noise = scene / np.sqrt(np.maximum(power, 1.0))
    # Outside the matte's own range a share counts only by what it exceeds the scene's own unrest.
    outside = np.clip((share - 3.0 * noise - 0.04) * 1.4, 0.0, 1.0) * _off_border(alpha.shape, 2 * radius_px)
    share = np.clip(share, low, np.maximum(np.maximum(high, alpha), outside))
    trust = power / (power + 3.0 * (scene**2 + 8.0**2)) * np.clip((power - 25.0**2) / 40.0**2, 0.0, 1.0)
    trust = np.where(low > 0.96, 0.0, trust)
    return np.clip(alpha + trust * (share - alpha), 0.0, 1.0).astype(np.float32)


def _off_border(shape: tuple[int, ...], ramp_px: int) -> FloatArray:
    """(H, W): 0 on the picture's border, beyond which a hair would go on as a straight streak, 1 from `ramp_px` on."""
    rows, columns = (np.minimum(np.arange(side), side - 1 - np.arange(side)) for side in shape)
    return np.asarray(np.clip(np.minimum(rows[:, None], columns[None]) / ramp_px, 0.0, 1.0), np.float32)


def settle_alpha(
    image: FloatArray, alpha: FloatArray, prior: FloatArray, foreground: FloatArray, background: FloatArray, scene: FloatArray
) -> FloatArray:
    """Where no mixture of the two guessed colours comes near the picture, make the pixel wholly person or wholly scene.

    prior: (H, W) the matte before the colours were asked; it decides which. Other arguments as in `refine_alpha`.
    """
    mixed = alpha[..., None] * foreground + (1.0 - alpha[..., None]) * background
    missed = np.sqrt(mean_square(image - mixed))
    missed = cv2.GaussianBlur(missed, (0, 0), 1.5)
    doubt = np.clip((missed - 12.0 - 1.5 * scene) / 14.0, 0.0, 1.0)
    sure = np.clip((prior - 0.4) / 0.2, 0.0, 1.0)
    return (alpha + doubt * (sure - alpha)).astype(np.float32)


def mean_square(vectors: FloatArray) -> FloatArray:
    """Mean (H, W) of the squares of (H, W, C)."""
    return np.einsum("ijk,ijk->ij", vectors, vectors) / np.float32(vectors.shape[2])


def length(vectors: FloatArray) -> FloatArray:
    """Lengths (H, W) of vectors (H, W, C)."""
    return np.sqrt(np.einsum("ijk,ijk->ij", vectors, vectors))


def to_bytes(image: FloatArray) -> ByteArray:
    """Round (H, W, 3) float in [0, 255] to uint8."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
