"""What the user may change about the coefficients of a film: the strength of expression, the head's pose, the view.

Angles of the coefficients are those of the 3D model, x, y, z in radians with y up and z to the viewer; a `Motion` counts yaw,
pitch and roll in degrees with y down (see `core.contracts`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from core.contracts import FloatArray, Motion
from core.errors import InputError
from core.timebase import frame_count, frames_to_seconds
from sadtalker_runner.audio_to_coefficients import NETWORK_FPS
from sadtalker_runner.networks.expression_net import EXPRESSIONS
from sadtalker_runner.networks.mapping_net import CROP_COEFFICIENTS

#: A face's width in units of the 3D model: eyes lie 0.62 apart there, and a face is about 2.25 times as wide.
FACE_WIDTH_UNITS = 1.4


def film_coefficients(
    expression: FloatArray, pose: FloatArray | None, portrait: FloatArray, expression_scale: float
) -> FloatArray:
    """Coefficients (T, C) float32 of a film at 25 frames a second, C being the length of `portrait`, 70 or 73.

    expression: (T, 64). pose: (T, 6); None: the portrait's own, all the time.
    """
    film = np.repeat(np.asarray(portrait, np.float32)[None], len(expression), axis=0)
    film[:, :EXPRESSIONS] = expression * expression_scale
    if pose is not None:
        film[:, EXPRESSIONS:CROP_COEFFICIENTS] = pose
    return film


def at_network_fps(motion: Motion, curves: FloatArray) -> FloatArray:
    """Curves (T, K) of a motion at the networks' 25 frames a second: (frames, K)."""
    frames = network_frames(motion)
    places = np.arange(frames) * (motion.fps / NETWORK_FPS)
    return np.stack([np.interp(places, np.arange(len(motion)), curve) for curve in curves.T], axis=1)


def network_frames(motion: Motion) -> int:
    """Frames of the networks, 25 a second, that cover a motion."""
    return frame_count(frames_to_seconds(len(motion), motion.fps), NETWORK_FPS)


def blinks_of_motion(motion: Motion) -> FloatArray:
    """How far the eyes are shut (frames,) float32 in [0, 1] at 25 frames a second, both together, as ExpNet wants it."""
    both = np.stack([motion.shape("eyeBlinkLeft"), motion.shape("eyeBlinkRight")], axis=1).mean(axis=1, keepdims=True)
    return np.clip(at_network_fps(motion, both)[:, 0], 0, 1).astype(np.float32)


def pose_of_motion(motion: Motion, portrait: FloatArray) -> FloatArray:
    """Head pose (T, 6) float32 at 25 frames a second of our own motion, which counts from the portrait's (70,) or (73,) pose."""
    yaw, pitch, roll = np.radians(at_network_fps(motion, motion.rotation_deg)).T
    change = np.concatenate([np.stack([-pitch, yaw, -roll], axis=1), shift_of_motion(motion)], axis=1)
    return (portrait[EXPRESSIONS:CROP_COEFFICIENTS] + change).astype(np.float32)


def shift_of_motion(motion: Motion) -> FloatArray:
    """Translation (frames, 3) of the head at 25 frames a second by which our own motion leaves the portrait's."""
    right, down, away = (at_network_fps(motion, motion.translation) * FACE_WIDTH_UNITS).T
    return np.stack([right, -down, -away], axis=1)


def angle_path(turning_points_deg: Sequence[float], frames: int) -> FloatArray:
    """Angles (frames,) float32 in degrees that pass the turning points in turn, at one speed from the first frame to the last.

    Raises `InputError` where there is no turning point, or one that is not a number.
    """
    points = np.asarray(turning_points_deg, np.float64)
    if points.ndim != 1 or len(points) == 0 or not np.isfinite(points).all():
        raise InputError("sadtalker_runner.angles_expected")
    travelled = np.concatenate([[0.0], np.abs(np.diff(points)).cumsum()])
    wanted = np.linspace(0, travelled[-1], frames) if frames > 1 else np.zeros(frames)
    return np.interp(wanted, travelled, points).astype(np.float32)
