"""The face of a film, not of a picture, follows a driving film: each frame has features and key points of its own.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024), as the published
program does from one film to another: the driver's expression and turning, against its neutral frame, are added to the film's
own; place and size of the head stay the film's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

import cv2
import numpy as np

from animators.liveportrait.corrections import Openness
from animators.liveportrait.crops import crop_at, eyes_open, film_places, lips_open
from animators.liveportrait.drawing import LivePortrait, Wanted
from animators.liveportrait.following import followed
from animators.liveportrait.heads import Heads
from animators.liveportrait.options import LivePortraitOptions
from animators.liveportrait.reading import SIDE_PX, HeadReader, read_driver, read_heads
from animators.liveportrait.runner import following, wanted_openness
from core.contracts import ByteArray, Face, FloatArray, Progress, silent
from core.driving import BoolArray, Driving, FaceFilm
from core.errors import InputError
from neural.gpu_turn import STAGE as WAITING
from neural.gpu_turn import device_turn

STAGE = "render"
#: Frames drawn in one turn on a graphics card.
IN_A_TURN = 8
#: Share of the square's side over which what is drawn passes into the film at its border.
SOFT_SHARE = 0.12


@dataclass(frozen=True)
class Source:
    """The film whose face moves. heads: in all frames, of use where they are seen, (T,). places: (T, 3) of their squares."""

    heads: Heads
    seen: BoolArray
    places: FloatArray


class DrivenFilm:
    """A `FrameFilter`: the frames of a film come out with the face moved as a driver's; frames without the face as they were."""

    def __init__(self, liveportrait: LivePortrait, driving: Driving, film: FaceFilm, options: LivePortraitOptions) -> None:
        """film: the one whose frames come in, one of the driver's for each of them; a longer film keeps the driver's last."""
        self._liveportrait = liveportrait
        self._driving = driving
        self._film = film
        self._options = options

    def apply(self, frames: Iterator[ByteArray], progress: Progress = silent) -> Iterator[ByteArray]:
        """See `FrameFilter`; both films are read before the first frame is drawn."""
        count, device = self._film.count, self._liveportrait.device

        def tick() -> None:
            progress(STAGE, 0, count)

        def waiting() -> None:
            progress(WAITING, 0, 0)

        with device_turn(device, waiting):
            driver, driver_seen = read_driver(self._driving, self._liveportrait.reader, tick)
            source = read_source(self._film, self._liveportrait.reader, tick)
        wanted = wanted_openness(self._options, self._driving, driver_seen)
        numbered = enumerate(frames)
        while batch := list(islice(numbered, IN_A_TURN if device.type == "cuda" else 1)):
            with device_turn(device, waiting):
                moved = [self._moved(frame, number, source, driver, wanted) for number, frame in batch]
            for (number, _), frame in zip(batch, moved, strict=True):
                yield frame
                progress(STAGE, number + 1, count)

    def _moved(self, frame: ByteArray, number: int, source: Source, driver: Heads, wanted: Wanted) -> ByteArray:
        """One frame with its face moved, or as it was where that is not seen."""
        face = self._film.face(number) if number < len(source.seen) and source.seen[number] else None
        if face is None:
            return frame
        crop = crop_at(source.places[number])
        picture = crop.cut(frame, SIDE_PX)
        own = source.heads.at(number)
        keypoints = self._keypoints(own, face, driver, min(number, len(driver) - 1), wanted)
        drawer = self._liveportrait.drawer(picture, own.keypoints())
        drawn = next(self._liveportrait.frames(drawer, keypoints))
        return put_back(frame, drawn, crop.box)

    def _keypoints(self, own: Heads, face: Face, driver: Heads, row: int, wanted: Wanted) -> FloatArray:
        """The key points (1, 21, 3) of one frame."""
        options, driving = self._options, self._driving
        how = following(options, driving)
        poses = followed(own, driver.at(row), driver.at(driving.neutral), how)
        # where the head is in the film, and how near, is not the driver's business
        poses = replace(poses, scale=own.scale, shift=own.shift)
        shut = options.shut_lips_first and driving.relative and wanted.lips is None
        openness = Openness(eyes_open(face), lips_open(face))
        return self._liveportrait.keypoints(own, poses, openness, options, wanted.at(row), shut)


def read_source(film: FaceFilm, reader: HeadReader, tick: Callable[[], None]) -> Source:
    """The heads of the film whose face moves. Raises InputError where no head is seen in all of it."""
    faces = [film.face(number) for number in range(film.count)]
    seen = np.array([face is not None for face in faces])
    if not seen.any():
        raise InputError("animators.liveportrait.source_not_seen")
    places = film_places(faces, film.fps)
    return Source(read_heads(film, places, seen, reader, tick), seen, places)


def put_back(frame: ByteArray, drawn: ByteArray, box: tuple[float, float, float, float]) -> ByteArray:
    """A frame (H, W, 3) with the square `drawn` (S, S, 3) at `box` (left, top, right, bottom), passing softly into the frame."""
    height, width = frame.shape[:2]
    left, top = max(0, int(np.floor(box[0]))), max(0, int(np.floor(box[1])))
    right, bottom = min(width, int(np.ceil(box[2]))), min(height, int(np.ceil(box[3])))
    if left >= right or top >= bottom:
        return frame
    scale = (box[2] - box[0]) / len(drawn)
    if scale < 1:  # cv2 does not average what a pixel covers
        drawn = np.asarray(cv2.GaussianBlur(drawn, (0, 0), 0.5 / scale), np.uint8)
    to_part = np.array([[scale, 0, box[0] - left + scale / 2 - 0.5], [0, scale, box[1] - top + scale / 2 - 0.5]])
    size = right - left, bottom - top
    pictures = cv2.warpAffine(drawn, to_part, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    shares = cv2.warpAffine(soft_square(len(drawn)), to_part, size, flags=cv2.INTER_LINEAR)[..., None]
    moved = frame.copy()
    part = moved[top:bottom, left:right]
    part[:] = np.rint(part + shares * (pictures - part)).astype(np.uint8)
    return moved


def soft_square(side_px: int) -> FloatArray:
    """(side, side) float32 in 0..1: how much of the drawn square is seen, nothing at its border."""
    inside = np.minimum(np.arange(side_px) + 0.5, side_px - np.arange(side_px) - 0.5) / (SOFT_SHARE * side_px)
    ramp = np.clip(inside, 0, 1)
    ramp = ramp * ramp * (3 - 2 * ramp)
    return np.asarray(np.minimum.outer(ramp, ramp), np.float32)
