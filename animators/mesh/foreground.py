"""The true colours of a half-transparent fringe: what the hair is without the wall that shines through it.

The pure colours come from weighted blurs, as in Forte and Pitié ("Approximate Fast Foreground Colour Estimation", ICIP 2021),
with weights that trust nearly opaque pixels most, so that little of the background's colour enters.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from drawing.masks import dilated, disc


def weighted_blur(values: FloatArray, weights: FloatArray, sigma: float) -> FloatArray:
    """Gaussian mean of `values` (H, W, C) under `weights` (H, W) >= 0; far from any weight the nearest wider mean is used."""
    result: FloatArray = np.zeros_like(values)
    settled = np.zeros(weights.shape, np.float32)
    while True:
        scale = max(1, int(sigma / 4))
        small = (max(2, values.shape[1] // scale), max(2, values.shape[0] // scale))
        mass = cv2.resize(weights, small, interpolation=cv2.INTER_AREA).astype(np.float32)
        colour = cv2.resize(values * weights[..., None], small, interpolation=cv2.INTER_AREA)
        blur = max(sigma / scale, 0.5)
        mass = cv2.GaussianBlur(mass, (0, 0), blur).astype(np.float32)
        colour = cv2.GaussianBlur(colour, (0, 0), blur).reshape(small[1], small[0], -1)
        coarse = colour / np.maximum(mass, 1e-6)[..., None]
        full = (values.shape[1], values.shape[0])
        mean = cv2.resize(coarse, full, interpolation=cv2.INTER_LINEAR).reshape(values.shape)
        trust = np.clip(cv2.resize(mass, full, interpolation=cv2.INTER_LINEAR) * 50.0, 0.0, 1.0)
        take = (1.0 - settled) * trust
        result += mean * take[..., None]
        settled += take
        if settled.min() > 0.999 or sigma > 2 * max(weights.shape):
            return (result / np.maximum(settled, 1e-6)[..., None]).astype(np.float32)
        sigma *= 3.0


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
    outside = np.clip((share - 3.0 * noise - 0.04) * 1.4, 0.0, 1.0)
    share = np.clip(share, low, np.maximum(np.maximum(high, alpha), outside))
    trust = power / (power + 3.0 * (scene**2 + 8.0**2)) * np.clip((power - 25.0**2) / 40.0**2, 0.0, 1.0)
    trust = np.where(low > 0.96, 0.0, trust)
    return np.clip(alpha + trust * (share - alpha), 0.0, 1.0).astype(np.float32)


def settle_alpha(
    image: FloatArray, alpha: FloatArray, prior: FloatArray, foreground: FloatArray, background: FloatArray, scene: FloatArray
) -> FloatArray:
    """Where no mixture of the two guessed colours comes near the picture, make the pixel wholly person or wholly scene.

    prior: (H, W) the matte before the colours were asked; it decides which. Other arguments as in `refine_alpha`.
    """
    mixed = alpha[..., None] * foreground + (1.0 - alpha[..., None]) * background
    missed = np.sqrt(np.mean((image - mixed) ** 2, axis=-1))
    missed = cv2.GaussianBlur(missed, (0, 0), 1.5)
    doubt = np.clip((missed - 12.0 - 1.5 * scene) / 14.0, 0.0, 1.0)
    sure = np.clip((prior - 0.4) / 0.2, 0.0, 1.0)
    return (alpha + doubt * (sure - alpha)).astype(np.float32)


def to_bytes(image: FloatArray) -> ByteArray:
    """Round (H, W, 3) float in [0, 255] to uint8."""
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)
