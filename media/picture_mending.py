"""Pictures whose file lacks its end but nothing that can be seen: a JPEG without its end mark, a WebP without its padding.

Whether something visible lacks is tried, not guessed: the lack is filled in two ways, and where both give the same picture, no
pixel came from the filling.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageChops

#: A file that lacks more than this lacks something visible.
MOST_LACKING_BYTES = 4096
#: Two fillings that decode to different pixels, were they read; neither holds a mark of its own.
FILLINGS = (b"\x00", b"\x5a\xa7\x33\xcc")
JPEG_END = b"\xff\xd9"


def filled_jpeg(content: bytes, filling: bytes) -> bytes:
    """A JPEG with its end mark; before it some bytes that a decoder reads only where pixels lack."""
    content = content.removesuffix(JPEG_END[:1])
    return content + filling * (256 // len(filling)) + JPEG_END


def filled_webp(content: bytes, filling: bytes) -> bytes | None:
    """A WebP as long as its head says; None where it lacks too much, or nothing."""
    (size,) = struct.unpack_from("<I", content, 4)
    lacking = size + 8 - len(content)
    if not 0 < lacking <= MOST_LACKING_BYTES:
        return None
    return content + (filling * lacking)[:lacking]


#: How a file that lacks its end is filled with some bytes; gives None where it can't be.
Filling = Callable[[bytes, bytes], bytes | None]


def mended(path: Path, fill: Filling, decode: Callable[[io.BytesIO], Image.Image]) -> Image.Image | None:
    """The picture of a file that can't be decoded as it stands; None where something visible lacks.

    decode: opens and loads a picture, and raises what Pillow raises.
    """
    content = path.read_bytes()
    pictures = []
    for filling in FILLINGS:
        whole = fill(content, filling)
        if whole is None:
            return None
        pictures.append(decode(io.BytesIO(whole)))
    first, second = pictures
    return first if same_pixels(first, second) else None


def same_pixels(first: Image.Image, second: Image.Image) -> bool:
    """Whether two decoded pictures are equal in every pixel."""
    if (first.mode, first.size) != (second.mode, second.size):
        return False
    return ImageChops.difference(first, second).getbbox(alpha_only=False) is None
