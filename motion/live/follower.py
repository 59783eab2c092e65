"""The motion of a face before a camera, as it comes: each frame's reading becomes what a portrait does, without a later frame.

    follower = LiveFollower(25.0)
    follower.see(face, at_s, width_px)        # None where nobody is seen
    motion = follower.motion(1)               # as it is now

The face at rest is learned in the first second, and from then on out of what was seen in the last minute: of each shape its low
values, of pose and gaze the middle ones. What a portrait does is the difference from that, so that it keeps its own look.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from core.blendshapes import BLENDSHAPE_NAMES
from core.contracts import Face, FloatArray, Motion
from core.easing import least_jerk
from core.one_euro import OneEuro
from faces.fitting.rig import CAMERA_DISTANCE
from motion.driving.eyes import FURTHEST_DEG, LOOKS, looking_shapes, read_gaze_deg
from motion.driving.head_turn import turned_from

#: What is followed: the shapes, yaw, pitch and roll, where the head is and how wide, and the gaze to the right and up.
SHAPES = len(BLENDSHAPE_NAMES)
TURN, PLACE, GAZE = slice(SHAPES, SHAPES + 3), slice(SHAPES + 3, SHAPES + 6), slice(SHAPES + 6, SHAPES + 8)
WIDTH = SHAPES + 8
#: The face's rest is looked at for so long at first; later one reading in so many seconds is kept, up to the longest span.
FIRST_S, KEPT_EACH_S, SPAN_S = 1.0, 0.2, 60.0
#: A face's shapes at rest are that low among its readings, in percent; and learned so fast.
LOW_PERCENT, LEARNING_S = 15.0, 2.0
#: A face that was not seen for so long goes to rest; the portrait comes from rest and goes there within so long.
LOST_S, EASE_S = 0.4, 0.4
#: Cutoffs of the filter at rest, and by how much speed raises them: of shapes, degrees of pose, places in
#: parts of the picture's width, and degrees of gaze.
CALM_HZ = (4.0, 3.0, 2.0, 2.5)
QUICKENING = (12.0, 0.3, 100.0, 0.1)
#: Corners of the eyes, the one at the picture's left first, and the middles of the irises; the sides of the head, forehead, chin.
EYES, IRISES = ((33, 133), (362, 263)), (468, 473)
HEAD = ((234, 454), (10, 152))
#: Radius of the eyeball in widths between an eye's corners (12 mm of 29 mm).
EYEBALL = 0.41
#: What is farther aside than so many face widths, or turned farther than that many degrees, is no head before a camera.
MOST_SHIFT, MOST_TURN_DEG = 1.0, 60.0


class LiveFollower:
    """Used by one thread at a time."""

    def __init__(self, fps: float) -> None:
        """fps: of the motion that is given."""
        self._fps = fps
        self._now = np.zeros(WIDTH)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Learn the face's rest from the next second on."""
        self._kept: deque[FloatArray] = deque(maxlen=round(SPAN_S / KEPT_EACH_S))
        self._rest: FloatArray | None = None
        self._begun_s = self._seen_s = self._at_s = self._kept_s = -math.inf
        self._part = 0.0
        self._filter = filter_of_readings()

    @property
    def learning(self) -> bool:
        """Whether the face's rest is still learned, so that the portrait rests."""
        return self._rest is None

    def see(self, face: Face | None, at_s: float, width_px: int) -> None:
        """What is seen at `at_s`, which grows. width_px: of the camera's picture."""
        after_s, self._at_s = max(at_s - self._at_s, 1e-3), at_s
        if face is not None:
            self._seen_s = at_s
            self._learn(reading := reading_of(face, width_px), at_s)
            self._now[:] = self._filter.step(reading, min(after_s, 1.0))
        wanted = self._rest is not None and at_s - self._seen_s <= LOST_S
        step = min(after_s, EASE_S) / EASE_S
        self._part = min(1.0, self._part + step) if wanted else max(0.0, self._part - step)

    def motion(self, frames: int) -> Motion:
        """What the portrait does now, so many frames of it."""
        change = np.zeros(WIDTH) if self._rest is None else change_from(self._now, self._rest)
        row = (least_jerk(self._part) * change).astype(np.float32)
        rows = np.repeat(row[None], frames, axis=0)
        return Motion(self._fps, rows[:, :SHAPES], rows[:, TURN], rows[:, PLACE], rows[:, GAZE], np.full(frames, 0.5, np.float32))

    def _learn(self, reading: FloatArray, at_s: float) -> None:
        if self._begun_s == -math.inf:
            self._begun_s = at_s
        first = self._rest is None
        if first or at_s - self._kept_s >= KEPT_EACH_S:
            since_s, self._kept_s = at_s - self._kept_s, at_s
            self._kept.append(reading)
            if not first:
                assert self._rest is not None
                self._rest += (1.0 - math.exp(-since_s / LEARNING_S)) * (rest_of(self._kept) - self._rest)
        if first and at_s - self._begun_s >= FIRST_S:
            self._rest = rest_of(self._kept)


