"""Smooth curves through landmarks: even sampling, and the true line between closed lips."""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter, map_coordinates

from core.contracts import ByteArray, FloatArray


def resample(points: FloatArray, count: int) -> FloatArray:
    """A cubic spline through `points` (N, D), sampled at `count` places of even arc length (by the first two axes)."""
    chord = np.concatenate([[0.0], np.cumsum(np.maximum(np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1), 1e-3))])
    spline = CubicSpline(chord, points, axis=0)
    fine = spline(np.linspace(0, chord[-1], 20 * count))
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(fine[:, :2], axis=0), axis=1))])
    places = np.interp(np.linspace(0, length[-1], count), length, np.linspace(0, chord[-1], len(fine)))
    return np.asarray(spline(places), np.float32)


def dark_line(image: ByteArray, line: FloatArray, reach: float) -> FloatArray:
    """Move a nearly horizontal line (N, 2) in pixels onto the darkest path within `reach` pixels across it.

    The line between closed lips is the darkest valley near the landmarks, which are off by a pixel or three. The path is found
    by dynamic programming (at most one step across per sample), as in seam carving (Avidan and Shamir 2007). The ends stay.
    """
    tangent = np.gradient(line, axis=0)
    normal = np.stack([-tangent[:, 1], tangent[:, 0]], 1)
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    steps = np.arange(-12, 13)
    offsets = steps * (reach / 12)
    places = line[:, None] + offsets[None, :, None] * normal[:, None]
    grey = gaussian_filter(image.mean(axis=2), max(0.5, reach / 8))
    cost = map_coordinates(grey, [places[..., 1], places[..., 0]], order=1, mode="nearest")
    cost = (cost - cost.min()) / max(float(np.ptp(cost)), 1e-6) + 0.35 * (steps / 12.0) ** 2
    total = cost.copy()
    back = np.zeros(cost.shape, int)
    for i in range(1, len(line)):
        padded = np.pad(total[i - 1], 1, constant_values=np.inf)
        options = np.stack([padded[:-2] + 0.05, padded[1:-1], padded[2:] + 0.05])
        back[i] = options.argmin(0) - 1
        total[i] += options.min(0)
    path = np.zeros(len(line), int)
    path[-1] = int(total[-1].argmin())
    for i in range(len(line) - 1, 0, -1):
        path[i - 1] = np.clip(path[i] + back[i, path[i]], 0, len(steps) - 1)
    shift = gaussian_filter(offsets[path], 1.5, mode="nearest") * np.sin(np.linspace(0, np.pi, len(line))) ** 0.3
    return np.asarray(line + shift[:, None] * normal, np.float32)
