"""From the motion record to the 45 pose parameters of Talking Head Anime 3, and how a drawn mouth shows a vowel.

The parameters' names and their meaning are THA3's own ("Talking Head(?) Anime from a Single Image 3", 2022). Left and right are
the character's, as in ARKit. A drawn mouth knows six open shapes, five Japanese vowels and a triangle; the motion's jaw says
how far it opens, its rounding and spreading say which of them it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from core.contracts import FloatArray, Motion
from core.easing import kept_within, smooth_step

_SIDED_BEFORE_MOUTH = (
    "eyebrow_troubled", "eyebrow_angry", "eyebrow_lowered", "eyebrow_raised", "eyebrow_happy", "eyebrow_serious",
    "eye_wink", "eye_happy_wink", "eye_surprised", "eye_relaxed", "eye_unimpressed", "eye_raised_lower_eyelid", "iris_small",
)  # fmt: skip
#: All parameters in the networks' order: 12 of the eyebrows, 27 of eyes and mouth, 6 of head and body.
PARAMETER_NAMES: tuple[str, ...] = (
    *(f"{name}_{side}" for name in _SIDED_BEFORE_MOUTH for side in ("left", "right")),
    "mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta",
    "mouth_lowered_corner_left", "mouth_lowered_corner_right", "mouth_raised_corner_left", "mouth_raised_corner_right",
    "mouth_smirk",
    "iris_rotation_x", "iris_rotation_y", "head_x", "head_y", "neck_z", "body_y", "body_z", "breathing",
)  # fmt: skip
PARAMETER_INDEX: dict[str, int] = {name: index for index, name in enumerate(PARAMETER_NAMES)}
EYEBROWS, FACE, ROTATION = slice(0, 12), slice(12, 39), slice(39, 45)
#: Of the 27 of the face, those that move the mouth.
MOUTH = slice(PARAMETER_INDEX["mouth_aaa"] - 12, PARAMETER_INDEX["mouth_smirk"] - 12 + 1)

#: Angles of the head that the networks show at 1.
FULL_PITCH_DEG, FULL_YAW_DEG, FULL_ROLL_DEG = 15.0, 10.0, 15.0
#: The parameters of the head never pass this; where the networks must guess what was hidden, they guess badly.
FURTHEST_TURN = 0.75
#: Gaze at which irises are turned fully. Drawn eyes are large, so the same turn is seen more.
FULL_GAZE_DEG = 26.0
#: Parts of the head's turn and tip that the body follows with.
BODY_YAW_SHARE, BODY_ROLL_SHARE = 0.45, 0.4
#: Jaw at which a drawn mouth is wide open, and up to which it stays shut. Between them it opens by a power below 1: drawn mouths
#: are small, and speech, whose jaw hardly passes half of the wide one, must be seen in them too.
WIDE_JAW, SHUT_JAW, OPENING_POWER = 0.58, 0.02, 0.52
#: Openings from which a mouth is no longer a narrow one of its vowel, and is wholly the wide one.
WIDE_FROM, WIDE_FULL = 0.25, 0.62
#: Sums of mouthFunnel and mouthPucker at which a mouth begins to be round and is wholly so.
ROUND_FROM, ROUND_FULL = 0.12, 0.5
#: Stretch and smile of a spread mouth, likewise. A smile beyond what a vowel has is a feeling's, and makes no other vowel.
SPREAD_FROM, SPREAD_FULL, VOWEL_SMILE = 0.10, 0.45, 0.22
#: How far a smile shuts the eyes, in arches.
HAPPY_EYES = 0.25
#: Rise of the chest in face widths at which a breath is full.
FULL_BREATH = 0.016


@dataclass(frozen=True)
class PoseCurves:
    """Poses of T frames.

    parameters: (T, 45) float32 in `PARAMETER_NAMES` order, [0, 1] or, for irises, head and body, [-1, 1].
    shift: (T, 3) float32, what the head moves besides, in face widths: right, down, away.
    """

    parameters: FloatArray
    shift: FloatArray

    def __len__(self) -> int:
        return len(self.parameters)


class PoseMaker:
    """Makes poses of a motion that may come piece by piece; the body follows the head about `body_lag_s` seconds behind."""

    def __init__(self, body_lag_s: float) -> None:
        self._turning, self._tipping = Lag(body_lag_s), Lag(body_lag_s)

    def curves(self, motion: Motion) -> PoseCurves:
        """The poses that show `motion`, which goes on where the one before ended."""
        curves = _mouth(motion) | _eyes(motion) | _eyebrows(motion) | self._head_and_body(motion)
        parameters = np.zeros((len(motion), len(PARAMETER_NAMES)), np.float32)
        for name, curve in curves.items():
            parameters[:, PARAMETER_INDEX[name]] = curve
        return PoseCurves(parameters, motion.translation.astype(np.float32))

    def _head_and_body(self, motion: Motion) -> dict[str, FloatArray]:
        """Head, neck and the body that follows; the chest breathes with the motion's own rise."""
        yaw, pitch, roll = motion.rotation_deg.T
        head_y, head_x, neck_z = (
            kept_within(value, FURTHEST_TURN) for value in (-yaw / FULL_YAW_DEG, pitch / FULL_PITCH_DEG, -roll / FULL_ROLL_DEG)
        )
        return {
            "head_x": head_x,
            "head_y": head_y,
            "neck_z": neck_z,
            "body_y": BODY_YAW_SHARE * self._turning.follow(head_y, motion.fps),
            "body_z": BODY_ROLL_SHARE * self._tipping.follow(neck_z, motion.fps),
            "breathing": np.clip(-motion.translation[:, 1] / FULL_BREATH, 0.0, 1.0),
        }


