"""Runs the networks for poses, and gives what they would paint and where, not pictures.

Fields are (rows, columns, C) float32 in the canvas: a warp (2 channels, source minus place in canvas pixels), how much is painted
(1 or 4 channels) and with what (4 channels, linear light and alpha in [0, 1]), times how much: so they may be mixed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import onnxruntime  # noqa: F401  # where it is missing, that is told when the room is opened

from animators.anime.canvas import EYEBROW_CROP, FACE_CROP, to_srgb
from animators.anime.checkpoint import Network, ensure_networks
from animators.anime.pose import FACE, PARAMETER_INDEX
from animators.anime.sampling import warped
from core.contracts import FloatArray
from neural.onnx_session import network_session

#: Channels of the fields: warp, painted how much, painted with what.
EYEBROW_CHANNELS, FACE_CHANNELS, BODY_CHANNELS = 2 + 1 + 4, 2 + 1 + 4 + 1 + 4, 2 + 4 + 4
#: Paint thinner than this is none.
TRACE = 0.05
#: A pixel that changes by more levels of 255 than this is seen to change; rows of the face's crop above and below which nothing
#: of the mouth, or of the eyes, lies.
SEEN_LEVELS, MOUTH_BELOW, EYES_ABOVE = 25, 105, 120
#: The networks of head and body.
LARGE = ("rotator", "editor")
Tick = Callable[[], None]


@dataclass(frozen=True)
class EyebrowLayers:
    """The face without eyebrows, and the eyebrows: how much of each is painted over, and with what. (128, 128, 1 or 4)."""

    background_alpha: FloatArray
    background_colour: FloatArray
    eyebrow_alpha: FloatArray
    eyebrow_colour: FloatArray


class Painter:
    """The five networks and the figure that they see; each is loaded when it is first asked. Those of the face and the large ones
    of head and body are not in memory together. Its methods raise MissingError where the weights can't be had.
    """

    def __init__(self, canvas: FloatArray, threads: int) -> None:
        """canvas: (4, 512, 512) in [-1, 1], as `canvas.canvas_of` makes it."""
        self.canvas = canvas
        self._threads = threads
        self._sessions: dict[Network, Any] = {}

    @cached_property
    def layers(self) -> EyebrowLayers:
        """The eyebrows apart from the face."""
        names = ("background_alpha", "background_colour", "eyebrow_alpha", "eyebrow_colour")
        return EyebrowLayers(*(_field(self._parted[name], colour=name.endswith("colour")) for name in names))

    def eyebrow_fields(self, poses: FloatArray, tick: Tick) -> Iterator[FloatArray]:
        """(128, 128, 7) for each of the poses (K, 12) of the eyebrows."""
        for pose in poses:
            yield self._eyebrow_field(pose)
            tick()

    def face_fields(self, poses: FloatArray, rows: slice, tick: Tick) -> Iterator[FloatArray]:
        """(rows, 192, 12) for each of the poses (K, 27) of eyes and mouth, of the rows that are wanted of the face's crop.

        Eyebrows are at rest: eyes and mouth are painted alike whatever they do.
        """
        for pose in poses:
            out = self._run("face_morpher", image=self._rest_face, pose=pose)
            parts = [_warp(out["change"]), _paint(out["alpha"], out["colour"]), _paint(out["eye_alpha"], out["eye_colour"])]
            yield np.concatenate(parts, axis=-1)[rows]
            tick()

    def body_fields(self, poses: FloatArray, window: tuple[slice, slice], tick: Tick) -> Iterator[FloatArray]:
        """(rows, columns, 10) for each of the poses (K, 6) of head and body, of the window (rows, columns) of the canvas.

        At rest nothing moves and nothing is painted: what the networks do even there is taken from all of them. The face is at
        rest: what it does is hardly seen by the large networks.
        """
        turned = []
        for pose in (np.zeros(6, np.float32), *poses):  # one network after the other, each of them takes half a gigabyte
            turned.append(self._run("rotator", image=self.canvas, pose=pose))
            tick()
        del self._sessions["rotator"]
        at_rest: list[FloatArray] = []
        for pose, rough in zip((np.zeros(6, np.float32), *poses), turned, strict=True):
            out = self._run("editor", image=self.canvas, pose=pose, warped=rough["warped"], half_change=rough["change"])
            warp, cover, colour = (
                field[window] for field in (_warp(out["change"]), _field(out["alpha"]), _field(out["colour"], colour=True))
            )
            if not at_rest:
                at_rest = [warp, cover]
                continue
            # Traces of paint, left at rest or anywhere, only make the picture's own pixels duller.
            cover = np.clip((cover - at_rest[1] - TRACE) / (1.0 - TRACE), 0.0, 1.0)
            yield np.concatenate([warp - at_rest[0], cover, cover * colour], axis=-1)
            tick()

    def response(self) -> tuple[int, int]:
        """Canvas pixels that change where the mouth opens wide, and where the one eye shuts that changes less.

        Few do where the network takes the mouth or the eyes for shading: it knows drawn lines.
        """
        poses = np.zeros((3, FACE.stop - FACE.start), np.float32)
        poses[1, PARAMETER_INDEX["mouth_aaa"] - FACE.start] = 1.0
        for side in ("left", "right"):
            poses[2, PARAMETER_INDEX[f"eye_wink_{side}"] - FACE.start] = 1.0
        rest, wide, shut = (self._shown_face(pose) for pose in poses)
        mouth = np.abs(wide - rest)[MOUTH_BELOW:].max(axis=-1) > SEEN_LEVELS
        eyes = np.abs(shut - rest)[:EYES_ABOVE].max(axis=-1) > SEEN_LEVELS
        middle = eyes.shape[1] // 2
        return int(mouth.sum()), int(min(eyes[:, :middle].sum(), eyes[:, middle:].sum()))

    def _shown_face(self, pose: FloatArray) -> FloatArray:
        """(192, 192, 3) levels of 255 of the face's crop in a pose (27,) of eyes and mouth, over black."""
        out = self._run("face_morpher", image=self._rest_face, pose=pose)
        moved = warped(np.ascontiguousarray(self._rest_face.transpose(1, 2, 0)), _warp(out["change"]))
        moved += _field(out["alpha"]) * (out["colour"].transpose(1, 2, 0) - moved)
        moved += _field(out["eye_alpha"]) * (out["eye_colour"].transpose(1, 2, 0) - moved)
        return 255.0 * to_srgb((moved[..., :3] + 1.0) / 2.0)

    @cached_property
    def _parted(self) -> dict[str, FloatArray]:
        return self._run("eyebrow_decomposer", image=_crop(self.canvas, EYEBROW_CROP))

    @cached_property
    def _background(self) -> FloatArray:
        crop = _crop(self.canvas, EYEBROW_CROP)
        return np.asarray(crop + self._parted["background_alpha"] * (self._parted["background_colour"] - crop))

    @cached_property
    def _eyebrows(self) -> FloatArray:
        colour = self._parted["eyebrow_colour"]
        return np.asarray(colour + self._parted["eyebrow_alpha"] * (_crop(self.canvas, EYEBROW_CROP) - colour))

    def _eyebrow_field(self, pose: FloatArray) -> FloatArray:
        layers = np.concatenate([self._background, self._eyebrows])
        out = self._run("eyebrow_combiner", layers=layers, pose=pose)
        return np.concatenate([_warp(out["change"]), _paint(out["alpha"], out["colour"])], axis=-1)

    @cached_property
    def _rest_face(self) -> FloatArray:
        """The crop (4, 192, 192) that the face morpher sees, its eyebrows put on again at rest."""
        field = self._eyebrow_field(np.zeros(12, np.float32))
        moved = warped(np.ascontiguousarray(self._eyebrows.transpose(1, 2, 0)), field[..., :2]).transpose(2, 0, 1)
        paint = field[..., 3:].transpose(2, 0, 1) * 2.0 - field[..., 2]  # colours from [0, 1] to the networks' [-1, 1]
        layer = moved * (1.0 - field[..., 2]) + paint
        cover = (layer[3] + 1.0) / 2.0
        face = _crop(self.canvas, FACE_CROP).copy()
        left, top, side = EYEBROW_CROP[0] - FACE_CROP[0], EYEBROW_CROP[1] - FACE_CROP[1], EYEBROW_CROP[2]
        face[:3, top : top + side, left : left + side] = self._background[:3] + cover * (layer[:3] - self._background[:3])
        face[3, top : top + side, left : left + side] = self._background[3]
        return face

    def _run(self, network: Network, **inputs: FloatArray) -> dict[str, FloatArray]:
        """Outputs of one network without their batch axis, by name."""
        session = self._session(network)
        names = [output.name for output in session.get_outputs()]
        given = {name: np.ascontiguousarray(value, np.float32)[None] for name, value in inputs.items()}
        # Copies, since ONNX Runtime's own arrays hold on to all the memory that the network ever used.
        return {name: value[0].copy() for name, value in zip(names, session.run(names, given), strict=True)}

    def _session(self, network: Network) -> Any:
        """The network, loaded if it is not; those of the other kind leave the memory for it."""
        if network not in self._sessions:
            self._sessions = {name: session for name, session in self._sessions.items() if (name in LARGE) == (network in LARGE)}
            self._sessions[network] = network_session(ensure_networks()[network], self._threads, card=True, planned=False)
        return self._sessions[network]


def _crop(canvas: FloatArray, crop: tuple[int, int, int]) -> FloatArray:
    left, top, side = crop
    return canvas[:, top : top + side, left : left + side]


def _warp(change: FloatArray) -> FloatArray:
    """A network's warp (2, S, S), in half sides, as (S, S, 2) in pixels."""
    return change.transpose(1, 2, 0) * (change.shape[-1] / 2)


def _field(values: FloatArray, colour: bool = False) -> FloatArray:
    """(C, S, S) as (S, S, C); colours from [-1, 1] to [0, 1]."""
    field = values.transpose(1, 2, 0)
    return (field + 1.0) / 2.0 if colour else field


def _paint(cover: FloatArray, colour: FloatArray) -> FloatArray:
    """How much is painted (1, S, S), and colours (4, S, S) in [-1, 1], as (S, S, 5): how much, and colours in [0, 1] times it."""
    much = _field(cover)
    return np.concatenate([much, much * _field(colour, colour=True)], axis=-1)
