"""What the networks say of one drawing, whatever the film: asked once, and kept with the portrait where somebody keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from animators.anime.brows import BROWS_SEEN, Brows, brows_seen, find_brows
from animators.anime.canvas import EYEBROW_CROP, FACE_CROP, SIDE, Placement, canvas_of
from animators.anime.fields import Fields, packed
from animators.anime.figure import BoolArray, Figure
from animators.anime.key_poses import PARTS, digest, key_poses
from animators.anime.lids import Lids, find_lids
from animators.anime.lips import Lips, find_lips
from animators.anime.painter import BODY_CHANNELS, EYEBROW_CHANNELS, FACE_CHANNELS, EyebrowLayers, Painter, Tick
from animators.anime.settings import AnimeSettings
from core.contracts import Face, FloatArray, Portrait

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
_FACE_ROWS = {"eyes": slice(0, EYES_END), "mouth": slice(MOUTH_START, FACE_CROP[2])}
_REST_NAME = "rest.npz"


@dataclass(frozen=True)
class OwnParts:
    """The picture's own lips, lids and eyebrows, where the networks would not move them; None where they do."""

    lips: Lips | None
    lids: Lids | None
    brows: Brows | None

    @property
    def parts(self) -> set[str]:
        """Which of `PARTS` the networks are not asked for."""
        own = {"mouth": self.lips, "eyes": self.lids, "eyebrows": self.brows}
        return {part for part, found in own.items() if found}


@dataclass(frozen=True)
class Answers:
    """layers: the eyebrows apart from the face. seen: (mouth, eyes), see `Painter.response`. fields: by part, to the key poses;
    without the parts of the picture's own.
    """

    layers: EyebrowLayers
    seen: tuple[int, int]
    fields: Mapping[str, Fields]

    def save(self, folder: Path) -> None:
        """Write them into `folder`."""
        np.savez(folder / _REST_NAME, seen=np.array(self.seen), **vars(self.layers))
        for part, fields in self.fields.items():
            fields.save(folder, part)

    @classmethod
    def load(cls, folder: Path) -> Answers:
        """What `save` wrote; the fields stay on disk until they are mixed."""
        with np.load(folder / _REST_NAME, allow_pickle=False) as stored:
            mouth, eyes = (int(count) for count in stored["seen"])
            layers = EyebrowLayers(**{name: stored[name] for name in stored.files if name != "seen"})
        fields = {part: Fields.load(folder, part) for part in PARTS}
        return cls(layers, (mouth, eyes), {part: found for part, found in fields.items() if found is not None})


class Asked:
    """A figure as the networks see it, and what they answer; nothing of them is loaded before they are asked.

    window: rows and columns of the canvas in which the figure may be seen.
    """

    def __init__(self, figure: Figure, placement: Placement, threads: int) -> None:
        self._figure = figure
        canvas = canvas_of(figure.texture, placement)
        seen = canvas[3] > -0.99
        self.window = moving_window(seen, placement, figure.picture.shape)
        self._share = (fade(self.window) * nearness(seen, self.window))[..., None]
        self._painter = Painter(canvas, threads)

    def size(self, part: str) -> tuple[int, int, int]:
        """(rows, columns, C) of the part's fields."""
        if part == "eyebrows":
            return EYEBROW_CROP[2], EYEBROW_CROP[2], EYEBROW_CHANNELS
        rows, columns = (_FACE_ROWS[part], slice(0, FACE_CROP[2])) if part in _FACE_ROWS else self.window
        return rows.stop - rows.start, columns.stop - columns.start, BODY_CHANNELS if part == "body" else FACE_CHANNELS

    def fields(self, part: str, poses: FloatArray, tick: Tick) -> Fields:
        """Answers to the poses (K, P) of a part. tick: called after each answer; what it raises ends the asking."""
        if part == "eyebrows":
            return packed(self.size(part), self._painter.eyebrow_fields(poses, tick))
        if part == "body":
            answers = self._painter.body_fields(poses, self.window, tick)
            return packed(self.size(part), (self._share * answer for answer in answers))
        return packed(self.size(part), self._painter.face_fields(poses, _FACE_ROWS[part], tick))

    def answers(self, face: Face, settings: AnimeSettings, tick: Tick) -> Answers:
        """All that does not depend on the film."""
        layers, seen = self._painter.layers, self._painter.response()
        tick()
        asked = [part for part in PARTS if part not in own_parts(face, self._figure, layers, seen).parts]
        counts = settings.key_counts
        return Answers(layers, seen, {part: self.fields(part, key_poses(part, counts[part]), tick) for part in asked})


def answers_of(portrait: Portrait, asked: Asked, settings: AnimeSettings, tick: Tick) -> Answers:
    """The answers about a portrait: those that were kept for it, where somebody keeps them."""
    if portrait.keep is None:
        return asked.answers(portrait.face, settings, tick)

    def make(folder: Path) -> None:
        asked.answers(portrait.face, settings, tick).save(folder)

    return Answers.load(portrait.keep({"answers": settings.key_counts, "key_poses": digest()}, make))


def own_parts(face: Face, figure: Figure, layers: EyebrowLayers, seen: tuple[int, int]) -> OwnParts:
    """What of the picture moves itself."""
    mouth, eyes = seen
    return OwnParts(
        find_lips(face, figure.texture) if mouth < MOUTH_SEEN else None,
        find_lids(face) if eyes < EYES_SEEN else None,
        find_brows(face) if brows_seen(layers) < BROWS_SEEN else None,
    )


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
