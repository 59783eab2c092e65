"""Everything about one drawing that is made once, before the first frame, and the drawing of one frame from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from animators.anime.answers import EYES_END, MOUTH_START, Answers, Asked, answers_of, own_parts
from animators.anime.canvas import CHIN_V, EYEBROW_CROP, EYES_U, FACE_CROP, Placement, place_canvas
from animators.anime.fields import Fields
from animators.anime.figure import Figure, cut_out
from animators.anime.key_poses import PARTS, key_poses, poses_of, scale_of
from animators.anime.painter import EyebrowLayers, Tick
from animators.anime.pose import EYEBROWS, FACE
from animators.anime.pose_blend import PoseBlend, blend_poses, key_blend
from animators.anime.sampling import field_over, kinds_of, put_eyebrows, put_face, put_figure, srgb_table
from animators.anime.settings import AnimeSettings
from core.contracts import ByteArray, FloatArray, Portrait
from core.easing import smooth_step
from drawing.threads import split_loops

#: Width of a drawn face in canvas pixels, and where the head's shift ends, below the chin.
FACE_WIDTH, SHIFT_END_V = 80.0, 330.0
#: Distance of the camera in face widths: what comes nearer grows.
CAMERA_DISTANCE = 6.0


@dataclass(frozen=True)
class Blend:
    """Answers to poses of a part, some kept and some to a film's own, and what weighs all of them for any pose."""

    answers: Sequence[Fields]
    blend: PoseBlend | None

    def at(self, pose: FloatArray, out: FloatArray) -> FloatArray:
        """Write the field (rows, columns, C) of a pose (P,) into `out`, which is returned."""
        out[:] = 0.0
        if self.blend is None:
            return out
        weights, first = self.blend.weights(pose), 0
        for fields in self.answers:
            fields.add_to(out, weights[first : first + len(fields)])
            first += len(fields)
        return out

    def painted(self, size: tuple[int, int]) -> npt.NDArray[np.bool_]:
        """(rows, columns) of that size: where, or two pixels beside where, any of the answers paints."""
        paints = np.zeros(size[0] * size[1], np.uint8)
        for fields in self.answers:
            paints[fields.paint_places] = 1
        return cv2.dilate(paints.reshape(size), np.ones((5, 5), np.uint8)) > 0


