"""Pictures as they arrive in life: each of these takes a good picture and gives one that was sent, saved and cut about.

All take and give a Pillow picture, in RGB or, where something is transparent, in RGBA, and always give the same for the same.
"""

from __future__ import annotations

import io
from collections.abc import Callable

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Degradation = Callable[[Image.Image], Image.Image]
#: Grey that shows through where a kind of file knows no transparency.
GROUND = (208, 208, 208)
#: Longest side of what is made: pictures that are sent have seldom more, and the benchmark would take hours.
LONGEST_PX = 768


def brought_down(picture: Image.Image) -> Image.Image:
    """The picture in RGB or RGBA with at most `LONGEST_PX` a side."""
    own = picture.convert("RGBA" if "A" in picture.mode or "transparency" in picture.info else "RGB")
    own.thumbnail((LONGEST_PX, LONGEST_PX), Image.Resampling.LANCZOS)
    return own


def opaque(picture: Image.Image, ground: tuple[int, int, int] = GROUND) -> Image.Image:
    """The picture without transparency, over a ground."""
    if picture.mode != "RGBA":
        return picture
    under = Image.new("RGBA", picture.size, (*ground, 255))
    under.alpha_composite(picture)
    return under.convert("RGB")


def jpeg(quality: int) -> Degradation:
    """Saved as JPEG of that quality."""

    def degrade(picture: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        opaque(picture).save(buffer, "JPEG", quality=quality)
        return Image.open(buffer).convert("RGB")

    return degrade


def palette(picture: Image.Image) -> Image.Image:
    """With 64 colours, not dithered."""
    return opaque(picture).quantize(64, dither=Image.Dither.NONE).convert("RGB")


def dithered(picture: Image.Image) -> Image.Image:
    """With 32 colours, dithered, as GIFs have it."""
    few = opaque(picture).quantize(32)
    return opaque(picture).quantize(32, palette=few, dither=Image.Dither.FLOYDSTEINBERG).convert("RGB")


def smoothed(picture: Image.Image) -> Image.Image:
    """Skin smoothed and edges kept, as beauty filters do."""
    pixels = np.asarray(opaque(picture))
    for _ in range(3):
        pixels = cv2.bilateralFilter(pixels, 9, 45, 9)
    return Image.fromarray(pixels)


def small(picture: Image.Image) -> Image.Image:
    """The shorter side 128 pixels long."""
    scale = 128 / min(picture.size)
    return opaque(picture).resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)


def white_ground(picture: Image.Image) -> Image.Image:
    """Small on a wide white page."""
    inner = picture.copy()
    inner.thumbnail((380, 380), Image.Resampling.LANCZOS)
    page = Image.new("RGB", (1000, 760), (255, 255, 255))
    page.paste(opaque(inner, (255, 255, 255)), ((1000 - inner.width) // 2, (760 - inner.height) // 2))
    return page


def grey(picture: Image.Image) -> Image.Image:
    """Without colours."""
    return opaque(picture).convert("L").convert("RGB")


def noisy(picture: Image.Image) -> Image.Image:
    """With noise of 12 levels of 255."""
    pixels = np.asarray(opaque(picture)).astype(np.float32)
    return Image.fromarray(np.clip(pixels + np.random.default_rng(5).normal(0, 12, pixels.shape), 0, 255).astype(np.uint8))


def upscaled(picture: Image.Image) -> Image.Image:
    """Shrunk to a third and made large again."""
    third = opaque(picture).resize((max(1, picture.width // 3), max(1, picture.height // 3)), Image.Resampling.BILINEAR)
    return third.resize(picture.size, Image.Resampling.BICUBIC)


def framed(draw: Callable[[ImageDraw.ImageDraw, tuple[int, int]], None], soft: float = 0.0) -> Degradation:
    """With what lies outside a drawn shape made transparent; soft: blur of the shape's edge, in parts of the shorter side."""

    def degrade(picture: Image.Image) -> Image.Image:
        whole = opaque(picture).convert("RGBA")
        shape = Image.new("L", whole.size, 0)
        draw(ImageDraw.Draw(shape), whole.size)
        if soft:
            shape = shape.filter(ImageFilter.GaussianBlur(soft * min(whole.size)))
        whole.putalpha(shape)
        return whole

    return degrade


def _disc(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    draw.ellipse((0, 0, size[0] - 1, size[1] - 1), fill=255)


def _corners(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    draw.rounded_rectangle((0, 0, size[0] - 1, size[1] - 1), radius=0.12 * min(size), fill=255)


def _inner_disc(draw: ImageDraw.ImageDraw, size: tuple[int, int]) -> None:
    draw.ellipse((0.08 * size[0], 0.08 * size[1], 0.92 * size[0], 0.92 * size[1]), fill=255)


#: By name. The first is the picture itself.
DEGRADATIONS: dict[str, Degradation] = {
    "as it is": lambda picture: picture,
    "JPEG 12": jpeg(12),
    "JPEG 30": jpeg(30),
    "64 colours": palette,
    "32 colours, dithered": dithered,
    "smoothed skin": smoothed,
    "128 px": small,
    "white ground": white_ground,
    "grey": grey,
    "noise": noisy,
    "upscaled": upscaled,
    "round alpha": framed(_disc),
    "rounded corners": framed(_corners),
    "soft vignette": framed(_inner_disc, soft=0.06),
}
