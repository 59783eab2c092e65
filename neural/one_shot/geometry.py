"""Key points in space: coordinate grids, heat maps, and how head pose and expression move the canonical key points.

Coordinates run from -1 to 1 over the picture (x to the right, y down) and over the depth of the feature volume (z). Method: Wang,
Mallya, Liu, "One-Shot Free-View Neural Talking-Head Synthesis for Video Conferencing" (CVPR 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

#: Head angles are classified into bins of this width; bin 0 begins at `FIRST_BIN_DEG`.
BIN_WIDTH_DEG = 3.0
FIRST_BIN_DEG = -99.0
#: The published networks were trained with this value of pi; the rotation must use it too.
TRAINED_PI = 3.14
KEYPOINT_VARIANCE = 0.01


@dataclass(frozen=True)
class HeadMotion:
    """What moves the canonical key points, for B frames.

    yaw, pitch, roll: (B, 66) logits over bins of 3 degrees, or (B,) angles in degrees.
    translation: (B, 3), of which some networks use y alone. expression: (B, 45), an offset (x, y, z) for each of 15 key points.
    """

    yaw: Tensor
    pitch: Tensor
    roll: Tensor
    translation: Tensor
    expression: Tensor


def coordinate_grid(size: tuple[int, int, int], like: Tensor) -> Tensor:
    """Coordinates (D, H, W, 3) of the centres of a volume's corner-aligned cells, in the order x, y, z, each in [-1, 1]."""
    axes = [torch.linspace(-1, 1, count, dtype=like.dtype, device=like.device) for count in size]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    return torch.stack([x, y, z], dim=-1)


def keypoint_heatmaps(keypoints: Tensor, size: tuple[int, int, int]) -> Tensor:
    """A Gaussian blob around each key point: (B, K, 3) -> (B, K, D, H, W) in [0, 1].

    Made of one factor an axis, which is exact for a Gaussian and spares the exponentials of the whole volume.
    """
    depth, height, width = size
    factors = []
    for axis, count in ((0, width), (1, height), (2, depth)):
        line = torch.linspace(-1, 1, count, dtype=keypoints.dtype, device=keypoints.device)
        factors.append(torch.exp(-0.5 * (line - keypoints[..., axis, None]) ** 2 / KEYPOINT_VARIANCE))
    x, y, z = factors
    return z[..., :, None, None] * y[..., None, :, None] * x[..., None, None, :]


def bins_to_degrees(angle: Tensor) -> Tensor:
    """Expected angle in degrees (B,) of logits (B, 66); angles (B,) pass as they are."""
    if angle.ndim == 1:
        return angle
    bins = torch.arange(angle.shape[1], dtype=angle.dtype, device=angle.device)
    return (angle.softmax(dim=1) * bins).sum(dim=1) * BIN_WIDTH_DEG + FIRST_BIN_DEG


def rotation_matrix(yaw_deg: Tensor, pitch_deg: Tensor, roll_deg: Tensor) -> Tensor:
    """Rotation (B, 3, 3): about z by roll, then about y by yaw, then about x by pitch; angles (B,) in degrees."""
    yaw, pitch, roll = (angle / 180 * TRAINED_PI for angle in (yaw_deg, pitch_deg, roll_deg))
    zero, one = torch.zeros_like(yaw), torch.ones_like(yaw)

    def matrix(rows: list[list[Tensor]]) -> Tensor:
        return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)

    about_x = matrix([[one, zero, zero], [zero, pitch.cos(), -pitch.sin()], [zero, pitch.sin(), pitch.cos()]])
    about_y = matrix([[yaw.cos(), zero, yaw.sin()], [zero, one, zero], [-yaw.sin(), zero, yaw.cos()]])
    about_z = matrix([[roll.cos(), -roll.sin(), zero], [roll.sin(), roll.cos(), zero], [zero, zero, one]])
    return about_x @ about_y @ about_z


def move_keypoints(canonical: Tensor, motion: HeadMotion, axes: tuple[float, float, float] = (0.0, 1.0, 0.0)) -> Tensor:
    """Key points (B, K, 3) of B frames: the canonical ones (1 or B, K, 3) turned, shifted and deformed by `motion`.

    axes: how much of the shift along x, y and z counts; SadTalker only lifts.
    """
    rotation = rotation_matrix(bins_to_degrees(motion.yaw), bins_to_degrees(motion.pitch), bins_to_degrees(motion.roll))
    turned = canonical @ rotation.transpose(1, 2)
    shift = motion.translation * motion.translation.new_tensor(axes)
    return turned + shift[:, None, :] + motion.expression.reshape(len(motion.expression), -1, 3)