def filter_of_readings() -> OneEuro:
    """The filter of a reading's values."""
    counts = (SHAPES, 3, 3, 2)
    return OneEuro(np.repeat(CALM_HZ, counts), np.repeat(QUICKENING, counts))


def rest_of(readings: deque[FloatArray]) -> FloatArray:
    """(WIDTH,) of the face at rest, by what was read."""
    rows = np.stack(readings)
    rest = np.median(rows, axis=0)
    rest[:SHAPES] = np.percentile(rows[:, :SHAPES], LOW_PERCENT, axis=0)
    return np.asarray(rest)


def change_from(reading: FloatArray, rest: FloatArray) -> FloatArray:
    """(WIDTH,) what a portrait does where its driver reads so, and rested so; in the head's place stands its shift in face
    widths, as `Motion.translation` has it."""
    change = reading - rest
    change[:SHAPES] = np.clip(change[:SHAPES] / np.maximum(1.0 - rest[:SHAPES], 0.2), 0.0, 1.0)
    change[TURN] = np.clip(turned_from(reading[None, TURN], rest[TURN])[0], -MOST_TURN_DEG, MOST_TURN_DEG)
    x, y, width = change[PLACE] / rest[PLACE][2]
    change[PLACE] = np.clip((x, y, CAMERA_DISTANCE * (1.0 / (1.0 + width) - 1.0)), -MOST_SHIFT, MOST_SHIFT)
    change[GAZE] = np.clip(change[GAZE], -FURTHEST_DEG, FURTHEST_DEG)
    change[LOOKS] = looking_shapes(change[None, GAZE])[0]
    return np.asarray(change)


def reading_of(face: Face, width_px: int) -> FloatArray:
    """(WIDTH,) of a face in a picture so wide: its shapes, its pose, its place in parts of that width, and its gaze."""
    points = np.asarray(face.landmarks, np.float64)
    middle = points[[side for pair in HEAD for side in pair], :2].mean(axis=0)
    place = np.array([*middle, head_width_px(points)]) / width_px
    gaze = (gaze_of(points) + read_gaze_deg(np.asarray(face.blendshapes)[None])[0]) / 2
    return np.concatenate([face.blendshapes, face.rotation_deg, place, gaze]).astype(np.float64)


def head_width_px(points: FloatArray) -> float:
    """The head's width however it is turned: of what is measured across and down, in depth too, the middle of both."""
    across, down = (float(np.linalg.norm(points[a] - points[b])) for a, b in HEAD)
    return max(math.sqrt(across * down), 1.0)


def gaze_of(points: FloatArray) -> FloatArray:
    """(2,) degrees that the eyes look to the picture's right and up in the head, by where the irises lie between the corners.

    `reading_of` takes the mean of this and of what the network reads from the pixels, as `motion.driving.eyes` does.
    """
    told = []
    for (left, right), iris in zip(EYES, IRISES, strict=True):
        along = points[right, :2] - points[left, :2]
        length = max(float(np.linalg.norm(along)), 1e-3)
        aside = points[iris, :2] - (points[left, :2] + points[right, :2]) / 2
        across, down = aside @ along / length**2, aside @ np.array([-along[1], along[0]]) / length**2
        told.append((across, -down))
    sines = np.mean(told, axis=0) / EYEBALL
    return np.asarray(np.degrees(np.arcsin(np.clip(sines, -0.9, 0.9))))
