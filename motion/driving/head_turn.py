"""How a head is turned against another pose of its: rotations (T, 3, 3) in the picture's axes, x right, y down, z away."""

from __future__ import annotations

import numpy as np

from core.contracts import FloatArray


def matrices_of(rotation_deg: FloatArray) -> FloatArray:
    """(T, 3, 3) of heads' poses (T, 3), yaw, pitch and roll as a `Face` tells them: turned by yaw, then raised by pitch about
    its own ears' line, then tipped about its own nose."""
    yaw, pitch, roll = np.radians(np.asarray(rotation_deg, np.float64)).T
    zero, one = np.zeros_like(yaw), np.ones_like(yaw)
    turned = stacked([[np.cos(yaw), zero, -np.sin(yaw)], [zero, one, zero], [np.sin(yaw), zero, np.cos(yaw)]])
    raised = stacked([[one, zero, zero], [zero, np.cos(pitch), np.sin(pitch)], [zero, -np.sin(pitch), np.cos(pitch)]])
    tipped = stacked([[np.cos(roll), -np.sin(roll), zero], [np.sin(roll), np.cos(roll), zero], [zero, zero, one]])
    return turned @ raised @ tipped


def angles_of(matrices: FloatArray) -> FloatArray:
    """(T, 3) yaw, pitch, roll in degrees of rotations (T, 3, 3), as a `Motion` tells them: see `faces.fitting.rig`."""
    pitch = np.arcsin(np.clip(-matrices[:, 2, 1], -1.0, 1.0))
    yaw = np.arctan2(matrices[:, 2, 0], matrices[:, 2, 2])
    roll = np.arctan2(-matrices[:, 0, 1], matrices[:, 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], axis=1)).astype(np.float32)


def poses_of(matrices: FloatArray) -> FloatArray:
    """(T, 3) yaw, pitch, roll in degrees of rotations (T, 3, 3), as a `Face` tells them: what `matrices_of` was given."""
    yaw = np.arctan2(-matrices[:, 0, 2], matrices[:, 2, 2])
    pitch = np.arcsin(np.clip(matrices[:, 1, 2], -1.0, 1.0))
    level_right = np.stack([np.cos(yaw), np.zeros_like(yaw), np.sin(yaw)], axis=1)
    level_down = np.cross(matrices[:, :, 2], level_right)
    roll = np.arctan2((matrices[:, :, 0] * level_down).sum(axis=1), (matrices[:, :, 0] * level_right).sum(axis=1))
    return np.degrees(np.stack([yaw, pitch, roll], axis=1)).astype(np.float32)


def turned_from(rotation_deg: FloatArray, rest_deg: FloatArray) -> FloatArray:
    """(T, 3) angles of a `Motion` by which poses (T, 3) are turned from another pose (3,), both told as a `Face`'s."""
    rest = matrices_of(np.asarray(rest_deg)[None])[0]
    return angles_of(matrices_of(rotation_deg) @ rest.T)


def stacked(rows: list[list[FloatArray]]) -> FloatArray:
    """(T, 3, 3) from nine curves (T,)."""
    return np.stack([np.stack(row, axis=-1) for row in rows], axis=-2)
