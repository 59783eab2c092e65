"""Where the person is in the reference picture, so that background and head contour can be watched apart."""

from __future__ import annotations

import cv2
import numpy as np

from core.contracts import ByteArray, FloatArray
from weights.fetch import ensure

WEIGHT_NAME = "modnet"
#: The network was trained on pictures of this size; both sides must be multiples of 32.
NETWORK_PX = 512
MULTIPLE = 32


def person_matte(image: ByteArray, threads: int = 2) -> FloatArray:
    """How much each pixel belongs to a person, (H, W) float32 in [0, 1], of a picture (H, W, 3) uint8 RGB.

    MODNet (Ke et al., "MODNet: Real-Time Trimap-Free Portrait Matting via Objective Decomposition", 2022), input in [-1, 1].
    Raises `MissingError` where the weights can't be had.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(ensure(WEIGHT_NAME)), options, providers=["CPUExecutionProvider"])
    height, width = image.shape[:2]
    scale = NETWORK_PX / min(height, width)
    size = [max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in (width, height)]
    batch = (cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 127.5 - 1).transpose(2, 0, 1)[None]
    matte = np.asarray(session.run(None, {session.get_inputs()[0].name: batch})[0])[0, 0]
    return np.clip(cv2.resize(matte, (width, height), interpolation=cv2.INTER_LINEAR), 0, 1).astype(np.float32)


def background_mask(matte: FloatArray, margin_px: float) -> np.ndarray:
    """Pixels (H, W) bool that are surely not the person and at least `margin_px` away, where a moving head never comes."""
    reach = 2 * round(margin_px) + 1
    person = (matte > 0.05).astype(np.uint8)
    return np.asarray(cv2.dilate(person, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))) == 0
