"""Pictures of a visitor's camera: single JPEGs, which are looked at before they are decoded."""

from __future__ import annotations

import io
import warnings

import cv2
import numpy as np
from PIL import Image, UnidentifiedImageError

from core.contracts import ByteArray
from core.errors import InputError

#: Sides of a picture in pixels. A face is read as well from a small one, which is sooner here.
LEAST_SIDE, MOST_SIDE = 64, 1280


def read_camera_picture(data: bytes) -> ByteArray:
    """(H, W, 3) uint8 RGB of a JPEG. Raises InputError for anything else, and for one that is too small or too large."""
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            size = image.size
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise InputError("live.session.no_camera_picture") from error
    if min(size) < LEAST_SIDE or max(size) > MOST_SIDE:
        raise InputError("live.session.camera_picture_size", least=LEAST_SIDE, most=MOST_SIDE)
    frame = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if frame is None:
        raise InputError("live.session.no_camera_picture")
    return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
