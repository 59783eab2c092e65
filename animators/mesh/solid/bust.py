"""Head and body as closed bodies: the mesh engine's sheets, bulging to the viewer, and their backs."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from animators.mesh.frame_drawer import FrameDrawer
from animators.mesh.layers import Layers
from animators.mesh.matte import BoolArray
from animators.mesh.solid.part import Part, towards_viewer
from animators.mesh.solid.relief import SEEN, behind, outline_distance, roundness, sampled
from core.contracts import BLENDSHAPE_NAMES, ByteArray, FloatArray
from core.easing import smooth_step
from faces.fitting.head_mesh import IntArray, depth_at

#: Parts of a body's roundness by which it stands out; a head is as deep as it is wide, shoulders are not.
BODY_DEPTH = 0.45
#: Face widths within which a head's back has left its outline.
BACK_BEGINS = 0.14
#: How steeply hair comes forward beside the face, in pixels a pixel.
HAIR_RISES = 0.5
#: Face widths along a head's outline whose colours its back has.
RIM = 0.07
#: Eye spans by which a neck stays behind the jaw, and how much further, pixel by pixel, inside the head's outline.
BEHIND_JAW, DEEPER = 0.05, 4.0
#: Clear pixels around a sheet's picture, so that nothing is seen beyond it.
CLEAR_PX = 3
#: Longest side in pixels of a sheet's picture.
LARGEST_PX = 2048


class Bust:
    """The sheets of one portrait and where they are in depth. places: (V, 3) of the head's vertices, the face relaxed."""

    def __init__(self, drawer: FrameDrawer, layers: Layers) -> None:
        self.drawer, self.rig = drawer, drawer.rig
        head_alpha, body_alpha = whole(layers.head_alpha), whole(layers.body_alpha)
        self.layers = replace(layers, head_alpha=head_alpha, body_alpha=body_alpha)
        self.landmark_hull = self._face_mask(layers.head_alpha.shape)
        self.bulge, _ = roundness(layers.head_alpha)
        self.places = self._rounded(drawer.rig.expression(np.zeros(len(BLENDSHAPE_NAMES), np.float32)))

    def _face_mask(self, shape: tuple[int, ...]) -> ByteArray:
        mesh = self.drawer.mesh
        mask = np.zeros(shape, np.uint8)
        hull = cv2.convexHull(np.ascontiguousarray(mesh.rest[mesh.groups["landmarks"], :2], np.float32))
        cv2.fillPoly(mask, [np.rint(hull).astype(np.int32)], 1)
        return mask

    def _rounded(self, places: FloatArray) -> FloatArray:
        """The head's places, with what is around the face brought forward; the face itself is where it was fitted."""
        beside = sampled(cv2.distanceTransform(1 - self.landmark_hull, cv2.DIST_L2, 5), places)
        nearest = np.maximum(self.rig.back - 0.9 * sampled(self.bulge, places), places[:, 2] - HAIR_RISES * beside)
        rounded = places.copy()
        rounded[:, 2] = np.minimum(places[:, 2], nearest)
        return rounded

    def deltas(self, share: FloatArray | None = None) -> dict[str, FloatArray]:
        """What each shape adds to the head's vertices, times `share` (V, 1)."""
        moved = {}
        for k, name in enumerate(BLENDSHAPE_NAMES):
            delta = self.rig.headroom[k] * self.rig.basis[k]
            delta = delta if share is None else delta * share
            if np.abs(delta).max() > 1e-3:
                moved[name] = np.asarray(delta, np.float32)
        return moved

    def head(self) -> list[Part]:
        """The front, open at lids and lips, and the back, which begins at the front's outline."""
        mesh, fitted = self.drawer.mesh, self.drawer.head_places
        picture, uv = _cut(np.dstack([self.layers.head, _bytes(self.layers.head_alpha)]), fitted)
        triangles = towards_viewer(self.places, self._open_eyes(mesh.triangles))
        front = Part("face", self.places, triangles, uv, picture, deltas=self.deltas(), follow=self.rig.follow)
        width, distance = self.rig.coordinates.face_width, outline_distance(self.layers.head_alpha)
        share = smooth_step(sampled(distance, fitted) / (BACK_BEGINS * width))
        places = self.places.copy()
        places[:, 2] += share * (self.rig.back + sampled(self.bulge, fitted) - places[:, 2])
        rim = np.asarray((self.layers.head_alpha > 0.9) & (distance < RIM * width))
        back_picture, back_uv = _cut_behind(self.layers.head, self.layers.head_alpha, rim, fitted)
        away = towards_viewer(places, mesh.triangles)[:, ::-1]
        deltas = self.deltas((1 - share)[:, None].astype(np.float32))
        back = Part("back of the head", places, away, back_uv, back_picture, deltas=deltas, follow=self.rig.follow)
        return [front, back]

    def body(self) -> list[Part]:
        """Neck and shoulders, before and behind; none where the picture could not be taken apart."""
        if self.layers.whole_sheet:
            return []
        mesh, alpha = self.drawer.body_mesh, self.layers.body_alpha
        bulge, _ = roundness(alpha)
        deep = BODY_DEPTH * sampled(bulge, mesh.rest)
        front, back = mesh.rest.copy(), mesh.rest.copy()
        inside = sampled(outline_distance(self.layers.head_alpha), mesh.rest)
        behind_jaw = depth_at(mesh.rest[:, :2], self.places) + BEHIND_JAW * self.rig.coordinates.eye_span + DEEPER * inside
        seen_head = np.asarray(sampled(self.layers.head_alpha, mesh.rest) > 0.02)
        front[:, 2] -= deep
        front[:, 2] = np.where(seen_head, np.clip(behind_jaw, front[:, 2], np.maximum(front[:, 2], self.rig.back)), front[:, 2])
        back[:, 2] = np.maximum(back[:, 2] + deep, front[:, 2])
        picture, uv = _cut(np.dstack([self.layers.body, _bytes(alpha)]), mesh.rest)
        back_picture, back_uv = _cut_behind(self.layers.body, alpha, np.asarray(alpha > 0.9), mesh.rest)
        within: BoolArray = np.asarray((np.abs(uv - 0.5) <= 0.5).all(axis=1))
        near = towards_viewer(front, mesh.triangles[within[mesh.triangles].any(axis=1)])
        return [
            Part("body", front, near, uv, picture, follow=mesh.follow),
            Part("back of the body", back, near[:, ::-1], back_uv, back_picture, follow=mesh.follow),
        ]

    def _open_eyes(self, triangles: IntArray) -> IntArray:
        """The triangles without those between the lids of eyes that can turn."""
        kept = np.ones(len(triangles), bool)
        for eye in self.drawer.eyes:
            if not eye.opens:
                continue
            outline = np.concatenate([self.rig.rest[eye.upper, :2], self.rig.rest[eye.lower[::-1], :2]]).astype(np.float32)
            between = np.isin(triangles, np.union1d(eye.upper, eye.lower)).all(axis=1)
            for i in np.flatnonzero(between):
                x, y = self.rig.rest[triangles[i], :2].mean(axis=0)
                kept[i] &= cv2.pointPolygonTest(outline, (float(x), float(y)), False) < 0
        return triangles[kept]


