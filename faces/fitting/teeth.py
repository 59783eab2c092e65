"""Teeth painted from measures: two arches of single teeth on an ellipse, seen from the front, with gums.

Sizes are those of adult teeth (Wheeler's Dental Anatomy) in units of the eye span (90 mm). The arch is an ellipse, so teeth
narrow and darken toward the sides by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from core.contracts import ByteArray, FloatArray

#: Area of the painted sheets, in eye spans around the middle of the closed lips: a to the right, b down.
LEFT, RIGHT, TOP, BOTTOM = -0.36, 0.36, -0.19, 0.19
_ARCH_HALF_WIDTH = 0.31
_OVERSAMPLING = 3


@dataclass(frozen=True)
class _Arch:
    """One row of teeth from the middle outward. widths, tips: eye spans; tips is the biting edge's b at rest."""

    widths: tuple[float, ...]
    tips: tuple[float, ...]
    height: float
    direction: float


UPPER_ARCH = _Arch(
    widths=(0.094, 0.072, 0.083, 0.078, 0.075, 0.11), tips=(0.030, 0.022, 0.028, 0.018, 0.012, 0.004), height=0.108, direction=1.0
)
LOWER_ARCH = _Arch(
    widths=(0.058, 0.064, 0.076, 0.078, 0.078, 0.11), tips=(0.0, 0.001, -0.004, 0.004, 0.010, 0.018), height=0.092, direction=-1.0
)


def paint_teeth(arch: _Arch, tooth_rgb: FloatArray, gum_rgb: FloatArray, pixels_per_span: float) -> ByteArray:
    """An (h, w, 4) uint8 RGBA sheet of one arch over the area LEFT..RIGHT, TOP..BOTTOM; the alpha edge is the biting edge."""
    fine = pixels_per_span * _OVERSAMPLING
    width, height = round((RIGHT - LEFT) * fine), round((BOTTOM - TOP) * fine)
    a = np.linspace(LEFT, RIGHT, width, dtype=np.float32)[None]
    b = np.linspace(TOP, BOTTOM, height, dtype=np.float32)[:, None]
    angle = np.arcsin(np.clip(np.abs(a) / _ARCH_HALF_WIDTH, 0, 0.999))
    index, t, size = _tooth_at(_ARCH_HALF_WIDTH * angle, arch.widths)
    tip = np.asarray(arch.tips, np.float32)[index] - arch.direction * (0.011 * np.abs(t) ** 5 + 0.003 * t**2)
    gum = np.asarray(arch.tips, np.float32)[0] - arch.direction * (arch.height * (1 - 0.10 * (index == 1)) - 0.02 * t**2)
    from_tip = arch.direction * (tip - b)
    along = np.clip(from_tip / arch.height, 0, 1)
    roundness = (1 - 0.11 * t**2) * np.cos(angle) ** 0.75
    notch = 1 - 0.30 * np.exp(-(((1 - np.abs(t)) * size / 0.006) ** 2))
    shade = roundness * notch * (0.90 + 0.14 * np.sin(np.pi * np.clip(along * 1.05 + 0.08, 0, 1)))
    tooth = tooth_rgb[None, None] * shade[..., None]
    edge = np.exp(-((along / 0.10) ** 2))[..., None]
    tooth = tooth * (1 - edge * np.array([0.07, 0.05, 0.02], np.float32))
    gums = gum_rgb[None, None] * (np.cos(angle) ** 0.5 * (1 - 0.15 * np.abs(t)))[..., None]
    under_gum = np.clip(arch.direction * (gum - b) * fine / _OVERSAMPLING + 0.5, 0, 1)[..., None]
    colour = tooth + (gums - tooth) * under_gum
    alpha = (from_tip > 0).astype(np.float32) * np.clip((np.cos(angle) - 0.05) / 0.2, 0, 1)
    sheet = np.concatenate([np.clip(colour, 0, 255), 255 * alpha[..., None]], axis=2).astype(np.float32)
    small = (round((RIGHT - LEFT) * pixels_per_span), round((BOTTOM - TOP) * pixels_per_span))
    return np.asarray(np.rint(cv2.resize(sheet, small, interpolation=cv2.INTER_AREA)), np.uint8)


def _tooth_at(distance: FloatArray, widths: tuple[float, ...]) -> tuple[npt.NDArray[np.intp], FloatArray, FloatArray]:
    """Tooth number, place within it (-1..1) and its half width, by the way along the arch from the middle."""
    ends = np.cumsum(widths)
    index = np.minimum(np.searchsorted(ends, distance), len(widths) - 1)
    half = np.asarray(widths, np.float32)[index] / 2
    centre = ends[index] - half
    return index, np.asarray(np.clip((distance - centre) / half, -1, 1), np.float32), half