def pose_curves(motion: Motion, body_lag_s: float) -> PoseCurves:
    """The poses of a whole motion."""
    return PoseMaker(body_lag_s).curves(motion)


def _mouth(motion: Motion) -> dict[str, FloatArray]:
    """The mouth: opening times a mixture of vowels whose parts sum to one, teeth shown by a hiss, corners, and the smirk."""
    jaw = np.maximum(motion.shape("jawOpen") - motion.shape("mouthClose"), 0.0)
    opening = np.clip((jaw - SHUT_JAW) / (WIDE_JAW - SHUT_JAW), 0.0, 1.0) ** OPENING_POWER
    rounding = smooth_step(motion.shape("mouthFunnel") + motion.shape("mouthPucker"), ROUND_FROM, ROUND_FULL)
    stretch, smile = _mean(motion, "mouthStretch"), np.minimum(_mean(motion, "mouthSmile"), VOWEL_SMILE)
    spread = smooth_step(1.5 * stretch + 0.45 * smile, SPREAD_FROM, SPREAD_FULL) * (1.0 - rounding)
    wide = smooth_step(opening, WIDE_FROM, WIDE_FULL)
    plain = 1.0 - rounding - spread
    # Lips that part over a shut jaw show teeth: a hiss. Its drawing is the thin wide mouth.
    hiss = np.clip(1.6 * (_mean(motion, "mouthLowerDown") - 0.75 * jaw), 0.0, 1.0) * (1.0 - rounding) * (1.0 - opening)
    frown = np.clip(_mean(motion, "mouthFrown") / 0.6, 0.0, 1.0)
    curves = {
        "mouth_aaa": opening * plain * (0.45 + 0.55 * wide) + 0.35 * opening * spread * wide,
        "mouth_delta": opening * plain * 0.55 * (1.0 - wide),
        "mouth_eee": opening * spread * (0.35 + 0.3 * wide),
        "mouth_iii": np.clip(1.3 * opening * spread * (1.0 - wide) + 0.7 * hiss, 0.0, 1.0),
        "mouth_ooo": opening * rounding * wide,
        "mouth_uuu": np.maximum(opening, 0.35 * rounding * (motion.shape("mouthClose") < 0.05)) * rounding * (1.0 - wide),
    }
    for side in ("Left", "Right"):
        own_smile, own_frown = motion.shape(f"mouthSmile{side}"), motion.shape(f"mouthFrown{side}")
        curves[f"mouth_raised_corner_{side.lower()}"] = np.clip(own_smile / 0.55, 0.0, 1.0) * (1.0 - 0.6 * rounding)
        curves[f"mouth_lowered_corner_{side.lower()}"] = np.clip(own_frown / 0.5, 0.0, 1.0) * (1.0 - 0.6 * opening)
    aside = np.abs(motion.shape("mouthLeft") - motion.shape("mouthRight"))
    curves["mouth_smirk"] = np.clip(aside, 0.0, 1.0) * (1.0 - opening) * (1.0 - frown)
    return curves


