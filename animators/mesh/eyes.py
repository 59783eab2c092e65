"""Eyes: eyeballs that turn behind the lids, and lids that slide down over them.

The lids' edges are moved by the mesh. What appears between them is the eyeball, completed once under the lids; what a closing
upper lid unrolls is lid skin, which a picture with open eyes hardly shows, so it is toned from the skin around the eye.
"""

from __future__ import annotations

import cv2
import numpy as np

from animators.mesh.raster import UNCOVERED, rasterize
from core.contracts import BLENDSHAPE_INDEX, ByteArray, FloatArray
from core.kernels import kernel
from drawing.magnifying import magnified
from faces.fitting import landmarks as lm
from faces.fitting.head_mesh import IntArray
from faces.fitting.inlay import Box, box_around, inverted, opening_cover
from faces.fitting.rig import HeadPose, Rig

#: Radius of an eyeball in eye spans (12 mm of 90 mm).
EYEBALL_RADIUS = 0.133
#: How many times larger the eyeball's picture is kept, so that bilinear samples of it are sharp.
EYEBALL_TIMES = 3
#: Eyes whose lids are nearer than this (in eye spans) in the portrait count as shut; they are left as they are.
SHUT_GAP = 0.022


class Eye:
    """One eye of a portrait."""

    def __init__(self, image: ByteArray, landmarks: FloatArray, rig: Rig, side: str, stands_out: float = 0.0) -> None:
        """side: right or left, of the person. stands_out: how far the iris stands before the eye's corners, in eye spans."""
        self.rig = rig
        self.stands_out = stands_out * rig.coordinates.eye_span
        mesh = rig.mesh
        self.blink_name = "eyeBlinkRight" if side == "right" else "eyeBlinkLeft"
        self.upper = mesh.groups[f"lid_upper_{side}"]
        self.lower = np.concatenate([self.upper[:1], mesh.groups[f"lid_lower_{side}"], self.upper[-1:]])
        iris = landmarks[list(lm.RIGHT_IRIS if side == "right" else lm.LEFT_IRIS)]
        self.iris_radius = float(np.linalg.norm(iris[1:, :2] - iris[0, :2], axis=1).mean())
        self.centre = np.array([*iris[0, :2], rig.rest[self.upper, 2].mean()], np.float32)
        gap = rig.rest[self.lower, 1] - rig.rest[self.upper, 1]
        self.opens = bool(gap.max() > SHUT_GAP * rig.coordinates.eye_span)
        self.corner = np.zeros(2, np.float32)
        if self.opens:
            self._complete_eyeball(image)
        self.crease = mesh.groups[f"crease_{side}"]
        self.lid_colours = self._lid_skin(image)
        self.grain = _grain(
            image, landmarks[lm.RIGHT_CHEEK[0] if side == "right" else lm.LEFT_CHEEK[0], :2], rig.coordinates.eye_span
        )

    def _complete_eyeball(self, image: ByteArray) -> None:
        """Cut the eye out of the picture and continue it under the lids: the iris by its symmetry, the white outward."""
        span = self.rig.coordinates.eye_span
        outline = np.concatenate([self.rig.rest[self.upper, :2], self.rig.rest[self.lower[::-1], :2]])
        left, top = np.floor(outline.min(axis=0) - 0.10 * span).astype(int)
        right, bottom = np.ceil(outline.max(axis=0) + 0.10 * span).astype(int)
        self.corner = np.array([left, top], np.float32)
        y, x = np.mgrid[top:bottom, left:right].astype(np.float32)
        colours = cv2.remap(image, x, y, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
        cover = np.zeros(x.shape, np.uint8)
        cv2.fillPoly(cover, [np.rint(outline - self.corner).astype(np.int32)], 255)
        reach = max(1, round(0.008 * span))
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        sure = cv2.erode(cover, kernel)
        sure = sure if sure.any() else cover
        mirror = np.stack([2 * self.centre[0] - x - left, 2 * self.centre[1] - y - top], axis=2).astype(np.float32)
        mirrored = cv2.remap(colours, mirror, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        mirror_sure = cv2.remap(sure, mirror, None, cv2.INTER_NEAREST)
        in_iris = np.hypot(x - self.centre[0], y - self.centre[1]) < 1.05 * self.iris_radius
        use = (sure == 0) & (mirror_sure > 0) & in_iris
        filled = np.where(use[..., None], mirrored, colours)
        hole = ((sure == 0) & ~use).astype(np.uint8)
        filled = cv2.inpaint(np.ascontiguousarray(filled), hole, 2.0 + reach, cv2.INPAINT_TELEA)
        inside = cv2.GaussianBlur(sure, (0, 0), 0.5 * reach)[..., None].astype(np.float32) / 255
        self.eyeball = magnified(np.rint(colours * inside + filled * (1 - inside)).astype(np.uint8), EYEBALL_TIMES)

    def _lid_skin(self, image: ByteArray) -> FloatArray:
        """Colours (3, N, 3) along the lid: at its crease, as the picture has it; lid skin, between brow and cheek; lashes."""
        span, down = self.rig.coordinates.eye_span, self.rig.coordinates.axes[:2, 1]
        smooth = cv2.GaussianBlur(image, (0, 0), max(0.6, 0.014 * span))
        count = len(self.upper)
        crease = self.rig.rest[self.crease, :2]
        at = np.linspace(0, len(crease) - 1, count)
        top = np.stack([np.interp(at, np.arange(len(crease)), crease[:, k]) for k in range(2)], 1)
        under = self.rig.rest[self.lower, :2] + 0.085 * span * down
        over = top - 0.03 * span * down
        rows = [cv2.remap(smooth, p[None].astype(np.float32), None, cv2.INTER_LINEAR)[0] for p in (top, over, under)]
        crease_row, over_row, under_row = (np.asarray(row, np.float32) for row in rows)
        skin = 0.45 * over_row + 0.55 * under_row
        light = skin.sum(axis=1, keepdims=True)
        skin = skin * np.clip(np.median(light) / np.maximum(light, 1), 0.8, 1.25)
        return np.stack([_smooth_along(crease_row, 1.5), _smooth_along(skin, 4.0), _smooth_along(self._lashes(image), 1.5)])

    def _lashes(self, image: ByteArray) -> FloatArray:
        """The darkest colours (N, 3) close to the upper lid's edge in the picture: lashes, or the line that stands for them."""
        span, down = self.rig.coordinates.eye_span, self.rig.coordinates.axes[:2, 1]
        smooth = cv2.GaussianBlur(image, (0, 0), max(0.5, 0.005 * span))
        edge = self.rig.rest[self.upper, :2]
        steps = np.linspace(-0.035, 0.01, 10)[:, None, None] * span * down
        near = np.asarray(cv2.remap(smooth, (edge[None] + steps).astype(np.float32), None, cv2.INTER_LINEAR), np.float32)
        darkest = near.sum(axis=2).argmin(axis=0)
        return np.asarray(near[darkest, np.arange(len(edge))], np.float32)

    def draw(
        self, inlay: ByteArray, left: int, top: int, places: FloatArray, pose: HeadPose, weights: FloatArray, gaze_deg: FloatArray
    ) -> Box | None:
        """Draw eyeball and lid into `inlay` (h, w, 4), whose corner is at picture pixel (left, top); in which box, if any."""
        blink = float(weights[BLENDSHAPE_INDEX[self.blink_name]])
        turn = np.sin(np.radians(gaze_deg)) * np.array([1, -1]) * EYEBALL_RADIUS * self.rig.coordinates.eye_span
        back = inverted(pose.size * pose.rotation[:2, :2])
        # What stands out goes further when the head turns, as seen from where the picture was taken.
        turn = turn - back @ (pose.size * self.stands_out * pose.rotation[:2, 2])
        active = min(1.0, 8 * blink + float(np.abs(turn).max()) / 0.35)
        if not self.opens or active < 0.02:
            return None
        upper, lower = places[self.upper, :2], places[self.lower, :2]
        box = box_around(np.concatenate([upper, lower, places[self.crease, :2]]), inlay.shape, left, top, margin=3)
        if box is None:
            return None
        x0, y0, x1, y1 = box
        cover = opening_cover(upper, lower, left + x0, top + y0, x1 - x0, y1 - y0)
        region = inlay[y0:y1, x0:x1]
        offset = np.array([left + x0, top + y0], np.float32) - pose.moved(self.centre[None])[0, :2]
        _paint_eyeball(
            region,
            cover,
            np.float32(active),
            offset,
            back,
            self.centre[:2] - self.corner,
            turn.astype(np.float32),
            np.float32(self.iris_radius),
            self.eyeball,
            np.float32(blink),
        )
        if blink > 0.02:
            self._draw_lid(region, (left + x0, top + y0), places[self.crease, :2], upper, blink)
        return box

    def _draw_lid(self, region: ByteArray, corner: tuple[int, int], crease: FloatArray, upper: FloatArray, blink: float) -> None:
        """Paint what the closing lid unrolls, between its crease (N, 2) and its edge (M, 2)."""
        count = len(upper)
        at = np.linspace(0, len(crease) - 1, count)
        top = np.stack([np.interp(at, np.arange(len(crease)), crease[:, k]) for k in range(2)], 1)
        top[[0, -1]] = upper[[0, -1]]
        edges = np.concatenate([top, upper]) - np.array(corner, np.float32)
        places = np.column_stack([edges, np.zeros(2 * count)]).astype(np.float32)
        along = np.arange(count, dtype=np.float32)
        texture = np.column_stack([np.tile(along, 2), np.repeat([0.0, 1.0], count)]).astype(np.float32)
        i = np.arange(count - 1, dtype=np.int32)
        triangles = np.concatenate([np.stack([i, i + 1, i + count], 1), np.stack([i + 1, i + 1 + count, i + count], 1)]).astype(
            np.int32
        )
        coordinates = np.empty((*region.shape[:2], 2), np.float32)
        rasterize(places, texture, triangles, coordinates, np.empty(region.shape[:2], np.float32))
        grain_at = np.rint(edges.mean(axis=0)).astype(np.int64)
        _paint_lid(region, coordinates, self.lid_colours, self.grain, grain_at, np.float32(min(1.0, 1.6 * blink)))


def _smooth_along(row: FloatArray, sigma: float) -> FloatArray:
    """A row of colours (N, 3) smoothed along itself."""
    padded = np.pad(row, ((8, 8), (0, 0)), mode="edge")
    return np.asarray(cv2.GaussianBlur(padded, (1, 17), sigma)[8:-8], np.float32)


def _grain(image: ByteArray, centre: FloatArray, span: float) -> FloatArray:
    """The fine texture (n, n, 3) of the cheek without its shading: pores, film grain, canvas, brush."""
    half = max(4, round(0.09 * span))
    x, y = (int(v) for v in np.rint(centre))
    height, width = image.shape[:2]
    x, y = int(np.clip(x, half, width - half)), int(np.clip(y, half, height - half))
    patch = image[max(0, y - half) : y + half, max(0, x - half) : x + half].astype(np.float32)
    return np.asarray(0.7 * np.clip(patch - cv2.GaussianBlur(patch, (0, 0), max(1.0, 0.012 * span)), -14, 14), np.float32)


@kernel(
    "(uint8[:, :, :], uint8[:, ::1], float32, float32[::1], float32[:, ::1], float32[::1], float32[::1], float32, "
    "uint8[:, :, ::1], float32)",
    fastmath=True,
    nogil=True,
)
def _paint_eyeball(
    region: ByteArray,
    cover: ByteArray,
    active: np.float32,
    offset: FloatArray,
    back: FloatArray,
    centre: FloatArray,
    turn: FloatArray,
    iris_radius: np.float32,
    eyeball: ByteArray,
    blink: np.float32,
) -> None:
    """Colour every covered pixel from the completed eyeball, turned: the iris shifts whole, the white stretches behind it."""
    height, width = eyeball.shape[0], eyeball.shape[1]
    for y in range(cover.shape[0]):
        for x in range(cover.shape[1]):
            if cover[y, x] == 0:
                continue
            px, py = x + offset[0], y + offset[1]
            sx = back[0, 0] * px + back[0, 1] * py
            sy = back[1, 0] * px + back[1, 1] * py
            away = np.sqrt((sx - turn[0]) ** 2 + (sy - turn[1]) ** 2) / iris_radius
            fade = min(max((2.6 - away) / 1.4, 0.0), 1.0)
            fade = fade * fade * (3 - 2 * fade)
            tx = min(max((sx - turn[0] * fade + centre[0]) * EYEBALL_TIMES, 0.0), width - 1.001)
            ty = min(max((sy - turn[1] * fade + centre[1]) * EYEBALL_TIMES, 0.0), height - 1.001)
            x0, y0 = int(tx), int(ty)
            fx, fy = tx - x0, ty - y0
            shade = 1.0 - 0.25 * blink
            for c in range(3):
                upper = eyeball[y0, x0, c] * (1 - fx) + eyeball[y0, x0 + 1, c] * fx
                lower = eyeball[y0 + 1, x0, c] * (1 - fx) + eyeball[y0 + 1, x0 + 1, c] * fx
                region[y, x, c] = np.uint8(min(max((upper * (1 - fy) + lower * fy) * shade, 0.0), 255.0))
            region[y, x, 3] = np.uint8(cover[y, x] * active)


@kernel(
    "(uint8[:, :, :], float32[:, :, ::1], float32[:, :, ::1], float32[:, :, ::1], int64[::1], float32)",
    fastmath=True,
    nogil=True,
)
def _paint_lid(
    region: ByteArray, coordinates: FloatArray, colours: FloatArray, grain: FloatArray, grain_at: IntArray, strength: np.float32
) -> None:
    """Lay lid skin over the unrolled lid; v runs from its crease (0) to its edge (1), which the lashes line."""
    last = colours.shape[1] - 1
    for y in range(region.shape[0]):
        for x in range(region.shape[1]):
            u = coordinates[y, x, 0]
            if u <= UNCOVERED:
                continue
            v = coordinates[y, x, 1]
            i = min(int(u), last - 1)
            f = u - i
            fade_in = min(v / 0.22, 1.0)
            ends = min(min(u, last - u) / 4.0, 1.0)
            alpha = strength * fade_in * fade_in * (3 - 2 * fade_in) * ends
            below = region[y, x, 3] / 255.0
            total = alpha + below * (1 - alpha)
            if total <= 0.004:
                continue
            turn = min(v / 0.45, 1.0)
            turn = turn * turn * (3 - 2 * turn)
            shade = 1.0 - 0.10 * v * v
            gy, gx = (y - grain_at[1]) % (2 * grain.shape[0]), (x - grain_at[0]) % (2 * grain.shape[1])
            gy = gy if gy < grain.shape[0] else 2 * grain.shape[0] - 1 - gy  # mirrored, so that no seam shows
            gx = gx if gx < grain.shape[1] else 2 * grain.shape[1] - 1 - gx
            lash = 0.8 * strength * ends * min(max((v - 0.86) / 0.07, 0.0), 1.0)
            for c in range(3):
                crease = colours[0, i, c] * (1 - f) + colours[0, i + 1, c] * f
                lid = colours[1, i, c] * (1 - f) + colours[1, i + 1, c] * f
                skin = (crease + (lid - crease) * turn) * shade + grain[gy, gx, c]
                lashes = colours[2, i, c] * (1 - f) + colours[2, i + 1, c] * f
                skin += lash * (lashes - skin)
                mixed = (alpha * skin + (1 - alpha) * below * region[y, x, c]) / total
                region[y, x, c] = np.uint8(min(max(mixed, 0.0), 255.0))
            region[y, x, 3] = np.uint8(255 * total)
