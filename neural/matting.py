"""The outline of a person or a drawn figure in a picture, by MODNet: its file, its session, and what it is shown.

Network: MODNet (Ke et al., "MODNet: Real-Time Trimap-Free Portrait Matting via Objective Decomposition", AAAI 2022).
"""

from __future__ import annotations

import math

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from neural.onnx_session import network_session
from weights.fetch import ensure

WEIGHT_NAME = "modnet"
#: Sides of what the network sees must be multiples of this.
MULTIPLE_PX = 32


class MattingNetwork:
    """MODNet on the processor, ready to run."""

    def __init__(self, threads: int | None = None) -> None:
        """threads: of the processor; None: as many as ONNX Runtime likes.

        Raises `MissingError` where the weights can't be had.
        """
        self._session = network_session(ensure(WEIGHT_NAME), threads)
        self._input_name = self._session.get_inputs()[0].name

    def raw(self, seen: ByteArray) -> FloatArray:
        """The network's answer (h, w) float32, about [0, 1], for (h, w, 3) uint8 RGB whose sides are multiples of 32."""
        tensor = ((seen.astype(np.float32) - 127.5) / 127.5).transpose(2, 0, 1)[None]
        return np.asarray(self._session.run(None, {self._input_name: tensor})[0])[0, 0]

    def matte(
        self,
        image: ByteArray,
        shorter_px: int,
        longest_px: float = math.inf,
        enlarging: int = cv2.INTER_CUBIC,
        back: int = cv2.INTER_CUBIC,
    ) -> FloatArray:
        """How much each pixel of a picture (H, W, 3) uint8 RGB belongs to the person, (H, W) float32 in [0, 1].

        shorter_px, longest_px: shorter side of what the network sees, and the longer one's limit. enlarging, back: how OpenCV
        interpolates a picture that is smaller than that, and the answer on its way back to the picture's size.
        """
        height, width = image.shape[:2]
        scale = min(shorter_px / min(height, width), longest_px / max(height, width))
        size = tuple(max(MULTIPLE_PX, round(side * scale / MULTIPLE_PX) * MULTIPLE_PX) for side in (width, height))
        seen = cv2.resize(image, size, interpolation=cv2.INTER_AREA if size[0] < width else enlarging)
        return np.clip(cv2.resize(self.raw(seen), (width, height), interpolation=back), 0.0, 1.0).astype(np.float32)
