"""Closes a mouth that the portrait shows open: the movement of the face's handles that brings its lips together."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray
from faces.fitting.shapes import JAW_DROP, ShapeMaker, arch

#: How far the lips part, in eye spans, before it is the jaw that opens a mouth further: a broad smile shows 0.13.
LIPS_PART = 0.14
#: How far, in eye spans, a shut mouth's corners may lie over its middle.
CORNERS_UP = 0.02
#: How far the jaw has to be raised, in parts of its drop, for the line where the lips meet to be drawn wholly anew.
FULLY_STRAIGHT = 0.25
#: Most of a shut lower lip, in eye spans.
THICKEST = 0.11


def closing(maker: ShapeMaker) -> FloatArray:
    """Displacement (N, 3) that brings open lips of the portrait together.

    What is open further than lips alone part is the jaw's doing, and is undone by raising jaw, lower lip and chin as one:
    else the red of the lips would have to stretch over the whole opening.
    """
    count = len(maker.handles.lip_gap)
    jaw = max(0.0, float(maker.handles.lip_gap[:, 1].max()) - LIPS_PART) / JAW_DROP
    opening = maker.jaw_open()
    field = -jaw * opening
    grid = np.linspace(-1, 1, count)
    gap = np.stack([np.interp(maker.u, grid, maker.handles.lip_gap[:, k]) for k in range(3)], 1)
    inner_upper, inner_lower = maker.handles.groups["lip_upper"], maker.handles.groups["lip_lower"]
    both = inner_upper & inner_lower
    gap -= jaw * _jaw_gap(maker)
    outer_upper, outer_lower = maker.handles.groups["outer_upper"], maker.handles.groups["outer_lower"]
    field[inner_upper & ~both] += 0.45 * gap[inner_upper & ~both]
    field[inner_lower & ~both] -= 0.55 * gap[inner_lower & ~both]
    field[outer_upper & ~maker.inner] += 0.12 * gap[outer_upper & ~maker.inner]
    field[outer_lower & ~maker.inner] -= 0.32 * gap[outer_lower & ~maker.inner]
    lower = min(_corners_too_high(maker, field), 0.4 * jaw * JAW_DROP)
    field[maker.lips, 1] += lower * np.abs(maker.u[maker.lips]) ** 1.8
    _straighten(maker, field, min(1.0, jaw / FULLY_STRAIGHT))
    below = maker.handles.groups["chin"] & ~maker.lips
    middle_gap = float(maker.handles.lip_gap[count // 2, 1]) - jaw * 1.05 * JAW_DROP
    field[below, 1] -= 0.25 * middle_gap * np.clip(maker.handles.place[below, 1] / maker.chin_depth, 0, 1)
    return field


def _corners_too_high(maker: ShapeMaker, field: FloatArray) -> float:
    """How far a closing `field` (N, 3) lifts the mouth's corners over the line where the lips meet; 0 where it does not."""
    line = np.flatnonzero(maker.handles.groups["lip_upper"])
    height = maker.handles.place[line, 1] + field[line, 1]
    middle, corners = height[np.argmin(np.abs(maker.u[line]))], height[np.abs(maker.u[line]) > 0.999].mean()
    return max(0.0, float(middle - corners) - CORNERS_UP)


def _straighten(maker: ShapeMaker, field: FloatArray, amount: float) -> None:
    """Lay the line where the lips meet, under a closing `field` (N, 3), on an even curve through its middle and corners, and
    bring a lower lip that hangs from it to a lip's thickness.

    An opening is steep at its corners, so that its lips would meet in a line with hooks at both ends; and what the landmarks hold
    for the lip of a mouth wide open is also the lip's inside.
    """
    if amount <= 0:
        return
    places = maker.handles.place + field
    line = np.flatnonzero(maker.handles.groups["lip_upper"])
    line = line[np.argsort(places[line, 0])]
    across, height, along = places[line, 0], places[line, 1], maker.u[line]
    middle = float(np.interp(0.0, along, height))
    left, right = height[0] - middle, height[-1] - middle
    even = middle + (right - left) / 2 * along + (right + left) / 2 * along**2
    field[maker.lips, 1] += amount * np.interp(places[maker.lips, 0], across, even - height)
    outer = maker.handles.groups["outer_lower"] & ~maker.inner
    hanging = maker.handles.place[outer, 1] + field[outer, 1] - np.interp(places[outer, 0], across, even)
    too_thick = max(0.0, float(hanging.max()) - THICKEST)
    field[outer, 1] -= amount * too_thick * np.clip(hanging / max(float(hanging.max()), 1e-3), 0, 1)


def _jaw_gap(maker: ShapeMaker) -> FloatArray:
    """How far `jaw_open` brings the lips apart at each handle's place along them (N, 3)."""
    gap = maker.zeros()
    gap[:, 1] = JAW_DROP * (arch(maker.u, 2.4, 0.74) + 0.05 * (1 - maker.u**2))
    gap[:, 2] = JAW_DROP * 0.15 * (1 - maker.u**2)
    return gap
