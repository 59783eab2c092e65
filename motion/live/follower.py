"""The motion of a face before a camera, as it comes: each frame's reading becomes what a portrait does, without a later frame.

    follower = LiveFollower(25.0)
    follower.see(face, at_s)                  # None where nobody is seen
    motion = follower.motion(1)               # as it is now

The face at rest is learned in the first second, and from then on out of what was seen in the last minute: its calmest moments,
and where the head mostly is. What a portrait does is the difference from that, so that it keeps its own look.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

import numpy as np

from core.blendshapes import BLENDSHAPE_INDEX, BLENDSHAPE_NAMES
from core.contracts import Face, FloatArray, Motion
from core.easing import least_jerk
from core.one_euro import OneEuro
from faces.fitting.rig import CAMERA_DISTANCE
from motion.driving.eyes import FURTHEST_DEG, LOOKS, looking_shapes
from motion.driving.head_turn import turned_from
from motion.live.face_fit import MOST_CALM, FaceFit

#: What a portrait does: the shapes, yaw, pitch and roll, the shift, and the gaze to the right and up.
SHAPES = len(BLENDSHAPE_NAMES)
TURN, SHIFT, GAZE = slice(SHAPES, SHAPES + 3), slice(SHAPES + 3, SHAPES + 6), slice(SHAPES + 6, SHAPES + 8)
WIDTH = SHAPES + 8
#: The face's rest is looked at for so long at first; later one moment in so many seconds is kept, up to the longest span.
FIRST_S, KEPT_EACH_S, SPAN_S = 1.0, 0.2, 60.0
#: Where the head mostly is, is learned so fast; whether calmer moments have come is looked at so often, all in seconds.
LEARNING_S, CALMER_EACH_S = 2.0, 5.0
#: So much calmer must they be, where 1 is a shape that is wholly there, or a head turned by so many degrees.
CALMER, AWAY_DEG = 0.15, 25.0
#: What is read of a calm face is as low as this among its readings, in percent. Of the moments that part is the calmest.
LOW_PERCENT, CALM_PART = 10.0, 0.15
#: A blink counts as much as so many other shapes.
BLINK_WEIGHT = 4.0
#: A face that was not seen for so long goes to rest; the portrait comes from rest and goes there within so long.
LOST_S, EASE_S = 0.4, 0.4
#: Cutoffs of the filter at rest, and by how much speed raises them: of shapes, degrees of pose, shifts in face widths, and
#: degrees of gaze.
CALM_HZ = (4.0, 3.0, 2.0, 2.5)
QUICKENING = (12.0, 0.3, 20.0, 0.1)
#: The sides of the head, forehead and chin.
HEAD = ((234, 454), (10, 152))
#: What is farther aside than so many face widths, or turned farther than that many degrees, is no head before a camera.
MOST_SHIFT, MOST_TURN_DEG = 1.0, 60.0
#: Shapes by which calm is judged: not those of the gaze, which goes about in the calmest face.
JUDGED = [index for index in range(SHAPES) if index not in LOOKS]
BLINKS = [BLENDSHAPE_INDEX["eyeBlinkLeft"], BLENDSHAPE_INDEX["eyeBlinkRight"]]


@dataclass(frozen=True)
class Moment:
    """A face as it was seen. stands: (6,) yaw, pitch and roll in degrees, then the middle of the head and its width in pixels."""

    face: Face
    stands: FloatArray


class LiveFollower:
    """Used by one thread at a time."""

    def __init__(self, fps: float) -> None:
        """fps: of the motion that is given."""
        self._fps = fps
        self.begin_anew()

    def begin_anew(self) -> None:
        """Learn the face's rest from the next second on."""
        self._kept: deque[Moment] = deque(maxlen=round(SPAN_S / KEPT_EACH_S))
        self._fit: FaceFit | None = None
        self._calm: list[Moment] = []
        self._stands: FloatArray = np.zeros(6)
        self._now: FloatArray = np.zeros(WIDTH)
        self._begun_s = self._seen_s = self._at_s = self._kept_s = self._judged_s = -math.inf
        self._part = 0.0
        counts = (SHAPES, 3, 3, 2)
        self._filter = OneEuro(np.repeat(CALM_HZ, counts), np.repeat(QUICKENING, counts))

    @property
    def learning(self) -> bool:
        """Whether the face's rest is still learned, so that the portrait rests."""
        return self._fit is None

    def see(self, face: Face | None, at_s: float) -> None:
        """What is seen at `at_s`, which grows."""
        after_s, self._at_s = max(at_s - self._at_s, 1e-3), at_s
        if face is not None:
            self._seen_s = at_s
            moment = Moment(face, standing(face))
            self._learn(moment, at_s)
            if self._fit is not None:
                self._now = self._filter.step(change_of(moment, self._fit, self._stands), min(after_s, 1.0))
        wanted = self._fit is not None and at_s - self._seen_s <= LOST_S
        step = min(after_s, EASE_S) / EASE_S
        self._part = min(1.0, self._part + step) if wanted else max(0.0, self._part - step)

    def motion(self, frames: int) -> Motion:
        """What the portrait does now, so many frames of it."""
        row = (least_jerk(self._part) * self._now).astype(np.float32)
        rows = np.repeat(row[None], frames, axis=0)
        felt = np.full(frames, 0.5, np.float32)
        return Motion(self._fps, np.clip(rows[:, :SHAPES], 0.0, 1.0), rows[:, TURN], rows[:, SHIFT], rows[:, GAZE], felt)

    def _learn(self, moment: Moment, at_s: float) -> None:
        if self._begun_s == -math.inf:
            self._begun_s = self._judged_s = at_s
        if self._fit is not None and at_s - self._kept_s < KEPT_EACH_S:
            return
        since_s, self._kept_s = at_s - self._kept_s, at_s
        self._kept.append(moment)
        if self._fit is not None:
            self._stands += (1.0 - math.exp(-since_s / LEARNING_S)) * (usual_standing(self._kept) - self._stands)
        if at_s - self._judged_s >= (FIRST_S if self._fit is None else CALMER_EACH_S):
            self._judge(at_s)

    def _judge(self, at_s: float) -> None:
        """Take the calmest moments for rest, where they are calmer than those that were taken before, or the first."""
        self._judged_s = at_s
        unrest = unrest_of(list(self._kept), self._kept)
        order = np.argsort(unrest, kind="stable")
        if self._fit is None:
            self._stands = usual_standing(self._kept)
        elif unrest[order[0]] > unrest_of(self._calm, self._kept).min() - CALMER:
            return
        count = int(np.clip(round(CALM_PART * len(self._kept)), min(3, len(self._kept)), MOST_CALM))
        self._calm = [self._kept[index] for index in order[:count]]
        self._fit = FaceFit.of([moment.face for moment in self._calm])


