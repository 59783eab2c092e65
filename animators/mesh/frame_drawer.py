"""Everything about one portrait that is made once, before the first frame, and the drawing of one frame from it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from animators.mesh.body_mesh import build_body_mesh
from animators.mesh.eyes import Eye
from animators.mesh.layers import Layers, layers_of
from animators.mesh.raster import lay_inlay
from animators.mesh.settings import MeshSettings
from animators.mesh.sheets import Sheet
from core.contracts import BLENDSHAPE_NAMES, ByteArray, FloatArray, Portrait
from core.easing import smooth_step
from faces.fitting.face_coordinates import face_coordinates
from faces.fitting.head_mesh import build_head_mesh
from faces.fitting.mouth import MouthInterior
from faces.fitting.rig import HeadPose, Rig
from faces.fitting.tones import measure_tones

#: How far, in face widths, head and body may move out of the place they have in the picture.
REACH = 0.16
#: Within this many face widths of a border that cuts the person, movement fades out.
PINNED = 0.35
#: How far in from the picture's border, in its shorter sides, what is cut by it must reach.
CUT_DEPTH = 0.005
#: Pixels, in eye spans, by which lips that were open are textured from inside their edge.
LIP_INSET = 0.026


class FrameDrawer:
    """Sheets, eyes and mouth of one portrait. Drawing changes nothing of it: several threads may draw frames at once."""

    def __init__(self, portrait: Portrait, settings: MeshSettings | None = None, layers: Layers | None = None) -> None:
        """layers: the portrait's sheets, where they are there already."""
        settings = settings or MeshSettings()
        image = portrait.image
        points = portrait.face.landmarks
        coordinates = face_coordinates(points)
        layers = layers or layers_of(portrait)
        self.background = layers.background
        reach = REACH * coordinates.face_width
        head_extent = _extent(layers.head_alpha, reach)
        self.mesh = build_head_mesh(image, portrait.face, coordinates, head_extent)
        self.rig = Rig(self.mesh, coordinates, portrait.face.blendshapes)
        for begins, times in settings.larger:
            self.rig.headroom[[name.startswith(begins) for name in BLENDSHAPE_NAMES]] *= times
        pins = cut_sides(layers.head_alpha) | cut_sides(layers.body_alpha) - {"top"}
        ramp = PINNED * coordinates.face_width
        self.rig.follow = self.rig.follow * held_at_border(self.rig.rest, pins, image.shape, ramp)
        self.body_mesh = build_body_mesh(self.rig, _extent(layers.body_alpha, reach))
        held = self.body_mesh.follow * held_at_border(self.body_mesh.rest, pins, image.shape, ramp)
        self.body_mesh = replace(self.body_mesh, follow=held)
        self.mouth = MouthInterior(image, self.rig, measure_tones(image, points), portrait.face.human, settings.lower_light)
        self.eyes = [Eye(image, points, self.rig, side, settings.irises_stand_out) for side in ("right", "left")]
        body = _textured(layers.body, layers.body_alpha)
        self.body = Sheet(body, self.body_mesh.rest[:, :2], self.body_mesh.triangles, _laid_over(self.background, body))
        texture = self.mesh.texture_places(max(LIP_INSET * coordinates.eye_span, 0.8))
        self.head_places = texture[: len(self.mesh.rest)]
        self.head = Sheet(_textured(layers.head, layers.head_alpha), texture, self.mesh.triangles, image, self.mesh.strip)
        left, top, right, bottom = (round(v) for v in head_extent)
        self.left, self.top = max(0, left), max(0, top)
        self.inlay_shape = (min(image.shape[0], bottom + 1) - self.top, min(image.shape[1], right + 1) - self.left, 4)

    def draw(self, weights: FloatArray, gaze_deg: FloatArray, pose: HeadPose, late: HeadPose) -> ByteArray:
        """One frame (H, W, 3) for blendshapes (52,), the eyes' turn (2,), the head's pose and that of the loose parts."""
        places = self.rig.place(self.rig.expression(weights), pose, late)
        frame = self.background.copy()
        self.body.draw(self.body_mesh.place(pose, late), frame)
        self.head.draw(self.mesh.with_strip(places), frame)
        inlay = np.zeros(self.inlay_shape, np.uint8)  # the system gives memory only for what is drawn
        drawn = [eye.draw(inlay, self.left, self.top, places, pose, weights, gaze_deg) for eye in self.eyes]
        drawn.append(self.mouth.draw(inlay, self.left, self.top, places, pose, weights))
        for box in drawn:
            if box is not None:
                lay_inlay(inlay, self.left, self.top, *box, frame)
        return frame


def cut_sides(alpha: FloatArray) -> set[str]:
    """Which of the picture's borders (left, top, right, bottom) cut through what a matte (H, W) shows."""
    deep = max(2, round(CUT_DEPTH * min(alpha.shape)))  # single hairs that touch the border are no cut
    rows, columns = alpha[:deep].min(axis=0), alpha[:, :deep].min(axis=1)
    borders = {"left": columns, "top": rows, "right": alpha[:, -deep:].min(axis=1), "bottom": alpha[-deep:].min(axis=0)}
    return {side for side, border in borders.items() if (border > 0.3).mean() > 0.01}


def held_at_border(points: FloatArray, sides: set[str], shape: tuple[int, ...], ramp: float) -> FloatArray:
    """Weight (N, 1): 0 on the named borders of a picture of `shape`, rising to 1 within `ramp` pixels.

    What the border cuts off is not in the picture; held there, it is never needed.
    """
    height, width = shape[:2]
    x, y = points[:, 0], points[:, 1]
    inward = {"left": x, "top": y, "right": width - 1 - x, "bottom": height - 1 - y}
    weight = np.ones(len(points), np.float32)
    for side in sides:
        weight *= smooth_step(inward[side] / ramp)
    return weight[:, None]


def _textured(colours: ByteArray, alpha: FloatArray) -> ByteArray:
    """An (H, W, 4) uint8 texture from colours and a matte in [0, 1]."""
    return np.ascontiguousarray(np.dstack([colours, np.rint(np.clip(alpha, 0, 1) * 255).astype(np.uint8)]))


def _laid_over(background: ByteArray, sheet: ByteArray) -> ByteArray:
    """What is seen of a sheet (H, W, 4) over the background (H, W, 3)."""
    alpha = sheet[..., 3:].astype(np.float32) / 255
    return np.rint(background + alpha * (sheet[..., :3] - background.astype(np.float32))).astype(np.uint8)


def _extent(alpha: FloatArray, margin: float) -> tuple[float, float, float, float]:
    """Box (left, top, right, bottom) around what a matte shows, widened by `margin` pixels, also beyond the picture."""
    rows, columns = np.flatnonzero(alpha.max(axis=1) > 0.004), np.flatnonzero(alpha.max(axis=0) > 0.004)
    return columns[0] - margin, rows[0] - margin, columns[-1] + margin, rows[-1] + margin
