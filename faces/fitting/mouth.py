"""The inside of the mouth: teeth, tongue and cavity, seen through the opening between the lips.

The upper teeth are fixed to the skull and move with the head alone; lower teeth and tongue move with the jaw. Whatever the
opening shows is lit like the face, and darker toward the lips that shade it and toward the depth.
"""

from __future__ import annotations

import cv2
import numba
import numpy as np

from core.contracts import BLENDSHAPE_INDEX, ByteArray, FloatArray
from core.kernels import kernel
from faces.fitting import teeth
from faces.fitting.handles import BoolArray
from faces.fitting.inlay import Box, box_around, inverted, opening_cover
from faces.fitting.rig import HeadPose, Rig
from faces.fitting.shapes import JAW_DROP
from faces.fitting.tones import Tones

#: How far behind the lips the teeth stand, in eye spans.
TEETH_DEPTH = 0.05
#: Longest part of the upper teeth that shows under the lip, in eye spans of about 90 mm.
TOOTH_LENGTH = 0.13
#: Part of what is seen under the upper lip that own teeth must fill for their colour to be told, and for them to be taken over.
LEAST_SHOWN, WELL_SHOWN = 0.12, 0.25
#: Openings, in eye spans, from which painted teeth begin to be seen and are seen whole: in a slit they would be a row of dashes.
SLIT = (0.012, 0.05)


