"""Pictures made larger by a whole factor, so finely that bilinear samples of them are sharp.

A bilinear sample between pixels softens what is as fine as the pixels, by up to half. Of a picture that was made three times as
large by a long interpolating kernel it softens little, and what it softens on average over all places between pixels the kernel
gives back beforehand; so the picture keeps its sharpness wherever it is moved to.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from drawing.cubic import catmull_rom_weights

#: Pixels of the picture that the kernel takes into account for one of the magnified one.
TAPS = 12
#: Frequencies at which the kernel's response is laid down, from -1/2 to 1/2 a pixel.
FREQUENCIES = 2000


def sharpening_response(frequency: FloatArray, times: int) -> FloatArray:
    """What gives back the amplitude that bilinear samples of a picture `times` larger lose, on average of their power.

    frequency: cycles a pixel of the picture as it was. Between two samples at a phase of theta = 2 pi frequency / times, the
    power at a place t between them is 1 - 2 t (1 - t) (1 - cos theta), on average over t 1 - (1 - cos theta) / 3.
    """
    theta = 2 * np.pi * frequency / times
    return np.asarray(1 / np.sqrt(1 - (1 - np.cos(theta)) / 3))


def magnifying_kernel(phase: int, times: int) -> FloatArray:
    """Weights (TAPS,) of the pixels from TAPS / 2 - 1 before a place to TAPS / 2 after it, `phase` / `times` behind a pixel.

    The ideal low pass with `sharpening_response`, under the main lobe of a sinc as in Lanczos' kernel.
    """
    distance = np.arange(1 - TAPS // 2, TAPS // 2 + 1) - phase / times
    frequency = (np.arange(FREQUENCIES) + 0.5) / FREQUENCIES - 0.5
    waves = np.cos(2 * np.pi * frequency * distance[:, None])
    weights = (sharpening_response(frequency, times) * waves).mean(axis=1) * np.sinc(distance / (TAPS / 2))
    return np.asarray(weights / weights.sum())


def calm_kernel(phase: int, times: int) -> FloatArray:
    """As `magnifying_kernel` with Catmull and Rom's weights: hardly any ripples, for mattes, where they would be faint ghosts."""
    weights = np.zeros(TAPS)
    weights[TAPS // 2 - 2 : TAPS // 2 + 2] = catmull_rom_weights.py_func(np.float32(phase / times))
    return weights


def magnified(pixels: ByteArray, times: int, kernel: Callable[[int, int], FloatArray] = magnifying_kernel) -> ByteArray:
    """The picture (h, w) or (h, w, C) uint8 made larger; pixel (y, x) of it lies at (times * y, times * x).

    Beyond its border it goes on as in a mirror. kernel: `magnifying_kernel` or `calm_kernel`.
    """
    height, width = pixels.shape[:2]
    large = np.empty((height * times, width * times, *pixels.shape[2:]), np.uint8)
    kernels = [kernel(phase, times) for phase in range(times)]
    anchor = (TAPS // 2 - 1, TAPS // 2 - 1)
    for i, down in enumerate(kernels):
        for j, across in enumerate(kernels):
            part = cv2.sepFilter2D(pixels, cv2.CV_8U, across, down, anchor=anchor, borderType=cv2.BORDER_REFLECT)
            large[i::times, j::times] = part
    return large
