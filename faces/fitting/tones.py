"""Colours measured on a face, from which what the picture does not show (teeth, tongue, closed lids) is toned."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.fitting import landmarks as lm

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


@dataclass(frozen=True)
class Tones:
    """Colours (3,) float32 RGB in 0..255 under the portrait's own light.

    skin: the middle of cheeks and chin. tooth, gum, tongue, cavity: insides of the mouth in this light.
    side_light: how much brighter the picture's right cheek is than its left, -0.4..0.4.
    """

    skin: FloatArray
    tooth: FloatArray
    gum: FloatArray
    tongue: FloatArray
    cavity: FloatArray
    side_light: float


def measure_tones(image: ByteArray, points: FloatArray) -> Tones:
    """Tones of the face with Face Landmarker points (478, 3) in pixels.

    The whites of the eyes stand in for the teeth's brightness: both are near white, and both are in the face's own light. A
    third of the skin's tint is taken over, so that paintings and tinted or grey photographs get teeth of their own palette.
    """
    left, right = (_mean_colour(image, points, ids) for ids in (lm.RIGHT_CHEEK, lm.LEFT_CHEEK))
    chin = _mean_colour(image, points, (200, 199, 208, 428))
    skin = (left + right + chin) / 3
    skin_light = float(skin @ _LUMA)
    white = max(
        _eye_white(image, points, lm.RIGHT_EYE_UPPER, lm.RIGHT_EYE_LOWER),
        _eye_white(image, points, lm.LEFT_EYE_UPPER, lm.LEFT_EYE_LOWER),
    )
    brightest = min(1.7 * skin_light + 25, 0.45 * skin_light + 122)
    light = float(np.clip(1.08 * white, min(1.05 * skin_light, brightest), brightest))
    tint = skin / max(skin_light, 1.0)
    saturation = float(np.ptp(tint))
    tooth = np.clip(light * (1 + 0.34 * (tint - 1)) * (1 + min(saturation, 0.5) * np.array([0.02, 0.0, -0.05])), 0, 248)
    red = np.array([1.0, 0.52, 0.50]) if saturation > 0.05 else np.array([0.66, 0.66, 0.66])
    warm = (0.75 * light * red / (red @ _LUMA)) * (1 + 0.3 * (tint - 1))
    balance = float((right @ _LUMA - left @ _LUMA) / max(skin_light, 1.0))
    return Tones(
        skin=skin,
        tooth=np.asarray(tooth, np.float32),
        gum=np.asarray(np.clip(0.62 * warm, 0, 230), np.float32),
        tongue=np.asarray(np.clip(0.86 * warm, 0, 235), np.float32),
        cavity=np.asarray(np.clip(0.17 * warm, 4, 70), np.float32),
        side_light=float(np.clip(balance, -0.4, 0.4)),
    )


def _mean_colour(image: ByteArray, points: FloatArray, ids: tuple[int, ...]) -> FloatArray:
    height, width = image.shape[:2]
    radius = max(1, round(0.012 * float(np.ptp(points[:, 0]))))
    patches = []
    for x, y in points[list(ids), :2]:
        column = int(np.clip(round(float(x)), radius, width - radius - 1))
        row = int(np.clip(round(float(y)), radius, height - radius - 1))
        patches.append(image[row - radius : row + radius + 1, column - radius : column + radius + 1].reshape(-1, 3))
    return np.asarray(np.median(np.concatenate(patches), axis=0), np.float32)


def _eye_white(image: ByteArray, points: FloatArray, upper: tuple[int, ...], lower: tuple[int, ...]) -> float:
    """Brightness of the white of one eye: the upper part of what lies between the lids, without the highlights."""
    outline = np.concatenate([points[list(upper), :2], points[list(lower[::-1]), :2]])
    mask = np.zeros(image.shape[:2], np.uint8)
    cv2.fillPoly(mask, [np.rint(outline).astype(np.int32)], 255)
    inside = image[mask > 0].astype(np.float32) @ _LUMA
    return float(np.percentile(inside, 85)) if len(inside) >= 8 else 0.0
