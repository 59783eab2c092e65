"""Steadies what a restorer adds from frame to frame, so that skin and lips do not jitter and no movement comes late.

A restorer looks at every frame on its own, and draws pores, lashes and lips a little differently each time. To average its
pictures over time would smear the lips. Here only the detail is averaged, that is the restored face minus the face that went in:
what moves is in the latter, and passes at full speed. The detail of the frames before is carried along by the optical flow
between the faces that went in, and mixed in only where these agree: a mouth that opens takes its new detail at once.

Flow: Kroeger and others, "Fast Optical Flow using Dense Inverse Search" (ECCV 2016), as OpenCV has it. The agreement is that of
temporal filters in video denoising.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cv2
import numpy as np

from core.contracts import ByteArray

if TYPE_CHECKING:
    from torch import Tensor

#: Side in pixels of the grey faces between which the flow is found.
FLOW_PX = 256


@dataclass(frozen=True)
class SteadySettings:
    """How strongly detail is steadied."""

    #: share of the detail before in the new one where nothing has changed, 0 to below 1; 0 leaves every frame alone. 0.8 leaves a
    #: third of what flickers.
    strength: float = 0.8
    #: difference in levels of 255 between two frames' faces, after the flow, from which detail counts as new.
    tolerance_levels: float = 8.0

    def __post_init__(self) -> None:
        if not (0 <= self.strength < 1 and self.tolerance_levels > 0):
            raise ValueError("strength must be from 0 to below 1, and tolerance_levels above 0.")


class DetailSteadier:
    """Holds the last face and its steadied detail; call it with one face after the other, `reset` after a gap."""

    def __init__(self, settings: SteadySettings | None = None) -> None:
        self.settings = settings or SteadySettings()
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self.reset()

    def reset(self) -> None:
        """Forget what was before."""
        self._grey: ByteArray | None = None
        self._detail: Tensor | None = None

    def steady(self, grey: ByteArray, detail: Tensor) -> Tensor:
        """The steadied detail (3, H, W) of a face.

        grey: (256, 256) uint8, the aligned face that went in. detail: (3, H, W) float, restored minus given, in any unit.
        """
        if self.settings.strength > 0 and self._grey is not None and self._detail is not None:
            flow = self._flow.calc(grey, self._grey, None)
            trust = self.settings.strength * agreement(grey, self._grey, flow, self.settings.tolerance_levels)
            before, share = carried(self._detail, flow, trust)
            detail = detail + share * (before - detail)
        self._grey, self._detail = grey, detail
        return detail


def agreement(grey: ByteArray, last: ByteArray, flow: np.ndarray, tolerance_levels: float) -> np.ndarray:
    """How far two grey faces (h, w) agree after the flow (h, w, 2) from the first to the other, (h, w) float32 in [0, 1]."""
    rows, columns = np.indices(grey.shape, dtype=np.float32)
    there = cv2.remap(last, columns + flow[..., 0], rows + flow[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    difference = cv2.GaussianBlur(np.abs(grey.astype(np.float32) - there), (0, 0), 2.0)
    return np.exp(-np.square(difference / tolerance_levels)).astype(np.float32)


def carried(detail: Tensor, flow: np.ndarray, trust: np.ndarray) -> tuple[Tensor, Tensor]:
    """The last detail (3, H, W) at its new place, and the trust in it (H, W), both on the detail's device.

    flow: (h, w, 2) in pixels of its own grid, from the new face to the last. trust: (h, w).
    """
    import torch
    from torch.nn import functional

    height, width = detail.shape[-2:]
    fields = torch.from_numpy(np.dstack([flow, trust]).transpose(2, 0, 1)[None].copy()).to(detail.device, detail.dtype)
    fields = functional.interpolate(fields, size=(height, width), mode="bilinear", align_corners=False)
    x = torch.arange(width, device=detail.device, dtype=detail.dtype) + fields[:, 0] * (width / flow.shape[1])
    y = torch.arange(height, device=detail.device, dtype=detail.dtype)[:, None] + fields[:, 1] * (height / flow.shape[0])
    grid = torch.stack([x * (2 / (width - 1)) - 1, y * (2 / (height - 1)) - 1], dim=-1)
    # cubic: the detail is carried along anew with every frame, and linear sampling would wash it out
    moved = functional.grid_sample(detail[None], grid, mode="bicubic", padding_mode="border", align_corners=True)
    return moved[0], fields[0, 2]