def _eyes(motion: Motion) -> dict[str, FloatArray]:
    """Lids and irises. A smiling face shuts its eyes in arches, another one in lines; an angry one narrows them.

    People glare with wide eyes, drawn characters don't: wide eyes under angry brows would be surprise.
    """
    smiling = smooth_step(_mean(motion, "mouthSmile") + 0.5 * _mean(motion, "cheekSquint"), 0.35, 0.7)
    sad = _sadness(motion)
    up = motion.gaze_deg[:, 1] / FULL_GAZE_DEG
    # The networks count the turn to the character's right, which is the picture's left.
    aside = -motion.gaze_deg[:, 0] / FULL_GAZE_DEG
    curves = {"iris_rotation_x": np.clip(up, -0.8, 0.8), "iris_rotation_y": np.clip(aside, -0.8, 0.8)}
    for side in ("Left", "Right"):
        name = side.lower()
        shut = np.clip(motion.shape(f"eyeBlink{side}") / 0.88, 0.0, 1.0)
        scowl = smooth_step(motion.shape(f"browDown{side}") * (1.0 - smiling) * (1.0 - sad), 0.15, 0.5)
        wide = np.clip(motion.shape(f"eyeWide{side}") / 0.45, 0.0, 1.0) * (1.0 - shut) * (1.0 - 0.8 * scowl)
        narrowed = np.clip((0.3 + 0.9 * motion.shape(f"eyeSquint{side}")) * scowl, 0.0, 1.0)
        curves[f"eye_wink_{name}"] = shut * (1.0 - smiling)
        curves[f"eye_happy_wink_{name}"] = np.maximum(shut, HAPPY_EYES) * smiling
        curves[f"eye_surprised_{name}"] = wide
        curves[f"eye_unimpressed_{name}"] = 0.6 * narrowed * (1.0 - shut)
        lid = np.clip((motion.shape(f"cheekSquint{side}") - 0.1) / 0.6, 0.0, 1.0)
        curves[f"eye_raised_lower_eyelid_{name}"] = lid * (1.0 - shut)
        curves[f"iris_small_{name}"] = 0.25 * np.clip(2.0 * wide - 1.0, 0.0, 1.0)
    return curves


def _eyebrows(motion: Motion) -> dict[str, FloatArray]:
    """Eyebrows: raised, and drawn down in anger or earnest; inner ends alone up is trouble, up in a smile is joy."""
    smiling = smooth_step(_mean(motion, "mouthSmile"), 0.2, 0.5)
    sad = _sadness(motion)
    inner = motion.shape("browInnerUp")
    curves: dict[str, FloatArray] = {}
    for side in ("Left", "Right"):
        name = side.lower()
        outer, down = motion.shape(f"browOuterUp{side}"), motion.shape(f"browDown{side}")
        alone = np.clip(inner - outer, 0.0, 1.0)
        curves[f"eyebrow_raised_{name}"] = np.clip(0.75 * (np.minimum(inner, outer) + 0.5 * outer), 0.0, 1.0) * (1.0 - 0.6 * sad)
        curves[f"eyebrow_troubled_{name}"] = np.clip(1.1 * alone + 0.5 * sad, 0.0, 1.0) * (1.0 - 0.7 * smiling)
        curves[f"eyebrow_happy_{name}"] = 0.8 * smiling
        angry = smooth_step(down, 0.2, 0.7) * (1.0 - smiling) * (1.0 - sad)
        curves[f"eyebrow_angry_{name}"] = angry
        curves[f"eyebrow_serious_{name}"] = np.clip(down / 0.6, 0.0, 1.0) * (1.0 - angry) * (1.0 - smiling) * (1.0 - sad) * 0.7
    return curves


class Lag:
    """Follows a curve that comes piece by piece through two equal low passes in a row, about `lag_s` seconds behind in all."""

    def __init__(self, lag_s: float) -> None:
        self._lag_s = lag_s
        self._near = self._far = math.nan

    def follow(self, values: FloatArray, fps: float) -> FloatArray:
        """A curve (T,) behind the next `values` (T,), `fps` of them a second; at first it stands where those begin."""
        keep = np.exp(-2.0 / (self._lag_s * fps))
        followed = np.empty(len(values), np.float64)
        for i, value in enumerate(values):
            if math.isnan(self._near):
                self._near = self._far = float(value)
            self._near = keep * self._near + (1.0 - keep) * float(value)
            self._far = keep * self._far + (1.0 - keep) * self._near
            followed[i] = self._far
        return followed


def _sadness(motion: Motion) -> FloatArray:
    """How sad a face is, 0 to 1: inner ends of the eyebrows up over a mouth whose corners hang."""
    inner = motion.shape("browInnerUp") - 0.5 * (_mean(motion, "browOuterUp") + _mean(motion, "eyeWide"))
    return smooth_step(_mean(motion, "mouthFrown"), 0.1, 0.45) * smooth_step(inner, 0.05, 0.3)


def _mean(motion: Motion, name: str) -> FloatArray:
    """Mean of a shape's two sides."""
    return (motion.shape(f"{name}Left") + motion.shape(f"{name}Right")) / 2
