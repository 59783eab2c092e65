"""Cuts a picture out of a picture: mirrored, turned by quarters, straightened by degrees, a part of it; as many pixels as it has.

Pixels are copied as they are where nothing is straightened; else they are read between pixels by Lanczos' filter.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from PIL import Image

from core.contracts import ByteArray, FloatArray
from core.errors import InputError
from media.pictures import GROUND, KEPT_PIXELS, MIN_SIDE_PX, Picture, smaller

Frame = tuple[float, float, float, float]
#: The longest side that can be straightened, in pixels: OpenCV counts them in 16 bits.
MOST_SIDE_PX = 32_000
#: What zlib does to a PNG of a photo beyond this level costs seconds and saves a percent.
PNG_LEVEL = 4


def cut(picture: Picture, frame: Frame | None, quarters: int, angle_deg: float, flip: bool) -> Image.Image:
    """What is left of the picture, as RGB, or as RGBA where something in it is transparent.

    In this order: mirrored left to right where `flip`; turned by so many `quarters` to the right; straightened: turned by
    `angle_deg` to the right around its middle, its size kept; and of that the `frame`, left, top, right, bottom in pixels;
    without one, the largest part in its middle that has no empty corner, of the picture's proportions. Corners that lack in
    a frame are filled with the colours of the border. More than `KEPT_PIXELS` are scaled down to that, as everywhere.
    Raises InputError where the frame holds too little of the picture, or the picture is too long to be straightened.
    """
    pixels = picture.image if picture.alpha is None else with_alpha(picture.image, picture.alpha)
    pixels = np.rot90(pixels[:, ::-1] if flip else pixels, -quarters)
    height, width = pixels.shape[:2]
    edges = inside(frame, width, height) if frame else largest(width, height, angle_deg)
    if angle_deg:
        if max(width, height) > MOST_SIDE_PX:
            raise InputError("media.picture_too_long_to_straighten", most=MOST_SIDE_PX)
        part = straightened(pixels, edges, angle_deg)
    else:
        left, top, right, bottom = edges
        part = pixels[top:bottom, left:right]
    made = Image.fromarray(np.ascontiguousarray(part))
    size = smaller(made.size, KEPT_PIXELS)
    return made if size == made.size else made.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def with_alpha(image: ByteArray, alpha: ByteArray) -> ByteArray:
    """(H, W, 4): the colours as they were before they were laid over grey, beside how much they cover."""
    cover = np.maximum(alpha, 1).astype(np.float32)[..., None] / 255
    colours = np.clip((image - GROUND * (1 - cover)) / cover, 0, 255)
    return np.dstack([np.round(colours).astype(np.uint8), alpha])


def inside(frame: Frame, width: int, height: int) -> tuple[int, int, int, int]:
    """The frame in whole pixels, as much of it as lies in the picture. Raises InputError where that is too little."""
    left, top, right, bottom = (round(edge) for edge in frame)
    edges = max(0, left), max(0, top), min(width, right), min(height, bottom)
    if min(edges[2] - edges[0], edges[3] - edges[1]) < MIN_SIDE_PX:
        raise InputError("media.cut_too_small", least=MIN_SIDE_PX)
    return edges


def largest(width: int, height: int, angle_deg: float) -> tuple[int, int, int, int]:
    """The largest part in the middle, of the picture's proportions, that a turn by `angle_deg` leaves without empty corners.

    Its corners, turned back, lie in the picture: that bounds its scale by both of the picture's sides.
    """
    sine, cosine = abs(math.sin(math.radians(angle_deg))), abs(math.cos(math.radians(angle_deg)))
    scale = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    across, down = math.floor(width * scale), math.floor(height * scale)
    left, top = (width - across) // 2, (height - down) // 2
    return inside((left, top, left + across, top + down), width, height)


def straightened(pixels: ByteArray, edges: tuple[int, int, int, int], angle_deg: float) -> ByteArray:
    """That part of the picture (H, W, 3 or 4) turned by `angle_deg` to the right around its middle."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = edges
    # a pixel's middle lies half a pixel from its edge
    matrix: FloatArray = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -angle_deg, 1.0)
    matrix[:, 2] -= left, top
    size = right - left, bottom - top
    turned = cv2.warpAffine(pixels, matrix, size, flags=cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(turned, np.uint8)


def save_png(made: Image.Image, path: str) -> None:
    """Write it as a PNG, which loses nothing."""
    made.save(path, "PNG", compress_level=PNG_LEVEL)
