"""Decodes portraits: upright, in sRGB, 8 bits a colour, whatever the file brings. Its content says what it is, not its name."""

from __future__ import annotations

import io
import struct
import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from pipeline.contracts import ByteArray
from pipeline.errors import InputError

ACCEPTED = "PNG, JPEG, WebP, HEIC and AVIF are accepted"
#: Pillow's names of the decoders that a user's file may reach. JPEG brings MPO along, which phones write.
FORMATS = ("PNG", "JPEG", "WEBP", "HEIF", "AVIF")
#: Formats in which further pictures are an animation; in others they are a preview or a depth map.
ANIMATED_FORMATS = ("PNG", "WEBP", "AVIF")
MAX_PIXELS = 50_000_000
#: Larger pictures are scaled down at once: more is never seen in a film, and everything after costs memory by the pixel.
KEPT_PIXELS = 12_000_000
MIN_SIDE_PX = 64
#: The grey that shows through a transparent picture, in sRGB.
GROUND = 208
#: What decoders raise for a damaged file.
DAMAGE = (OSError, RuntimeError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)

warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)  # the size is checked here, before anything is decoded
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # damaged metadata of a picture that can be seen


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    image: (H, W, 3) uint8 RGB in sRGB, upright, transparency composed over grey. alpha: (H, W) uint8 where something is
    transparent, else None. notes: sentences for the user about what was done.
    """

    image: ByteArray
    alpha: ByteArray | None
    notes: tuple[str, ...] = ()


def load_picture(path: Path, max_pixels: int = MAX_PIXELS, kept_pixels: int = KEPT_PIXELS) -> Picture:
    """Decode the picture file `path`.

    max_pixels: larger pictures are refused before they are decoded. kept_pixels: larger ones are scaled down to about so many.
    Raises InputError where the file is missing, no picture of an accepted kind, damaged, too large or too small.
    """
    check_picture_file(path)
    pillow_heif.register_heif_opener()
    try:
        with Image.open(path, formats=FORMATS) as opened:
            check_size(path, opened.size, max_pixels)
            animated = opened.format in ANIMATED_FORMATS and getattr(opened, "n_frames", 1) > 1
            opened.load()
            opened.getexif()  # damage in it shows here
    except UnidentifiedImageError as error:
        raise InputError(f"The picture {path.name} is of a kind that is not known here, or damaged; {ACCEPTED}.") from error
    except Image.DecompressionBombError as error:
        raise InputError(too_large(path, max_pixels)) from error
    except DAMAGE as error:
        raise InputError(f"The picture {path.name} is damaged and can't be decoded; save it anew or give another.") from error
    notes = ["The picture is animated; its first frame is used."] if animated else []
    profile = opened.info.get("icc_profile")
    picture = ImageOps.exif_transpose(scaled_down(opened, kept_pixels))
    del opened  # of a large picture, only what is still needed stays in memory
    colours, alpha = split_alpha(picture)
    image = to_srgb(colours, profile, notes)
    if alpha is None:
        return Picture(image, None, tuple(notes))
    return Picture(compose(image, alpha), alpha, tuple(notes))


def check_picture_file(path: Path) -> None:
    """Raises InputError unless `path` is a file with something in it."""
    if not path.exists():
        raise InputError(f"The picture {path} does not exist; check its name.")
    if not path.is_file():
        raise InputError(f"The picture {path} is not a file; {ACCEPTED}.")
    if path.stat().st_size == 0:
        raise InputError(f"The picture {path} is empty; {ACCEPTED}.")


def check_size(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    """Raises InputError for a picture that would fill the memory, or that no face fits into."""
    if size[0] * size[1] > max_pixels:
        raise InputError(too_large(path, max_pixels))
    if min(size) < MIN_SIDE_PX:
        raise InputError(f"The picture {path.name} has only {size[0]} x {size[1]} pixels; each side needs {MIN_SIDE_PX} or more.")


def too_large(path: Path, max_pixels: int) -> str:
    """The sentence for a picture with too many pixels."""
    return f"The picture {path.name} has more than {max_pixels / 1e6:g} million pixels; make it smaller first."


def scaled_down(picture: Image.Image, kept_pixels: int) -> Image.Image:
    """The picture with at most about `kept_pixels` pixels, by Lanczos' filter; its metadata stays with it."""
    scale = (kept_pixels / (picture.width * picture.height)) ** 0.5
    if scale >= 1:
        return picture
    if picture.mode in ("P", "PA", "1"):  # indices can't be averaged
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    quickly = None if picture.mode.startswith("I") else 2.0  # the quick way knows no 16 bits
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=quickly)


def split_alpha(picture: Image.Image) -> tuple[Image.Image, ByteArray | None]:
    """The colours in mode L, RGB or CMYK, and the alpha (H, W) uint8; None where nothing is transparent."""
    if picture.mode.startswith("I"):
        grey, alpha = from_16_bit(picture)
        return Image.fromarray(grey), alpha
    if picture.mode == "1":
        picture = picture.convert("L")
    transparent = picture.has_transparency_data
    if picture.mode in ("L", "RGB", "CMYK") and not transparent:
        return picture, None
    rgba = picture.convert("RGBA")
    alpha = np.asarray(rgba.getchannel("A"))
    # Grey stays grey, because its colour profile is one for grey.
    colours = rgba.getchannel("R") if picture.mode in ("L", "LA") else rgba.convert("RGB")
    return colours, alpha if (alpha < 255).any() else None


def from_16_bit(picture: Image.Image) -> tuple[ByteArray, ByteArray | None]:
    """Grey with 16 bits as (H, W) uint8, scaled over the whole range, and the alpha where one grey means transparent."""
    values = np.asarray(picture).clip(0, 65535).astype(np.uint32)
    hole = picture.info.get("transparency")
    alpha = np.where(values == hole, 0, 255).astype(np.uint8) if isinstance(hole, int) else None
    return ((values * 255 + 32767) // 65535).astype(np.uint8), alpha


def to_srgb(colours: Image.Image, profile: bytes | None, notes: list[str]) -> ByteArray:
    """The colours (H, W, 3) uint8 in sRGB, by the file's colour profile where it has one; adds a note where that does not fit."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            # A grey picture may bear the profile of the colour picture that it was made from.
            fitting = colours.convert("RGB") if colours.mode == "L" and source.profile.xcolor_space.strip() == "RGB" else colours
            target = ImageCms.createProfile("sRGB")
            changed = ImageCms.profileToProfile(fitting, source, target, ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB")
            assert changed is not None  # it is None only for a change in place
            return np.array(changed)
        except (ImageCms.PyCMSError, OSError, ValueError):
            notes.append("The picture's colour profile does not fit or is damaged; the colours are taken as sRGB.")
    return np.array(colours.convert("RGB"))


def compose(image: ByteArray, alpha: ByteArray) -> ByteArray:
    """The picture (H, W, 3) over a neutral light grey ground, as much as `alpha` (H, W) lets it cover."""
    cover = alpha.astype(np.uint16)[..., None]
    light = image * cover
    light += GROUND * (255 - cover) + 127
    light //= 255
    return light.astype(np.uint8)
