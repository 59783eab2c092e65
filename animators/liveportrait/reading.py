"""Pictures become `Heads`: the motion extractor on its device."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from animators.liveportrait.crops import crop_at, driver_places
from animators.liveportrait.following import made_whole
from animators.liveportrait.heads import KEYPOINTS, Heads, gathered
from animators.liveportrait.networks.motion_extractor import MotionExtractor, RawMotion
from core.contracts import ByteArray, FloatArray
from core.driving import BoolArray, Driving, FaceFilm
from core.errors import InputError
from core.frame_stream import closing_frames

#: Side of the pictures that the networks see.
SIDE_PX = 256
#: Width of an angle's bins, and the middle of the first.
BIN_DEG, FIRST_BIN_DEG = 3.0, -97.5
#: Pictures read at once.
BATCH = 8


class HeadReader:
    """The motion extractor, which is moved to a device; on a graphics card in half precision."""

    def __init__(self, network: MotionExtractor, device: torch.device, dtype: torch.dtype) -> None:
        self.device, self.dtype = device, dtype
        self._network = network.to(device, dtype)

    def read(self, pictures: ByteArray) -> Heads:
        """The heads in pictures (B, 256, 256, 3) uint8 RGB."""
        with torch.inference_mode():
            return heads_of(self._network(as_input(pictures, self.device).to(self.dtype)))


def as_input(pictures: ByteArray, device: torch.device) -> Tensor:
    """(B, 3, H, W) float32 in [0, 1] of pictures (B, H, W, 3) uint8."""
    return torch.from_numpy(np.ascontiguousarray(pictures)).to(device).permute(0, 3, 1, 2).float() / 255


def heads_of(raw: RawMotion) -> Heads:
    """What the network's numbers mean."""

    def plain(values: Tensor) -> FloatArray:
        return np.asarray(values.float().cpu().numpy())

    angles = [degrees(plain(angle)) for angle in (raw.pitch, raw.yaw, raw.roll)]
    canonical, expression = (plain(values).reshape(-1, KEYPOINTS, 3) for values in (raw.canonical, raw.expression))
    return Heads(np.stack(angles, axis=1).astype(np.float32), canonical, expression, plain(raw.scale)[:, 0], plain(raw.shift))


def degrees(logits: FloatArray) -> FloatArray:
    """The expected angle (B,) of logits over bins (B, 66)."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True), dtype=np.float64)
    middles = np.arange(logits.shape[1]) * BIN_DEG + FIRST_BIN_DEG
    return np.asarray((shares / shares.sum(axis=1, keepdims=True)) @ middles)


def read_driver(driving: Driving, reader: HeadReader, tick: Callable[[], None]) -> tuple[Heads, BoolArray]:
    """The driver's heads in all frames, and (T,) in which of them the head was seen; elsewhere they are bridged.

    tick: called for each frame; what it raises ends the work. Raises InputError where no head is seen in the whole film.
    """
    film = driving.film
    faces = [film.face(number) if driving.seen[number] else None for number in range(film.count)]
    seen = np.array([face is not None for face in faces])
    if not seen.any():
        raise InputError("animators.liveportrait.driver_not_seen")
    heads = read_heads(film, driver_places(faces, driving.cuts, film.fps), seen, reader, tick)
    return made_whole(heads, seen, driving.cuts, film.fps), seen


def read_heads(film: FaceFilm, places: FloatArray, seen: BoolArray, reader: HeadReader, tick: Callable[[], None]) -> Heads:
    """The heads in all frames of a film, cut out at `places` (T, 3); where they are not seen, those of a frame before.

    tick: called for each frame; what it raises ends the work.
    """
    found = gathered([reader.read(batch) for batch in squares(film, places, seen, tick)])
    rows = np.maximum(np.cumsum(seen) - 1, 0)
    return Heads(*(values[rows] for values in vars(found).values()))


def squares(film: FaceFilm, places: FloatArray, seen: BoolArray, tick: Callable[[], None]) -> Iterator[ByteArray]:
    """The squares (B, 256, 256, 3) of the frames in which the head is seen, some at once."""
    frames = film.frames()
    waiting: list[ByteArray] = []
    with closing_frames(frames):
        for number, frame in zip(range(len(seen)), frames, strict=True):
            tick()
            if seen[number]:
                waiting.append(crop_at(places[number]).cut(frame, SIDE_PX))
            if len(waiting) == BATCH:
                yield np.stack(waiting)
                waiting = []
        if waiting:
            yield np.stack(waiting)
