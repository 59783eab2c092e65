"""What the user may change about the coefficients of a film: the strength of expression, the head's pose, the view.

Angles of the coefficients are those of the 3D model, x, y, z in radians with y up and z to the viewer; a `Motion` counts yaw,
pitch and roll in degrees with y down (see `pipeline.contracts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.contracts import FloatArray, Motion
from pipeline.errors import InputError
from pipeline.timebase import frame_count, frames_to_seconds
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS

EXPRESSION_SCALE_LIMITS = (0.0, 3.0)
#: A face's width in units of the 3D model: eyes lie 0.62 apart there, and a face is about 2.25 times as wide.
FACE_WIDTH_UNITS = 1.4


@dataclass(frozen=True)
class FilmSettings:
    """How the coefficients of a voice become those of a film."""

    #: how strongly the face moves, 0 to 3; 1 is as the network says.
    expression_scale: float = 1.0
    #: whether the head keeps the portrait's own pose.
    still: bool = False

    def __post_init__(self) -> None:
        """Raises `InputError` where a value is out of range."""
        low, high = EXPRESSION_SCALE_LIMITS
        if not low <= self.expression_scale <= high:
            raise InputError(f"The expression scale is {self.expression_scale:g}; choose a number from {low:g} to {high:g}.")


def film_coefficients(
    voice: FloatArray, portrait: FloatArray, settings: FilmSettings, pose: FloatArray | None = None
) -> FloatArray:
    """Coefficients (T, C) float32 of a film at 25 frames a second, C being the length of `portrait`, 70 or 73.

    voice: (T, 70), what the voice makes of the face. pose: (T, 6) in the place of the voice's own, as from `pose_of_motion`.
    """
    film = np.repeat(np.asarray(portrait, np.float32)[None], len(voice), axis=0)
    film[:, :EXPRESSIONS] = voice[:, :EXPRESSIONS] * settings.expression_scale
    if not settings.still:
        film[:, EXPRESSIONS:CROP_COEFFICIENTS] = voice[:, EXPRESSIONS:CROP_COEFFICIENTS] if pose is None else pose
    return film


def pose_of_motion(motion: Motion, portrait: FloatArray) -> FloatArray:
    """Head pose (T, 6) float32 at 25 frames a second of our own motion, which counts from the portrait's (70,) or (73,) pose."""
    frames = frame_count(frames_to_seconds(len(motion), motion.fps), NETWORK_FPS)
    places = np.arange(frames) * (motion.fps / NETWORK_FPS)

    def resampled(curves: FloatArray) -> FloatArray:
        return np.stack([np.interp(places, np.arange(len(motion)), curve) for curve in curves.T], axis=1)

    yaw, pitch, roll = np.radians(resampled(motion.rotation_deg)).T
    right, down, away = (resampled(motion.translation) * FACE_WIDTH_UNITS).T
    change = np.stack([-pitch, yaw, -roll, right, -down, -away], axis=1)
    return (portrait[EXPRESSIONS:CROP_COEFFICIENTS] + change).astype(np.float32)


def angle_path(turning_points_deg: Sequence[float], frames: int) -> FloatArray:
    """Angles (frames,) float32 in degrees that pass the turning points in turn, at one speed from the first frame to the last.

    Raises `InputError` where there is no turning point, or one that is not a number.
    """
    points = np.asarray(turning_points_deg, np.float64)
    if points.ndim != 1 or len(points) == 0 or not np.isfinite(points).all():
        raise InputError("An angle is given as one or more numbers of degrees, such as -20 30 10.")
    travelled = np.concatenate([[0.0], np.abs(np.diff(points)).cumsum()])
    wanted = np.linspace(0, travelled[-1], frames) if frames > 1 else np.zeros(frames)
    return np.interp(wanted, travelled, points).astype(np.float32)
