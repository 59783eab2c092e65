"""Everything about one drawing and one motion that is made once, before the first frame, and the drawing of one frame from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from animators.anime.brows import BROWS_SEEN, Brows, brows_seen, find_brows
from animators.anime.canvas import CHIN_V, EYEBROW_CROP, EYES_U, FACE_CROP, SIDE, Placement, canvas_of, place_canvas
from animators.anime.figure import BoolArray, cut_out
from animators.anime.lids import Lids, find_lids
from animators.anime.lips import Lips, find_lips
from animators.anime.painter import FACE_CHANNELS, EyebrowLayers, Painter, eyes_alone, mouth_alone
from animators.anime.pose import EYEBROWS, FACE, PARAMETER_INDEX, ROTATION, PoseCurves
from animators.anime.pose_blend import blend_poses
from animators.anime.sampling import field_over, put_eyebrows, put_face, put_figure, srgb_table
from animators.anime.settings import AnimeSettings
from core.contracts import ByteArray, FloatArray, Portrait
from core.easing import smooth_step

#: Rows of the face's crop between which eyes hand over to the mouth: both fields hold them.
EYES_END, MOUTH_START = 136, 128
#: Canvas pixels that must change where the network of the face opens the mouth, and where it shuts the eyes; else the picture's
#: own lips and lids are moved. Nine flat drawings measured 120 and 169 at least, shaded ones 59 and 54 at most.
MOUTH_SEEN, EYES_SEEN = 85, 100
#: How far, in canvas pixels, anything moves out of the figure's own place.
REACH = 36
#: How far from it everything moves and is painted as the networks say; from there to `REACH` it fades out.
NEAR = 14
#: Along the canvas's left, right and lower border the movement fades out over so many pixels.
FADE = 36
#: Width of a drawn face in canvas pixels, and where the head's shift ends, below the chin.
FACE_WIDTH, SHIFT_END_V = 80.0, 330.0
#: Distance of the camera in face widths: what comes nearer grows.
CAMERA_DISTANCE = 6.0
#: How much a full movement of the six parameters of head and body is seen, by the pixels it moves.
BODY_SCALE = np.array([0.8, 0.8, 1.3, 0.4, 1.3, 0.15])


@dataclass(frozen=True)
class Blend:
    """Fields (K, rows, columns, C) of the poses that were asked for, and the weights (T, K) of them in every frame."""

    fields: FloatArray
    weights: FloatArray

    def at(self, frame: int) -> FloatArray:
        """The field (rows, columns, C) of one frame."""
        return np.tensordot(self.weights[frame], self.fields, axes=1)


class FrameDrawer:
    """The figure, its textures, and the fields that move it, for the frames of one motion."""

    def __init__(
        self, portrait: Portrait, curves: PoseCurves, settings: AnimeSettings, threads: int, tick: Callable[[], None]
    ) -> None:
        """tick: called after each answer of the networks. Raises InputError where the face can't be placed."""
        self.placement = place_canvas(portrait.face)
        self.figure = cut_out(portrait, self.placement, threads)
        canvas = canvas_of(self.figure.texture, self.placement)
        seen = canvas[3] > -0.99
        self._window = moving_window(seen, self.placement, portrait.image.shape)
        self._near = nearness(seen, self._window)
        painter = Painter(canvas, threads)
        self._curves = curves
        self._lips, self._lids, self._own_brows = self._own_parts(painter, portrait)
        self._ask(painter, curves.parameters, settings, tick)
        self._prepare_textures(painter.layers)
        self._shift = head_share(self._window)
        self._table = srgb_table()

    def draw(self, frame: int) -> ByteArray:
        """The picture (H, W, 3) uint8 of one frame."""
        self._draw_face(frame)
        field = self._body.at(frame)
        self._add_shift(field, self._curves.shift[frame])
        out = self.figure.picture.copy()
        left, top, right, bottom = self._picture_window
        put_figure(
            self._whole,
            self.figure.background[top:bottom, left:right],
            self.figure.residue[top:bottom, left:right],
            field,
            np.array([left, top], np.float32),
            self._field_window(self._window[1].start, self._window[0].start),
            self._table,
            out[top:bottom, left:right],
        )
        return out

    def _own_parts(self, painter: Painter, portrait: Portrait) -> tuple[Lips | None, Lids | None, Brows | None]:
        """The picture's own lips, lids and eyebrows, where the networks would not move them; None where they do."""
        mouth, eyes = painter.response()
        lips = find_lips(portrait.face, self.figure.texture) if mouth < MOUTH_SEEN else None
        lids = find_lids(portrait.face) if eyes < EYES_SEEN else None
        return lips, lids, find_brows(portrait.face) if brows_seen(painter.layers) < BROWS_SEEN else None

    def _ask(self, painter: Painter, parameters: FloatArray, settings: AnimeSettings, tick: Callable[[], None]) -> None:
        """Choose the poses that stand for all, and ask the networks for them."""
        face, frames = parameters[:, FACE], len(parameters)
        most = settings.most_expressions
        eye_rows, mouth_rows = slice(0, EYES_END), slice(MOUTH_START, FACE_CROP[2])

        def asked(poses: FloatArray, scale: FloatArray, count: int, fields: Callable[[FloatArray], FloatArray]) -> Blend:
            blend = blend_poses(poses, scale, count, settings.tolerance)
            return Blend(fields(poses[blend.chosen]), blend.weights)

        def body_fields(poses: FloatArray) -> FloatArray:
            body = painter.body_fields(poses, self._window, tick)
            body[..., :6] *= (fade(self._window) * self._near)[..., None]
            return body

        if not self._own_brows:
            scale = np.full(12, 0.7)
            self._eyebrows = asked(parameters[:, EYEBROWS], scale, most // 2, lambda poses: painter.eyebrow_fields(poses, tick))
        if self._lids:
            self._eyes = still(eye_rows, frames)
        else:
            self._eyes = asked(eyes_alone(face), eyes_scale(), most, lambda poses: painter.face_fields(poses, eye_rows, tick))
        if self._lips:
            self._mouth = still(mouth_rows, frames)
        else:
            scale = np.where(np.arange(27) < 20, 1.0, 0.4)
            self._mouth = asked(mouth_alone(face), scale, most, lambda poses: painter.face_fields(poses, mouth_rows, tick))
        self._body = asked(parameters[:, ROTATION], BODY_SCALE, settings.most_poses, body_fields)

    def _prepare_textures(self, layers: EyebrowLayers) -> None:
        """The parts of the figure that the small networks paint on, at the picture's own resolution."""
        height, width = self.figure.texture.shape[:2]
        self._face_box = picture_box(FACE_CROP, self.placement, (height, width))
        self._picture_window = _box_of_window(self._window, self.placement, (height, width))
        self._whole = self.figure.texture.copy()
        left, top, right, bottom = self._face_box
        self._browed = np.ascontiguousarray(self.figure.texture[top:bottom, left:right])
        self._face_buffer = np.empty_like(self._browed)
        if not self._own_brows:
            self._prepare_eyebrows(layers)

    def _prepare_eyebrows(self, layers: EyebrowLayers) -> None:
        """The face without its eyebrows, and the eyebrows, for the network that moves them."""
        left, top, right, bottom = self._eyebrow_box = picture_box(EYEBROW_CROP, self.placement, self.figure.texture.shape[:2])
        crop = self.figure.texture[top:bottom, left:right]
        corner, window = np.array([left, top], np.float32), self._field_window(*EYEBROW_CROP[:2])
        at = [field_over(field, corner, window, crop.shape[:2]) for field in vars(layers).values()]
        background_alpha, background_colour, eyebrow_alpha, eyebrow_colour = at
        self._without = (crop + background_alpha * (background_colour - crop)).astype(np.float32)
        self._brows = (eyebrow_colour + eyebrow_alpha * (crop - eyebrow_colour)).astype(np.float32)
        face_left, face_top, _, _ = self._face_box
        self._brow_rows = slice(top - face_top, bottom - face_top)
        self._brow_columns = slice(left - face_left, right - face_left)
        self._brow_buffer = np.empty_like(self._without)

    def _draw_face(self, frame: int) -> None:
        """Put eyebrows, eyes and mouth of the frame into the whole figure."""
        parameters = self._curves.parameters[frame]
        if not self._own_brows:
            left, top, _, _ = self._eyebrow_box
            corner, window = np.array([left, top], np.float32), self._field_window(*EYEBROW_CROP[:2])
            put_eyebrows(self._without, self._brows, self._eyebrows.at(frame), corner, window, self._brow_buffer)
            self._browed[self._brow_rows, self._brow_columns] = self._brow_buffer
        left, top, right, bottom = self._face_box
        corner = np.array([left, top], np.float32)
        if self._lids and self._lips:
            self._face_buffer[:] = self._browed  # nothing is left to the network of the face
        else:
            put_face(self._browed, self._face_field(frame), corner, self._field_window(*FACE_CROP[:2]), self._face_buffer)
        if self._own_brows:
            self._own_brows.draw(self._face_buffer, corner, parameters[EYEBROWS])
        for own in (self._lids, self._lips):
            if own:
                own.draw(self._face_buffer, corner, parameters[FACE])
        self._whole[top:bottom, left:right] = self._face_buffer

    def _face_field(self, frame: int) -> FloatArray:
        """The field (192, 192, 12) of the face's crop in one frame: the eyes' down to where the mouth's takes over."""
        eyes, mouth = self._eyes.at(frame), self._mouth.at(frame)
        field = np.concatenate([eyes[:MOUTH_START], mouth])
        share = np.linspace(0, 1, EYES_END - MOUTH_START, dtype=np.float32)[:, None, None]
        both = slice(MOUTH_START, EYES_END)
        field[both] = eyes[both] * (1 - share) + mouth[: EYES_END - MOUTH_START] * share
        return np.ascontiguousarray(field)

    def _add_shift(self, field: FloatArray, shift: FloatArray) -> None:
        """Let the head move by the motion's own shift, the body staying where it is; the field is changed."""
        right, down, away = shift
        rows, columns = self._window
        share = self._shift
        u = np.arange(columns.start, columns.stop, dtype=np.float32)[None, :] + 0.5 - EYES_U
        v = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None] + 0.5 - CHIN_V
        field[..., 0] += share * (u * away / CAMERA_DISTANCE - right * FACE_WIDTH)
        field[..., 1] += share * (v * away / CAMERA_DISTANCE - down * FACE_WIDTH)

    def _field_window(self, left: int, top: int) -> FloatArray:
        """(3,) where the canvas pixel (left, top) lies in the picture, and how large a canvas pixel is there."""
        x, y = self.placement.to_picture(left, top)
        return np.array([x, y, self.placement.scale], np.float32)


