"""A soft portrait and its face, for tests of what restores faces."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from faces.faces import FaceFinder

SIDE_PX = 320


@pytest.fixture(scope="module")
def picture(root_dir):
    """The demo portrait, soft as a network draws it, (320, 320, 3)."""
    image = Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.LANCZOS)
    return cv2.GaussianBlur(np.asarray(image), (0, 0), 1.2)


@pytest.fixture(scope="module")
def face(picture):
    with FaceFinder() as finder:
        return finder.find(picture)[0]