class MouthInterior:
    """Draws the open mouth of one portrait into the inlay, one frame at a time."""

    def __init__(self, image: ByteArray, rig: Rig, tones: Tones, human: bool = True, lower_light: float = 1.0) -> None:
        """human: whether human teeth are painted; without them the mouth shows the tongue and the dark alone. lower_light: how
        many times lighter than usual the lower teeth are, which a jaw that sings shades."""
        self.rig = rig
        self.tones = tones
        span = rig.coordinates.eye_span
        self.texels = float(np.clip(span, 60, 900))
        self.upper = teeth.paint_teeth(teeth.UPPER_ARCH, tones.tooth, tones.gum, self.texels)
        self.lower = teeth.paint_teeth(teeth.LOWER_ARCH, tones.tooth * (0.93 * lower_light), tones.gum, self.texels)
        middle = self._closed_middle()
        self.anchor = middle + np.array([0, 0, TEETH_DEPTH * span], np.float32)
        self.meeting = np.zeros(3, np.uint8)
        self.own_teeth = False
        if not human:
            self.upper[..., 3] = self.lower[..., 3] = 0
        if rig.mesh.mouth_was_open:
            if human:
                self._keep_own_teeth(image)
            self.meeting = np.rint(np.median(self._lip_colours(image), axis=0) * (0.6, 0.42, 0.45)).astype(np.uint8)

    def _closed_middle(self) -> FloatArray:
        """Where the lips meet in the middle of the closed mouth, (3,) picture pixels."""
        closed = self.rig.expression(np.zeros(52, np.float32))
        line = closed[self.rig.mesh.groups["lip_upper"]]
        corners, middle = (line[0] + line[-1]) / 2, line[len(line) // 2]
        return np.asarray(0.25 * corners + 0.75 * middle, np.float32)

    def _keep_own_teeth(self, image: ByteArray) -> None:
        """Where the portrait shows its own upper teeth, use them, or their colour alone where little of them is seen."""
        rig = self.rig
        span = rig.coordinates.eye_span
        height, width = self.upper.shape[:2]
        a = np.linspace(teeth.LEFT, teeth.RIGHT, width, dtype=np.float32)[None, :, None] * span
        b = np.linspace(teeth.TOP, teeth.BOTTOM, height, dtype=np.float32)[:, None, None] * span
        places = self.anchor[:2] + a * rig.coordinates.axes[:2, 0] + b * rig.coordinates.axes[:2, 1]
        own = cv2.remap(image, places.astype(np.float32), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        opening = np.zeros(image.shape[:2], np.uint8)
        upper, lower = (rig.mesh.rest[rig.mesh.groups[name], :2] for name in ("lip_upper", "lip_lower"))
        cv2.fillPoly(opening, [np.rint(np.concatenate([upper, lower[::-1]])).astype(np.int32)], 255)
        # What is seen further under the upper lip than a tooth is long is tongue or palate, or lower teeth.
        biting = upper + TOOTH_LENGTH * span * rig.coordinates.axes[:2, 1]
        teeth_reach = np.zeros_like(opening)
        cv2.fillPoly(teeth_reach, [np.rint(np.concatenate([upper, biting[::-1]])).astype(np.int32)], 255)
        opening &= teeth_reach
        seen = cv2.remap(opening, places.astype(np.float32), None, cv2.INTER_LINEAR) > 127
        grey = own.astype(np.float32).mean(axis=2)
        redness = (own[..., 0].astype(np.float32) - own[..., 1]) / np.maximum(own[..., 0], 1)
        if not seen.any():
            return
        lips = self._lip_colours(image)
        lip = float(np.median((lips[:, 0] - lips[:, 1]) / np.maximum(lips[:, 0], 1)))
        paler = 0.5 * float(np.percentile(redness[seen & (grey >= np.median(grey[seen]))], 25)) + 0.5 * lip
        toothlike = seen & (grey > 0.55 * float(self.tones.skin.mean())) & (redness < paler)
        shown = int(toothlike.sum()) / int(seen.sum())
        if shown < LEAST_SHOWN or toothlike.sum() < 0.004 * self.texels**2:
            return
        if float(np.median(redness[toothlike])) > lip - 0.08 or float(np.median(grey[toothlike])) < 0.7 * self.tones.skin.mean():
            return
        self._match_tooth_colour(own, toothlike, grey)
        if shown < WELL_SHOWN:  # a mouth wide open: their colour is seen, but too little of them to go on with
            return
        reach = max(1, round(0.012 * self.texels))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        core = cv2.erode(seen.astype(np.uint8), kernel).astype(np.float32)
        blend = cv2.GaussianBlur(core, (0, 0), reach)[..., None]
        self.upper = self._to_own_edge(toothlike)
        self.own_teeth = True
        colour = self.upper[..., :3] * (1 - blend) + own * blend
        self.upper[..., :3] = np.rint(colour).astype(np.uint8)

    def _to_own_edge(self, toothlike: BoolArray) -> ByteArray:
        """The painted upper arch, bent so that its biting edge lies on the one that the picture shows."""
        height, width = toothlike.shape
        columns = np.flatnonzero(toothlike.sum(axis=0) > 0.012 * self.texels)
        bottom = height - 1 - np.argmax(toothlike[::-1, columns], axis=0)
        a = (columns + 0.5) / self.texels + teeth.LEFT
        middle = np.abs(a) < 0.2
        curve = np.polyfit(a[middle] ** 2, bottom[middle], 1) if middle.sum() > 8 else (0.0, float(np.median(bottom)))
        painted = height - 1 - np.argmax(self.upper[::-1, :, 3] > 127, axis=0)
        every = (np.arange(width) + 0.5) / self.texels + teeth.LEFT
        edge = np.polyval(curve, every**2)
        smooth = cv2.GaussianBlur(painted[None].astype(np.float32), (0, 0), 0.06 * self.texels)[0]
        rows = np.arange(height, dtype=np.float32)[:, None] - (edge - smooth)[None].astype(np.float32)
        place_x = np.repeat(np.arange(width, dtype=np.float32)[None], height, axis=0)
        return cv2.remap(self.upper, place_x, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)

    def _lip_colours(self, image: ByteArray) -> FloatArray:
        """Colours (15, 3) in the middle of the lower lip's red."""
        mesh = self.rig.mesh
        middle = (mesh.rest[mesh.groups["lip_lower"]][8:-8].mean(0) + mesh.rest[mesh.groups["outer_lower"]][5:-5].mean(0)) / 2
        along = (
            np.linspace(-0.1, 0.1, 15)[:, None] * self.rig.coordinates.eye_span * self.rig.coordinates.axes[:2, 0] + middle[:2]
        )
        x, y = np.rint(along).astype(int).T
        return np.asarray(image[np.clip(y, 0, image.shape[0] - 1), np.clip(x, 0, image.shape[1] - 1)], np.float32)

    def _match_tooth_colour(self, own: ByteArray, toothlike: BoolArray, grey: FloatArray) -> None:
        """Tone the painted teeth to the ones in the picture."""
        bright = toothlike & (grey >= np.percentile(grey[toothlike], 50))
        found = own[bright].astype(np.float32).mean(axis=0)
        factor = found / np.maximum(self.tones.tooth * 0.93, 1)
        for sheet, dim in ((self.upper, 1.0), (self.lower, 0.95)):
            sheet[..., :3] = np.clip(sheet[..., :3] * factor * dim, 0, 252).astype(np.uint8)

    def _draw_meeting_line(self, region: ByteArray, line: FloatArray, gap: float) -> None:
        """The soft dark line where lips meet that the picture shows apart; it fades as they open."""
        span = self.rig.coordinates.eye_span
        strength = 0.42 * float(np.clip(1 - gap / max(0.02 * span, 1.5), 0, 1))
        if strength > 0.02:
            region[..., :3] = self.meeting
            region[..., 3] = np.rint(255 * strength * _line_cover(line, 0.007 * span, region.shape)).astype(np.uint8)

    def draw(self, inlay: ByteArray, left: int, top: int, places: FloatArray, pose: HeadPose, weights: FloatArray) -> Box | None:
        """Draw into `inlay` (h, w, 4), whose corner is at picture pixel (left, top), for the sheet's final `places` (V, 3).

        Returns in which box of it, if any.
        """
        groups = self.rig.mesh.groups
        upper, lower = places[groups["lip_upper"], :2], places[groups["lip_lower"], :2]
        box = box_around(np.concatenate([upper, lower]), inlay.shape, left, top, margin=3)
        if box is None:
            return None
        x0, y0, x1, y1 = box
        gap = float(((lower - upper) @ (pose.rotation @ self.rig.coordinates.axes[:, 1])[:2]).max())
        if self.rig.mesh.mouth_was_open:
            self._draw_meeting_line(inlay[y0:y1, x0:x1], (upper + lower) / 2 - np.array([left + x0, top + y0]), gap)
        if gap < 0.35:
            return box
        cover = opening_cover(upper, lower, left + x0, top + y0, x1 - x0, y1 - y0)
        span = self.rig.coordinates.eye_span
        shaded = cv2.GaussianBlur(cover, (0, 0), max(0.8, 0.022 * span))
        fall = round(0.014 * span)
        shadow = np.zeros_like(shaded)
        shadow[fall:] = shaded[: shaded.shape[0] - fall]
        axes = pose.size * pose.rotation @ self.rig.coordinates.axes * span
        jaw = float(weights[BLENDSHAPE_INDEX["jawOpen"]]) * JAW_DROP
        closed = float(weights[BLENDSHAPE_INDEX["mouthClose"]])
        seen = 1.0 if self.own_teeth else float(np.clip((gap / span - SLIT[0]) / (SLIT[1] - SLIT[0]), 0, 1))
        forward = float(np.clip(weights[BLENDSHAPE_INDEX["mouthFunnel"]] + weights[BLENDSHAPE_INDEX["mouthPucker"]], 0, 1))
        anchor = pose.moved(self.anchor[None])[0]
        _paint_interior(
            inlay[y0:y1, x0:x1],
            cover,
            shadow,
            np.array([left + x0 - anchor[0], top + y0 - anchor[1]], np.float32),
            inverted(axes[:2, :2]),
            np.array([jaw, closed, forward, self.tones.side_light, seen], np.float32),
            self.upper,
            self.lower,
            np.float32(self.texels),
            np.stack([self.tones.cavity, self.tones.tongue]).astype(np.float32),
        )
        return box


def _line_cover(line: FloatArray, width_px: float, shape: tuple[int, ...]) -> FloatArray:
    """Soft cover (H, W) in [0, 1] of a line (N, 2) in pixels."""
    cover = np.zeros(shape[:2], np.uint8)
    cv2.polylines(cover, [np.rint(line * 16).astype(np.int32)], False, 255, max(1, round(width_px)), cv2.LINE_AA, shift=4)
    return np.minimum(np.asarray(cv2.GaussianBlur(cover, (0, 0), 0.6), np.float32) * (1.6 / 255), 1)


@numba.njit(cache=True, fastmath=True, inline="always")
def _texel(sheet: ByteArray, a: float, b: float, texels: float, out: FloatArray) -> None:
    """Bilinear sample of a painted sheet at place (a, b) in eye spans; outside it is clear."""
    x = (a - teeth.LEFT) * texels - 0.5
    y = (b - teeth.TOP) * texels - 0.5
    x0, y0 = int(np.floor(x)), int(np.floor(y))
    if x0 < 0 or y0 < 0 or x0 + 1 >= sheet.shape[1] or y0 + 1 >= sheet.shape[0]:
        out[3] = 0.0
        return
    fx, fy = x - x0, y - y0
    for c in range(4):
        upper = sheet[y0, x0, c] * (1 - fx) + sheet[y0, x0 + 1, c] * fx
        lower = sheet[y0 + 1, x0, c] * (1 - fx) + sheet[y0 + 1, x0 + 1, c] * fx
        out[c] = upper * (1 - fy) + lower * fy


@numba.njit(cache=True, fastmath=True, inline="always")
def _toothed(red: float, green: float, blue: float, texel: FloatArray, seen: float, dim: float) -> tuple[float, float, float]:
    """A colour with a painted sheet's texel (4,), dimmed, laid over it as far as teeth are seen."""
    alpha = seen * texel[3] / 255
    return red + alpha * (dim * texel[0] - red), green + alpha * (dim * texel[1] - green), blue + alpha * (dim * texel[2] - blue)


@kernel(
    "(uint8[:, :, :], uint8[:, ::1], uint8[:, ::1], float32[::1], float32[:, ::1], float32[::1], uint8[:, :, ::1], "
    "uint8[:, :, ::1], float32, float32[:, ::1])",
    fastmath=True,
    nogil=True,
)
def _paint_interior(
    inlay: ByteArray,
    cover: ByteArray,
    shadow: ByteArray,
    offset: FloatArray,
    to_face: FloatArray,
    state: FloatArray,
    upper: ByteArray,
    lower: ByteArray,
    texels: np.float32,
    tones: FloatArray,
) -> None:
    """Colour every covered pixel: cavity, then tongue, lower teeth, upper teeth, then the lips' shade over all.

    state: jaw drop in eye spans, how far the lips are closed over it and pushed forward, side light, how much of the teeth is
    seen. tones: cavity and tongue.
    """
    jaw, closed, forward, side_light, seen = state[0], state[1], state[2], state[3], state[4]
    texel = np.empty(4, np.float32)
    tongue_top = 0.020 + 0.42 * jaw
    lower_tip = 0.020 + 0.945 * jaw * (1 - 0.3 * closed) + 0.03 * forward
    for y in range(cover.shape[0]):
        for x in range(cover.shape[1]):
            if cover[y, x] == 0:
                continue
            px, py = x + offset[0], y + offset[1]
            a = to_face[0, 0] * px + to_face[0, 1] * py
            b = to_face[1, 0] * px + to_face[1, 1] * py
            light = 1.0 + side_light * a
            depth = min(max((b - tongue_top - 0.9 * a * a) / 0.15, 0.0), 1.0)
            dome = depth * depth * (3 - 2 * depth) * (1 - 0.10 * np.exp(-((a / 0.018) ** 2))) * max(0.0, 1 - (a / 0.30) ** 2)
            red = tones[0, 0] + (tones[1, 0] - tones[0, 0]) * dome
            green = tones[0, 1] + (tones[1, 1] - tones[0, 1]) * dome
            blue = tones[0, 2] + (tones[1, 2] - tones[0, 2]) * dome
            _texel(lower, a, b - lower_tip, texels, texel)
            red, green, blue = _toothed(red, green, blue, texel, seen, 0.72)
            _texel(upper, a, b, texels, texel)
            red, green, blue = _toothed(red, green, blue, texel, seen, 1.0)
            ambient = min(max((shadow[y, x] / 255.0 - 0.05) / 0.60, 0.0), 1.0)
            shade = (0.55 + 0.45 * ambient) * light * (1 - 0.25 * forward)
            inlay[y, x, 0] = np.uint8(min(max(red * shade, 0.0), 255.0))
            inlay[y, x, 1] = np.uint8(min(max(green * shade, 0.0), 255.0))
            inlay[y, x, 2] = np.uint8(min(max(blue * shade, 0.0), 255.0))
            inlay[y, x, 3] = cover[y, x]