def still(rows: slice, frames: int) -> Blend:
    """Fields of those rows of the face's crop that move and paint nothing in any frame."""
    fields = np.zeros((1, rows.stop - rows.start, FACE_CROP[2], FACE_CHANNELS), np.float32)
    return Blend(fields, np.ones((frames, 1), np.float32))


def eyes_scale() -> FloatArray:
    """(27,) how much a full movement of each parameter of the eyes is seen: lids most, irises less."""
    scale = np.full(27, 0.6)
    for name in ("eye_wink", "eye_happy_wink"):
        for side in ("left", "right"):
            scale[PARAMETER_INDEX[f"{name}_{side}"] - FACE.start] = 1.0
    return scale


def moving_window(opaque: BoolArray, placement: Placement, shape: tuple[int, ...]) -> tuple[slice, slice]:
    """Rows and columns of the canvas in which the figure may be seen: around its pixels, inside the picture."""
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    first_u, first_v = -placement.left / placement.scale, -placement.top / placement.scale
    last_u, last_v = first_u + shape[1] / placement.scale, first_v + shape[0] / placement.scale
    top = max(0, int(max(rows[0] - REACH, np.floor(first_v))))
    bottom = min(SIDE, int(min(rows[-1] + 1 + REACH, np.ceil(last_v))))
    left = max(0, int(max(columns[0] - REACH, np.floor(first_u))))
    right = min(SIDE, int(min(columns[-1] + 1 + REACH, np.ceil(last_u))))
    return slice(top, bottom), slice(left, right)


