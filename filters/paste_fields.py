"""What paste-back needs to know of each frame, found on a small grid: where the body went, where the head is now, and its tone.

A network that moves the head of a cut-out drags neck, collar and background along, and paints all of it in slightly other
colours. The optical flow between the picture and the frame tells both: `follow`, by which the body's pixels are laid back onto
the picture's body, all of it at the border and less and less of it up the neck, so that head and body stay one; and `tone`, the
smooth difference in colour between a point and itself.

Flow: Kroeger and others, "Fast Optical Flow using Dense Inverse Search" (ECCV 2016), as OpenCV has it: milliseconds a frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from drawing.masks import dilated

#: Side of the grid.
GRID_PX = 192
#: Channels of the fields: displacement (x, y) in sides of the square, mask, tone (red, green, blue) in levels of 255.
FIELDS = 6
#: Blur of the displacement and of the tone, in sides of the square.
FOLLOW_SIGMA, TONE_SIGMA = 0.02, 0.07
#: Difference in levels at which a point of the picture no longer counts as found again in the frame.
FOUND_LEVELS = 16.0
#: Most that the tone is changed, in levels.
MOST_TONE = 48.0
#: How far fine hairs reach beyond the outline, in margins of the mask, and how far a head has gone, in pixels of the grid, when
#: all of them are hidden.
HAIR_MARGINS, GONE_PX = 3.0, 3.0
#: So much coarser is the grid on which the tone is found, which is smooth.
COARSER = 3
#: Trust in rest, no displacement, where nothing is found; next to 1 for a point that is found.
REST_TRUST = 0.05


@dataclass(frozen=True)
class Regions:
    """The parts of the square, each (192, 192) float32 in [0, 1], made once from the portrait (`paste_regions`).

    person: where the person is. keep: how much of the frame's own movement stays: 1 in the head, 0 on the body and at the
    borders. paste: how much of the frame may show: 1 in head and neck, 0 on the body and at the borders. margin_px: softness, in
    pixels of the grid.
    """

    person: FloatArray
    keep: FloatArray
    paste: FloatArray
    margin_px: float


class FieldFinder:
    """Finds the fields of one frame after the other; the tone is steadied over time."""

    def __init__(self, picture: ByteArray, regions: Regions, tone_share: float) -> None:
        """picture: (192, 192, 3) uint8, the portrait's own square. tone_share: of a new frame in the tone, above 0 to 1."""
        self._picture = picture.astype(np.float32)
        self._grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        self._regions = regions
        self._tone_share = tone_share
        self._tone: FloatArray | None = None
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._rough_flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)  # the outline alone is moved by it

    def find(self, frame: ByteArray) -> FloatArray:
        """Fields (192, 192, 6) float32 of a frame (S, S, 3) uint8."""
        size = (GRID_PX, GRID_PX)
        shrinks = frame.shape[0] > GRID_PX
        small = cv2.resize(frame, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
        grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
        there = self._flow.calc(self._grey, grey, None)
        back = self._rough_flow.calc(grey, self._grey, None)
        difference = self._picture - moved(small.astype(np.float32), there)
        rough = coarse(difference)
        trust = found(difference, rough)
        follow = weighted(there, trust, REST_TRUST, FOLLOW_SIGMA * GRID_PX)
        self._tone = self._steadied(tone_of(rough, coarse(trust)))
        fields = np.empty((GRID_PX, GRID_PX, FIELDS), np.float32)
        fields[..., :2] = (1 - self._regions.keep[..., None]) * follow / GRID_PX
        fields[..., 2] = self._mask(there, back)
        fields[..., 3:] = cv2.resize(self._tone, size, interpolation=cv2.INTER_CUBIC)
        return fields

    def _steadied(self, tone: FloatArray) -> FloatArray:
        return tone if self._tone is None else self._tone + self._tone_share * (tone - self._tone)

    def _mask(self, there: FloatArray, back: FloatArray) -> FloatArray:
        """Where the frame shows: where the person is in the frame or was in the picture, as far as may be pasted.

        From where the person has gone, the fine hairs beside the outline that the picture still has must go too.
        """
        person, margin_px = self._regions.person, self._regions.margin_px
        gone = np.hypot(there[..., 0], there[..., 1]) * person
        gone = np.minimum(dilated(gone, round(HAIR_MARGINS * margin_px)) / GONE_PX, 1)
        shown = np.maximum(
            dilated(np.maximum(person, moved(person, back)), round(margin_px)),
            dilated(person, round(HAIR_MARGINS * margin_px)) * gone,
        )
        return np.asarray(cv2.GaussianBlur(shown, (0, 0), margin_px / 2) * self._regions.paste)


def moved(picture: FloatArray, flow: FloatArray) -> FloatArray:
    """At every point what a picture (h, w) or (h, w, 3) shows where the flow (h, w, 2) leads."""
    rows, columns = np.indices(flow.shape[:2], dtype=np.float32)
    at_x, at_y = columns + flow[..., 0], rows + flow[..., 1]
    return np.asarray(cv2.remap(picture, at_x, at_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))


def found(difference: FloatArray, rough: FloatArray) -> FloatArray:
    """Trust (h, w) in [0, 1] that a point was found again, from what is left of the difference (h, w, 3) without its tone, which
    is blurred on the coarser grid of `rough`, the same difference (64, 64, 3).
    """
    tone = cv2.GaussianBlur(rough, (0, 0), 0.04 * GRID_PX / COARSER)
    detail = difference - cv2.resize(tone, difference.shape[1::-1], interpolation=cv2.INTER_CUBIC)
    left = cv2.GaussianBlur(np.abs(detail).max(axis=2), (0, 0), 1.5)
    return np.exp(-np.square(left / FOUND_LEVELS)).astype(np.float32)


def coarse(values: FloatArray) -> FloatArray:
    """Values (192, 192) or (192, 192, C) on the tone's grid, (64, 64) or (64, 64, C)."""
    return np.asarray(cv2.resize(values, (GRID_PX // COARSER,) * 2, interpolation=cv2.INTER_AREA))


def tone_of(difference: FloatArray, trust: FloatArray) -> FloatArray:
    """The smooth part (64, 64, 3) of the difference where points were found; a far-off colour (an open mouth) has no say."""
    middle = np.median(difference[trust > 0.5], axis=0) if (trust > 0.5).any() else np.zeros(3, np.float32)
    spread = np.abs(difference - middle).max(axis=2)
    robust = trust * np.exp(-np.square(spread / MOST_TONE))
    # where little is found, the tone of the whole
    smooth = weighted(difference - middle, robust.astype(np.float32), REST_TRUST, TONE_SIGMA * GRID_PX / COARSER) + middle
    return np.clip(smooth, -MOST_TONE, MOST_TONE).astype(np.float32)


def weighted(values: FloatArray, trust: FloatArray, rest: float, sigma_px: float) -> FloatArray:
    """Blur of values (h, w, C) weighted by trust (h, w); drawn to zero by the trust `rest` where there is little."""
    total = cv2.GaussianBlur(values * trust[..., None], (0, 0), sigma_px)
    weight = cv2.GaussianBlur(trust, (0, 0), sigma_px)
    return np.asarray(total / (weight + rest)[..., None], np.float32)