class FrameDrawer:
    """The figure, its textures, and the fields that move it."""

    def __init__(
        self, portrait: Portrait, settings: AnimeSettings, threads: int, tick: Tick, poses: FloatArray | None = None
    ) -> None:
        """poses: (T, 45) those of a film, for whose sake the networks are asked more; without them only what is kept with the
        drawing is asked for. tick: called after each answer of the networks. Raises InputError where the face can't be placed."""
        self.placement = place_canvas(portrait.face)
        self.figure = cut_out(portrait, self.placement, threads)
        asked = Asked(*self._seen(portrait, threads), threads)
        answers = answers_of(portrait.usual or portrait, asked, settings, tick)
        self._window = asked.window
        self._own = own_parts(portrait.face, self.figure, answers.layers, answers.seen)
        self._blends = {part: self._blend(part, answers, asked, settings, tick, poses) for part in PARTS}
        self._buffers = {part: np.zeros(asked.size(part), np.float32) for part in PARTS}
        self._prepare_textures(answers.layers)
        self._shift = head_share(self._window)
        self._table = srgb_table()

    def draw(self, parameters: FloatArray, shift: FloatArray) -> ByteArray:
        """The picture (H, W, 3) uint8 of a pose (45,) and a shift (3,), as in `PoseCurves`."""
        self._draw_face(parameters)
        field = self._field("body", parameters)
        self._add_shift(field, shift)
        out = self.figure.picture.copy()
        left, top, right, bottom = self._picture_window
        put_figure(
            self._whole,
            self._kinds,
            self.figure.background[top:bottom, left:right],
            self.figure.residue[top:bottom, left:right],
            field,
            self._painted,
            np.array([left, top], np.float32),
            self._field_window(self._window[1].start, self._window[0].start),
            self._table,
            out[top:bottom, left:right],
        )
        return out

    def _seen(self, portrait: Portrait, threads: int) -> tuple[Figure, Placement]:
        """The figure as the networks see it, whatever the film's height, and the canvas on it."""
        if portrait.usual is None:
            return self.figure, self.placement
        placement = place_canvas(portrait.usual.face)
        return cut_out(portrait.usual, placement, threads), placement

    def _blend(
        self, part: str, answers: Answers, asked: Asked, settings: AnimeSettings, tick: Tick, film: FloatArray | None
    ) -> Blend:
        """How a part moves; the networks are asked for what of a film lies beyond the key poses."""
        if part not in answers.fields:
            return Blend((), None)
        kept = answers.fields[part]
        keys = key_poses(part, len(kept))
        if film is None:
            return Blend((kept,), key_blend(keys, scale_of(part)))
        poses = poses_of(part, film)
        blend = blend_poses(poses, keys, scale_of(part), settings.most_further, settings.tolerance)
        further = (asked.fields(part, poses[blend.further], tick),) if len(blend.further) else ()
        return Blend((kept, *further), blend)

    def _field(self, part: str, parameters: FloatArray) -> FloatArray:
        """The part's field in a pose; it holds until the next is asked for."""
        return self._blends[part].at(poses_of(part, parameters[None])[0], self._buffers[part])

    def _prepare_textures(self, layers: EyebrowLayers) -> None:
        """The parts of the figure that the small networks paint on, at the picture's own resolution."""
        height, width = self.figure.texture.shape[:2]
        self._face_box = picture_box(FACE_CROP, self.placement, (height, width))
        self._picture_window = _box_of_window(self._window, self.placement, (height, width))
        self._whole = self.figure.texture.copy()
        self._kinds = kinds_of(self.figure.texture[..., 3], self._face_box)
        self._painted = self._blends["body"].painted(self._buffers["body"].shape[:2])
        left, top, right, bottom = self._face_box
        self._browed = np.ascontiguousarray(self.figure.texture[top:bottom, left:right])
        self._face_buffer = np.empty_like(self._browed)
        if not self._own.brows:
            self._prepare_eyebrows(layers)

    def _prepare_eyebrows(self, layers: EyebrowLayers) -> None:
        """The face without its eyebrows, and the eyebrows, for the network that moves them."""
        left, top, right, bottom = self._eyebrow_box = picture_box(EYEBROW_CROP, self.placement, self.figure.texture.shape[:2])
        crop = self.figure.texture[top:bottom, left:right]
        corner, window = np.array([left, top], np.float32), self._field_window(*EYEBROW_CROP[:2])
        with split_loops():
            at = [field_over(field, corner, window, crop.shape[:2]) for field in vars(layers).values()]
        background_alpha, background_colour, eyebrow_alpha, eyebrow_colour = at
        self._without = (crop + background_alpha * (background_colour - crop)).astype(np.float32)
        self._brows = (eyebrow_colour + eyebrow_alpha * (crop - eyebrow_colour)).astype(np.float32)
        face_left, face_top, _, _ = self._face_box
        self._brow_rows = slice(top - face_top, bottom - face_top)
        self._brow_columns = slice(left - face_left, right - face_left)
        self._brow_buffer = np.empty_like(self._without)

    def _draw_face(self, parameters: FloatArray) -> None:
        """Put eyebrows, eyes and mouth of a pose into the whole figure."""
        if not self._own.brows:
            left, top, _, _ = self._eyebrow_box
            corner, window = np.array([left, top], np.float32), self._field_window(*EYEBROW_CROP[:2])
            put_eyebrows(self._without, self._brows, self._field("eyebrows", parameters), corner, window, self._brow_buffer)
            self._browed[self._brow_rows, self._brow_columns] = self._brow_buffer
        left, top, right, bottom = self._face_box
        corner = np.array([left, top], np.float32)
        if self._own.lids and self._own.lips:
            self._face_buffer[:] = self._browed  # nothing is left to the network of the face
        else:
            put_face(self._browed, self._face_field(parameters), corner, self._field_window(*FACE_CROP[:2]), self._face_buffer)
        if self._own.brows:
            self._own.brows.draw(self._face_buffer, corner, parameters[EYEBROWS])
        for own in (self._own.lids, self._own.lips):
            if own:
                own.draw(self._face_buffer, corner, parameters[FACE])
        self._whole[top:bottom, left:right] = self._face_buffer

    def _face_field(self, parameters: FloatArray) -> FloatArray:
        """The field (192, 192, 12) of the face's crop in a pose: the eyes' down to where the mouth's takes over."""
        eyes, mouth = self._field("eyes", parameters), self._field("mouth", parameters)
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
