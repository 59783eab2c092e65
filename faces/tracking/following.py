"""One face, followed from frame to frame by the landmark network in a close-up that goes with it.

Each frame is read by itself, without what the network would smooth: the whole film is there, and `steadying.py` steadies it
without lag.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import BinaryIO

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from faces.face_reading import CloseUp, in_picture, nearest, placement
from faces.faces import box_of, rotation_deg_of
from faces.mediapipe_tasks import Landmarker, Reading
from faces.tracking.appearance import appearance_of, colours_at, mouth_places

#: Side of a close-up in pixels, and in sides of the face; the second is tried where nothing is read in the first.
CLOSE_UP_PX = 256
SIDES = (2.0, 2.9)
#: A face that changes its size by more than this factor from one frame to the next is another one.
MOST_GROWTH = 1.35
#: Part of the last movement that is taken for the next one.
SWING = 0.8
#: Looks of a face are taken up to these angles; each counts as much as it is frontal.
LOOK_YAW_DEG, LOOK_PITCH_DEG = 28.0, 22.0


@dataclass
class Run:
    """A face as long as it could be followed without a break: a part of a track.

    frames: the film's frames in which it was read. rows: a file, in which for each of them lie 478 x 3 landmarks, 52 shapes,
    yaw, pitch and roll, and the places around the mouth, all float32. look: its mean appearance; None before one was taken.
    human: None while nobody could tell.
    """

    number: int
    rows: BinaryIO | None
    frames: list[int] = field(default_factory=list)
    widths_px: list[float] = field(default_factory=list)
    look: FloatArray | None = None
    looks: float = 0.0
    human: bool | None = None
    judged: int = 0
    best: tuple[float, int] = (-1.0, 0)
    reading: Reading | None = None
    moved: tuple[float, float] = (0.0, 0.0)
    first_box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    last_box: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)

    @property
    def last(self) -> int:
        """The last frame in which it was read."""
        return self.frames[-1]

    def take(self, reading: Reading, image: ByteArray, frame: int) -> FloatArray | None:
        """Write what was read in that frame; gives back the face's look where it is frontal."""
        before = None if self.reading is None else placement(self.reading)[0]
        centre, side, _ = placement(reading)
        if before is not None and frame - self.last == 1:
            self.moved = centre[0] - before[0], centre[1] - before[1]
        else:
            self.moved = 0.0, 0.0
        rotation = rotation_deg_of(reading.matrix)
        colours = face_colours(image, reading.landmarks)
        parts = (reading.landmarks, reading.blendshapes, np.array(rotation), mouth_places(colours))
        assert self.rows is not None
        self.rows.write(np.concatenate([part.ravel() for part in parts]).astype(np.float32).tobytes())
        self.frames.append(frame)
        self.widths_px.append(side)
        self.reading = reading
        self.last_box = box_of(reading.landmarks)
        if len(self.frames) == 1:
            self.first_box = self.last_box
        frontal = 1 - max(abs(rotation[0]) / LOOK_YAW_DEG, abs(rotation[1]) / LOOK_PITCH_DEG)
        self.best = max(self.best, (side * (max(0.05, frontal)), frame))
        return appearance_of(colours, reading.landmarks) if frontal > 0 else None

    def add_look(self, look: FloatArray) -> None:
        """Let a look count in the mean."""
        self.look = look if self.look is None else (self.look * self.looks + look) / (self.looks + 1)
        self.looks = min(self.looks + 1, 50)


def face_colours(image: ByteArray, landmarks: FloatArray) -> FloatArray:
    """Lab colours (478, 3) at the landmarks of a face in a picture, of which only the part around it is looked at."""
    low = np.maximum(landmarks[:, :2].min(axis=0) - 8, 0).astype(int)
    high = np.maximum(landmarks[:, :2].max(axis=0) + 9, low + 2).astype(int)
    part = np.ascontiguousarray(image[low[1] : high[1], low[0] : high[0]])
    if part.size == 0:
        return np.zeros((len(landmarks), 3), np.float32)
    return colours_at(part, landmarks - np.array([low[0], low[1], 0], np.float32))


def upright_close_up(image: ByteArray, centre: tuple[float, float], side: float, turn_deg: float) -> CloseUp:
    """As `face_reading.close_up`, smaller and quicker: a square of `CLOSE_UP_PX` about `centre`, black where the picture ends."""
    scale = side / CLOSE_UP_PX
    angle = np.radians(turn_deg)
    turn = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    to_picture = np.concatenate([turn, (np.array(centre) - turn @ np.full(2, CLOSE_UP_PX / 2))[:, None]], axis=1)
    reach = side * 0.75 + 2
    left, top = (max(0, int(middle - reach)) for middle in centre)
    part = image[top : max(0, int(centre[1] + reach)) + 1, left : max(0, int(centre[0] + reach)) + 1]
    if part.size == 0:
        return CloseUp(np.zeros((CLOSE_UP_PX, CLOSE_UP_PX, 3), np.uint8), to_picture, turn_deg, scale)
    local = to_picture.copy()
    local[:, 2] -= (left, top)
    factor = max(1, int(scale))
    if factor > 1:
        size = max(1, part.shape[1] // factor), max(1, part.shape[0] // factor)
        ratio = np.array([size[0] / part.shape[1], size[1] / part.shape[0]])
        part = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
        local = local * ratio[:, None]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    pixels = cv2.warpAffine(np.ascontiguousarray(part), local, (CLOSE_UP_PX, CLOSE_UP_PX), flags=flags)
    return CloseUp(np.asarray(pixels), to_picture, turn_deg, scale)


def read_next(image: ByteArray, last: Reading, moved: tuple[float, float], landmarker: Landmarker) -> Reading | None:
    """The face of the last reading in the next frame; None where it is not read again, or as one of another size."""
    centre, side, turn_deg = placement(last)
    expected = centre[0] + SWING * moved[0], centre[1] + SWING * moved[1]
    for sides in SIDES:
        cut = upright_close_up(image, expected, sides * side, turn_deg)
        found = nearest([in_picture(one, cut) for one in landmarker.read(cut.pixels)], expected, side)
        if found is not None and 1 / MOST_GROWTH < placement(found)[1] / side < MOST_GROWTH:
            return found
    return None
