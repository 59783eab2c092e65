"""One face between its frame and the aligned square: taken out, masked, compared, and put back. All on torch's device.

Pixels lie at whole coordinates, in the frame as in the square.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from drawing.masks import dilated, filled_hull
from filters.restore_pose import ALIGNED_PX, composed, inverted
from filters.restore_steady import FLOW_PX

if TYPE_CHECKING:
    import torch
    from torch import Tensor

#: Side of the grid on which the mask is drawn, and the mask's margin and softness on it (the face is about 75 px wide there).
MASK_PX, MASK_MARGIN_PX, MASK_SOFT_PX = 128, 6, 4.0
#: Side of the grid on which faces are compared.
LIKENESS_PX = 32


def to_tensor(frame: ByteArray, device: torch.device) -> Tensor:
    """(H, W, 3) uint8 as (1, 3, H, W) float32 in [0, 1] on the device."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(frame)).to(device).permute(2, 0, 1)[None].float() / 255


def to_bytes(picture: Tensor) -> ByteArray:
    """(1, 3, H, W) in [0, 1] as (H, W, 3) uint8."""
    import torch

    pixels = (picture[0].clamp(0, 1) * 255).round().to(torch.uint8)
    return np.ascontiguousarray(pixels.permute(1, 2, 0).cpu().numpy())


def grown(picture: Tensor, scale: int) -> Tensor:
    """A picture (1, 3, H, W) at `scale` times its size, bicubic."""
    from torch.nn import functional

    if scale == 1:
        return picture
    return functional.interpolate(picture, scale_factor=scale, mode="bicubic", align_corners=False).clamp(0, 1)


def at_scale(matrix: FloatArray, scale: int) -> FloatArray:
    """The matrix (2, 3) for a picture that has grown: pixel (x, y) lies at scale (x + 1/2) - 1/2 then."""
    shift = (scale - 1) / 2
    return np.hstack([matrix[:, :2] / scale, (matrix[:, 2] - matrix[:, :2] @ np.full(2, shift / scale))[:, None]])


def sampled(picture: Tensor, matrix: FloatArray) -> Tensor:
    """The aligned face (1, 3, 512, 512) of a picture (1, 3, H, W); matrix (2, 3) takes the picture's pixels to it."""
    from torch.nn import functional

    size = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if size < 0.75:  # shrinks: take out what the aligned face can't show
        height, width = picture.shape[-2:]
        small = (max(2, round(height * size)), max(2, round(width * size)))
        picture = functional.interpolate(picture, size=small, mode="bicubic", align_corners=False, antialias=True)
        across, down = small[1] / width, small[0] / height
        shrink = np.array([[across, 0, across / 2 - 0.5], [0, down, down / 2 - 0.5]])
        matrix = composed(matrix, inverted(shrink))
    grid = pixel_grid(picture, inverted(matrix), (ALIGNED_PX, ALIGNED_PX))
    return functional.grid_sample(picture, grid, mode="bicubic", padding_mode="border", align_corners=True).clamp(0, 1)


def put_back(detail: Tensor, mask: FloatArray, matrix: FloatArray, size: tuple[int, ...]) -> Tensor:
    """Detail (3, 512, 512) of the aligned face, under its mask (128, 128), where it belongs in a frame: (1, 3, H, W)."""
    import torch
    from torch.nn import functional

    soft = torch.from_numpy(mask)[None, None].to(detail.device)
    soft = functional.interpolate(soft, size=detail.shape[-2:], mode="bilinear", align_corners=False)
    grid = pixel_grid(detail[None], matrix, (size[0], size[1]))
    return functional.grid_sample(detail[None] * soft, grid, mode="bilinear", padding_mode="zeros", align_corners=True)


def pixel_grid(source: Tensor, matrix: FloatArray, size: tuple[int, int]) -> Tensor:
    """For `grid_sample`: where each pixel of a picture of `size` (H, W) lies in `source` (1, C, h, w), by matrix (2, 3)."""
    import torch

    height, width = source.shape[-2:]
    x = torch.arange(size[1], device=source.device, dtype=torch.float32)
    y = torch.arange(size[0], device=source.device, dtype=torch.float32)[:, None]
    across = (float(matrix[0, 0]) * x + (float(matrix[0, 1]) * y + float(matrix[0, 2]))) * (2 / (width - 1)) - 1
    down = (float(matrix[1, 0]) * x + (float(matrix[1, 1]) * y + float(matrix[1, 2]))) * (2 / (height - 1)) - 1
    return torch.stack([across, down], dim=-1)[None]


def face_mask(landmarks: FloatArray, matrix: FloatArray) -> FloatArray:
    """The face in the aligned square, (128, 128) float32 in [0, 1], soft: the hull of its landmarks (478, 2) with a margin."""
    placed = landmarks @ matrix[:, :2].T + matrix[:, 2]
    mask = dilated(filled_hull(placed * (MASK_PX / ALIGNED_PX), MASK_PX), MASK_MARGIN_PX)
    soft = cv2.GaussianBlur(mask.astype(np.float32) / 255, (0, 0), MASK_SOFT_PX)
    edge = np.minimum(np.arange(MASK_PX), np.arange(MASK_PX)[::-1]) / (2 * MASK_SOFT_PX)
    border = np.clip(np.minimum.outer(edge, edge), 0, 1)  # nothing may end at the square's own border
    return (soft * border).astype(np.float32)


def likeness(given: Tensor, restored: Tensor, mask: FloatArray) -> float:
    """Correlation of two faces (3, 512, 512) under the mask, both seen in 32 x 32 grey pixels; -1 where a value is not finite."""
    from torch.nn import functional

    seen = [
        functional.adaptive_avg_pool2d(face.mean(dim=0)[None], LIKENESS_PX).flatten().cpu().numpy() for face in (given, restored)
    ]
    weight = cv2.resize(mask, (LIKENESS_PX, LIKENESS_PX), interpolation=cv2.INTER_AREA).ravel()
    if not all(np.isfinite(each).all() for each in seen) or weight.sum() == 0:
        return -1.0
    centred = [each - np.average(each, weights=weight) for each in seen]
    energy = [float(np.average(each**2, weights=weight)) for each in centred]
    shared = float(np.average(centred[0] * centred[1], weights=weight))
    return shared / max((energy[0] * energy[1]) ** 0.5, 1e-9)


def grey_of(aligned: Tensor) -> ByteArray:
    """The aligned face (3, 512, 512) in [0, 1] as the small grey picture (256, 256) uint8 between which flow is found."""
    import torch
    from torch.nn import functional

    grey = functional.interpolate(aligned.mean(dim=0)[None, None], size=(FLOW_PX, FLOW_PX), mode="area")[0, 0]
    return np.asarray((grey * 255).round().to(torch.uint8).cpu().numpy())
