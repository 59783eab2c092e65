"""Tells a file's transparency that cuts a figure out of its ground from one that only frames the picture.

People cut pictures round, round their corners and let their borders fade. What stays visible then is not the figure but the
figure and its ground, and whoever takes it for the figure reads a wall as flat colour and moves it with the head.
"""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from neural.matting import MattingNetwork

#: Longer side in pixels at which outlines are compared.
_SIDE = 320
#: A figure has a neck, arms, strands of hair: of the hull around it, it leaves some bare. Thirteen figures that were cut out fill
#: 0.92 of it at most, discs, rounded corners and vignettes 0.994 and more.
MOST_FILLED = 0.97
#: Part of what is visible that may lie beside the figure that MODNet sees: of those thirteen 0.00.
MOST_BESIDE = 0.2
#: How far around its figure, in pixels at `_SIDE`, still counts as that.
_RIM = 9

#: Sides of the picture that MODNet sees, shorter, and longer at most, where it only matters about where the figure is.
_ROUGH_PX, _LONGEST_PX = 256, 896


def figure_alpha(image: ByteArray, threads: int = 2) -> FloatArray:
    """A rough alpha (H, W) in [0, 1] of whatever figures are in the picture (0.2 s). Raises MissingError without MODNet."""
    return MattingNetwork(threads).matte(image, _ROUGH_PX, _LONGEST_PX)


def follows_figure(image: ByteArray, alpha: ByteArray) -> bool:
    """Whether `alpha` (H, W) uint8 is the outline of a figure in `image` (H, W, 3) uint8 RGB over its ground, not a frame.

    Takes about 0.3 s. Raises MissingError where MODNet's weights can't be had.
    """
    scale = min(1.0, _SIDE / max(alpha.shape))
    size = (max(8, round(alpha.shape[1] * scale)), max(8, round(alpha.shape[0] * scale)))
    visible = (cv2.resize(alpha, size, interpolation=cv2.INTER_AREA) > 127).astype(np.uint8)
    if not visible.any() or filled_part(visible) > MOST_FILLED:
        return False
    figure = (cv2.resize(figure_alpha(image), size, interpolation=cv2.INTER_AREA) > 0.5).astype(np.uint8)
    near = cv2.dilate(figure, np.ones((_RIM, _RIM), np.uint8))
    return float((visible & (1 - near)).sum() / visible.sum()) <= MOST_BESIDE


def filled_part(visible: ByteArray) -> float:
    """Part of the convex hull around the visible pixels (H, W) of 0 and 1 that lies within their outline: of a disc 1."""
    outlines, _ = cv2.findContours(visible, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    within, around = np.zeros_like(visible), np.zeros_like(visible)
    cv2.drawContours(within, outlines, -1, 1, -1)
    cv2.fillConvexPoly(around, cv2.convexHull(np.concatenate(outlines)), 1)
    return float(within.sum() / around.sum())