def whole(alpha: FloatArray) -> FloatArray:
    """A matte (H, W) without what hangs loosely beside its largest piece."""
    count, pieces, about, _ = cv2.connectedComponentsWithStats((alpha > SEEN).astype(np.uint8))
    if count <= 2:
        return alpha
    largest = 1 + int(about[1:, cv2.CC_STAT_AREA].argmax())
    return np.where((pieces == largest) | (alpha <= SEEN), alpha, 0).astype(np.float32)


def _bytes(alpha: FloatArray) -> ByteArray:
    return np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)


def _seen_box(alpha: ByteArray) -> tuple[int, int, int, int]:
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 1), np.flatnonzero(alpha.max(axis=0) > 1)
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1


def _cut(pixels: ByteArray, places: FloatArray) -> tuple[ByteArray, FloatArray]:
    """What is seen of (H, W, 4) pixels with a clear border around it, and where places (V, 2 or 3) are in that, 0 to 1."""
    left, top, right, bottom = _seen_box(pixels[..., 3])
    part = cv2.copyMakeBorder(pixels[top:bottom, left:right], *(4 * (CLEAR_PX,)), cv2.BORDER_REPLICATE)
    part[:CLEAR_PX, :, 3] = part[-CLEAR_PX:, :, 3] = part[:, :CLEAR_PX, 3] = part[:, -CLEAR_PX:, 3] = 0
    corner, size = (left - CLEAR_PX, top - CLEAR_PX), (part.shape[1], part.shape[0])
    scale = min(1.0, LARGEST_PX / max(size))
    if scale < 1:
        part = cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return part, np.asarray((places[:, :2] + 0.5 - np.array(corner)) / np.array(size), np.float32)


def _cut_behind(colours: ByteArray, alpha: FloatArray, known: BoolArray, places: FloatArray) -> tuple[ByteArray, FloatArray]:
    """The same of a silhouette's back."""
    left, top, right, bottom = _seen_box(_bytes(alpha))
    box = np.s_[top:bottom, left:right]
    known = known[box] if known[box].any() else np.asarray(alpha[box] > SEEN)
    pixels = behind(np.ascontiguousarray(colours[box]), alpha[box], known.astype(np.float32))
    pixels = cv2.copyMakeBorder(pixels, 1, 1, 1, 1, cv2.BORDER_REPLICATE)
    pixels[[0, -1], :, 3] = pixels[:, [0, -1], 3] = 0
    size = np.array([pixels.shape[1], pixels.shape[0]])
    inner = (places[:, :2] + 0.5 - np.array([left, top])) / np.array([right - left, bottom - top])
    return pixels, np.asarray((inner * (size - 2) + 1) / size, np.float32)