def unrest_of(moments: list[Moment], among: deque[Moment]) -> FloatArray:
    """(n,) how far from calm each of them is, by what is usual among others."""
    usual = np.stack([moment.face.blendshapes for moment in among])
    shapes = np.stack([moment.face.blendshapes for moment in moments])
    beyond = np.maximum(shapes - np.percentile(usual, LOW_PERCENT, axis=0), 0.0)
    turns = np.stack([moment.stands[:3] for moment in moments])
    away = np.abs(turns - usual_standing(among)[:3]).sum(axis=1) / AWAY_DEG
    return np.asarray(beyond[:, JUDGED].sum(axis=1) + BLINK_WEIGHT * beyond[:, BLINKS].mean(axis=1) + away)


def usual_standing(moments: deque[Moment]) -> FloatArray:
    """(6,) where the head mostly is."""
    return np.asarray(np.median([moment.stands for moment in moments], axis=0))


def standing(face: Face) -> FloatArray:
    """(6,) of a face: its pose in degrees, then the middle of its head and how wide that is, however it is turned, in pixels."""
    points = np.asarray(face.landmarks, np.float64)
    middle = points[[side for pair in HEAD for side in pair], :2].mean(axis=0)
    across, down = (float(np.linalg.norm(points[a] - points[b])) for a, b in HEAD)
    return np.array([*face.rotation_deg, *middle, max(math.sqrt(across * down), 1.0)])


def change_of(moment: Moment, fit: FaceFit, usual: FloatArray) -> FloatArray:
    """(WIDTH,) what a portrait does, where the driver's face does this and its head is usually so (6,)."""
    change = np.zeros(WIDTH)
    change[:SHAPES], gaze = fit.read(moment.face)
    change[GAZE] = np.clip(gaze, -FURTHEST_DEG, FURTHEST_DEG)
    change[LOOKS] = looking_shapes(change[None, GAZE])[0]
    change[TURN] = np.clip(turned_from(moment.stands[None, :3], usual[:3])[0], -MOST_TURN_DEG, MOST_TURN_DEG)
    (x, y), size = (moment.stands[3:5] - usual[3:5]) / usual[5], moment.stands[5] / usual[5]
    change[SHIFT] = np.clip((x, y, CAMERA_DISTANCE * (1.0 / size - 1.0)), -MOST_SHIFT, MOST_SHIFT)
    return change
