"""How a portrait's head follows a driver's, relative or absolute, part by part. Nothing here needs torch.

Guo and others, "LivePortrait: Efficient Portrait Animation with Stitching and Retargeting Control" (2024), and the published
program: which of the 21 key points belong to eyes, lips and brows is its finding. The key points of no part (cheeks, jaw, nose)
go with the lips. Driven absolutely, the portrait takes of those only the directions that the published program takes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from scipy.ndimage import gaussian_filter1d
from scipy.spatial.transform import Rotation

from animators.liveportrait.heads import KEYPOINTS, Heads, Poses, rotations
from animators.liveportrait.options import ALL, EXPRESSION, EYES, LIP, POSE
from core.contracts import FloatArray
from core.driving import BoolArray, Strength, bridged
from core.timebase import frames_to_seconds

EYE_POINTS, LIP_POINTS, BROW_POINTS = (11, 13, 15, 16, 18), (6, 12, 14, 17, 19, 20), (1, 2)
#: Of points that carry a person's looks besides the expression: the directions that another person's face may give.
SHARED_DIRECTIONS = {3: (1,), 4: (1,), 5: (2,), 8: (2,), 9: (1, 2)}
#: What is read frame by frame trembles a little: width of the filter over time, of the face and of the head.
FACE_SMOOTHED_S, HEAD_SMOOTHED_S = 0.016, 0.04
REST_OF_FACE = tuple(sorted(set(range(KEYPOINTS)) - {*EYE_POINTS, *LIP_POINTS, *BROW_POINTS}))


@dataclass(frozen=True)
class Following:
    """What is followed, and how strongly.

    region: one of `options`' regions. eyes, lips: whether these follow by the driver's key points, not by retargeting. mouth:
    whether the driver moves lips, cheeks and jaw at all, not a sound.
    """

    relative: bool = True
    region: str = ALL
    strength: Strength = field(default_factory=Strength)
    eyes: bool = True
    lips: bool = True
    mouth: bool = True

    @property
    def weights(self) -> FloatArray:
        """(21, 3) how much of the driver's expression each key point takes in each direction."""
        face, eyes, lips = (self.region in (ALL, EXPRESSION, *part) for part in ((), (EYES,), (LIP,)))
        weights = np.zeros((KEYPOINTS, 3))
        weights[list(EYE_POINTS)] = self.strength.eyes * (eyes and self.eyes)
        weights[list(LIP_POINTS)] = self.strength.lips * (lips and self.lips and self.mouth)
        weights[list(BROW_POINTS)] = self.strength.brows * face
        weights[list(REST_OF_FACE)] = self.strength.lips * (face and self.mouth)
        return weights if self.relative else weights * shared_directions()

    @property
    def turns(self) -> float:
        """How much of the driver's turning and shift the head takes."""
        return self.strength.head if self.region in (ALL, POSE) else 0.0

    @property
    def grows(self) -> float:
        """How much of the driver's nearness."""
        return self.strength.head if self.region == ALL and self.relative else 0.0


def shared_directions() -> FloatArray:
    """(21, 3) 1 where a face takes another's expression as it is, 0 where that is a matter of each person's looks."""
    shared = np.zeros((KEYPOINTS, 3))
    shared[[*EYE_POINTS, *LIP_POINTS, *BROW_POINTS]] = 1
    for point, directions in SHARED_DIRECTIONS.items():
        shared[point, list(directions)] = 1
    return shared


def followed(portrait: Heads, driver: Heads, neutral: Heads, how: Following) -> Poses:
    """The portrait's poses in the driver's T frames.

    portrait: of one picture, or of T of a film. neutral: the driver's one frame with which others are compared; driven
    absolutely it does not count.
    """
    own, theirs = portrait.poses, driver.poses
    against = neutral.poses if how.relative else own
    turned = theirs.rotation @ against.rotation.transpose(0, 2, 1)
    rotation = powered(turned, how.turns) @ own.rotation
    expression = own.expression + how.weights * (theirs.expression - against.expression)
    scale = own.scale * (theirs.scale / against.scale) ** how.grows
    shift = own.shift + how.turns * (theirs.shift - against.shift)
    return Poses(rotation, expression, np.broadcast_to(scale, len(rotation)), shift)


def powered(rotation: FloatArray, power: float) -> FloatArray:
    """Rotations (T, 3, 3) about the same axes by `power` times their angle."""
    if power == 1:
        return rotation
    return np.asarray(Rotation.from_rotvec(Rotation.from_matrix(rotation).as_rotvec() * power).as_matrix())


def made_whole(heads: Heads, seen: BoolArray, cuts: Iterable[int], fps: float) -> Heads:
    """Heads read frame by frame with those that were not seen bridged, smoothed over time without lag within each shot.

    seen: (T,), somewhere true.
    """
    whole = {name: bridged(getattr(heads, name), seen) for name in ("angles_deg", "canonical", "expression", "scale", "shift")}
    frame_s = frames_to_seconds(1, fps)
    for start, stop in pairwise(sorted({0, *(int(cut) for cut in cuts), len(heads)})):
        for name, values in whole.items():
            sigma = (FACE_SMOOTHED_S if name == "expression" else HEAD_SMOOTHED_S) / frame_s
            values[start:stop] = gaussian_filter1d(values[start:stop], sigma, axis=0, mode="nearest")
    return replace(heads, **whole)


def turned_by(portrait: Heads, angles_deg: FloatArray) -> FloatArray:
    """Rotations (T, 3, 3) of the portrait's head with pitch, yaw and roll (T, 3) in degrees added to its own."""
    return rotations(portrait.angles_deg + angles_deg)