def fade(window: tuple[slice, slice]) -> FloatArray:
    """(rows, columns) in [0, 1]: 1 inside, falling to 0 at the canvas's left, right and lower border."""
    rows, columns = window
    down = np.clip((SIDE - 1 - np.arange(rows.start, rows.stop)) / FADE, 0.0, 1.0)
    u = np.arange(columns.start, columns.stop)
    across = np.clip(np.minimum(u, SIDE - 1 - u) / FADE, 0.0, 1.0)
    return np.multiply.outer(down, across).astype(np.float32)


def nearness(opaque: BoolArray, window: tuple[slice, slice]) -> FloatArray:
    """(rows, columns) in [0, 1]: 1 on the figure and near it, 0 beyond its reach, where the networks draw stray lines."""
    far = cv2.distanceTransform((~opaque).astype(np.uint8), cv2.DIST_L2, 5)[window]
    return np.clip((REACH - far) / (REACH - NEAR), 0.0, 1.0).astype(np.float32)


def head_share(window: tuple[slice, slice]) -> FloatArray:
    """(rows, 1): 1 down to the chin, from there falling smoothly to 0 at the chest."""
    v = np.arange(window[0].start, window[0].stop)
    return smooth_step(v, SHIFT_END_V, CHIN_V).astype(np.float32)[:, None]


def picture_box(crop: tuple[int, int, int], placement: Placement, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(left, top, right, bottom) of the picture's whole pixels inside a crop of the canvas; size is (height, width)."""
    left, top, side = crop
    return _box_of_window((slice(top, top + side), slice(left, left + side)), placement, size)


def _box_of_window(window: tuple[slice, slice], placement: Placement, size: tuple[int, int]) -> tuple[int, int, int, int]:
    rows, columns = window
    left, top = placement.to_picture(columns.start, rows.start)
    right, bottom = placement.to_picture(columns.stop, rows.stop)
    height, width = size
    x0, y0 = int(np.clip(np.ceil(left), 0, width)), int(np.clip(np.ceil(top), 0, height))
    return x0, y0, int(np.clip(np.floor(right), x0, width)), int(np.clip(np.floor(bottom), y0, height))
