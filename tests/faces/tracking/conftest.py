"""Films for the tracker: two people before plain walls, who move, cross, turn away into the dark and talk."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from PIL import Image

from core.errors import MissingError
from tests.conftest import ROOT
from weights.fetch import ensure

SIDE = 256
FPS = 25.0


@pytest.fixture(scope="session", autouse=True)
def networks():
    try:
        ensure("face_landmarker")
    except MissingError as error:
        pytest.skip(f"the Face Landmarker's weights can't be had: {error}")


@pytest.fixture(scope="session")
def heads(shared_dir):
    """Two heads, (SIDE, SIDE, 3) uint8 each, whose faces are about half as wide."""
    singer = np.asarray(Image.open(ROOT / "demo" / "portrait.jpg").convert("RGB"))
    other = np.asarray(Image.open(shared_dir / "portraits" / "man_photo.jpg").convert("RGB"))
    return head_of(singer), head_of(other)


def head_of(picture: np.ndarray) -> np.ndarray:
    """The square around the largest face, with room about it."""
    from faces.faces import FaceFinder

    with FaceFinder() as finder:
        left, top, right, bottom = max(finder.find(picture), key=lambda face: face.box[3] - face.box[1]).box
    reach = 0.85 * max(right - left, bottom - top)
    x, y = (left + right) / 2, (top + bottom) / 2
    matrix = np.array([[SIDE / (2 * reach), 0, SIDE / 2 - x * SIDE / (2 * reach)], [0, SIDE / (2 * reach), 0]])
    matrix[1, 2] = SIDE / 2 - y * SIDE / (2 * reach)
    return cv2.warpAffine(picture, matrix, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)


def laid(head: np.ndarray, x: float, canvas: np.ndarray) -> np.ndarray:
    """A head laid into a wider picture at column `x`."""
    matrix = np.array([[1.0, 0, x], [0, 1.0, 0]])
    size = canvas.shape[1], canvas.shape[0]
    mask = cv2.warpAffine(np.full((SIDE, SIDE), 255, np.uint8), matrix, size) > 0
    moved = cv2.warpAffine(head, matrix, size)
    return np.where(mask[..., None], moved, canvas)


def grained(frame: np.ndarray, seed: int) -> np.ndarray:
    """The frame with a camera's noise."""
    noise = np.random.default_rng(seed).normal(0, 3, frame.shape)
    return np.clip(frame + noise, 0, 255).astype(np.uint8)
