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

from core.contracts import ByteArray
from core.errors import InputError
from core.messages import Message, message
from media.file_kinds import ACCEPTED_PICTURES, JPEG, JPEG_FACTOR, WEBP, FileKind, check_picture_kind
from media.picture_mending import Filling, filled_jpeg, filled_webp, mended

#: Pillow's names of the decoders that a user's file may reach. JPEG brings MPO along, which phones write.
FORMATS = ("PNG", "JPEG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF", "BMP")
#: Formats in which further pictures are an animation; in others they are a preview or a depth map.
ANIMATED_FORMATS = ("PNG", "WEBP", "AVIF", "GIF")
#: Pixels that are decoded at most: they bound the memory.
MAX_PIXELS = 70_000_000
#: Larger pictures are scaled down at once: more is never seen in a film, and everything after costs memory by the pixel.
KEPT_PIXELS = 12_000_000
MIN_SIDE_PX = 64
#: The grey that shows through a transparent picture, in sRGB.
GROUND = 208
#: What is said of further pictures, by Pillow's name of the format.
SEVERAL = {
    **dict.fromkeys(ANIMATED_FORMATS, message("media.first_frame_used")),
    "TIFF": message("media.first_page_used"),
}
#: How a file that lacks its end may be filled.
FILLED: dict[FileKind, Filling] = {JPEG: filled_jpeg, WEBP: filled_webp}
#: TIFF's tags of a reduced copy, and of Adobe's raw format.
NEW_SUBFILE_TYPE, DNG_VERSION = 254, 50706
#: What decoders raise for a damaged file.
DAMAGE = (OSError, RuntimeError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError, struct.error)

Image.MAX_IMAGE_PIXELS = None  # the size is checked here, before anything is decoded
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")  # damaged metadata of a picture that can be seen


@dataclass(frozen=True)
class Picture:
    """A decoded picture.

    image: (H, W, 3) uint8 RGB in sRGB, upright, transparency composed over grey. alpha: (H, W) uint8 where something is
    transparent, else None. notes: for the user, about what was done. turned: by how many quarters to the left the
    picture was turned since, so that its face stands upright.
    """

    image: ByteArray
    alpha: ByteArray | None
    notes: tuple[Message, ...] = ()
    turned: int = 0


def load_picture(path: Path, max_pixels: int = MAX_PIXELS, kept_pixels: int = KEPT_PIXELS) -> Picture:
    """Decode the picture file `path`.

    max_pixels: pictures that would have more of them decoded are refused before that; a JPEG, which is scaled while it is
    decoded, may have `JPEG_FACTOR` times as many. kept_pixels: larger ones are scaled down to about so many.
    Raises InputError where the file is missing, no picture of an accepted kind, damaged, too large or too small.
    """
    check_picture_file(path)
    kind = check_picture_kind(path)
    pillow_heif.register_heif_opener()
    decoder = Decoder(path, kind, max_pixels, kept_pixels)
    try:
        opened = decoder.decode(path)
    except UnidentifiedImageError as error:
        raise InputError("media.picture_of_unknown_kind", name=path.name, accepted=ACCEPTED_PICTURES) from error
    except DAMAGE as error:
        opened = decoder.mended(error)
    notes = [decoder.note] if decoder.note is not None else []
    profile = opened.info.get("icc_profile")
    try:  # some damage, such as a transparent colour that the palette lacks, shows only where the pixels are used
        picture = ImageOps.exif_transpose(scaled_down(opened, kept_pixels))
        del opened  # of a large picture, only what is still needed stays in memory
        colours, alpha = split_alpha(picture)
        image = to_srgb(colours, profile, notes)
    except DAMAGE as error:
        raise InputError("media.picture_damaged", name=path.name) from error
    if alpha is None:
        return Picture(image, None, tuple(notes))
    return Picture(compose(image, alpha), alpha, tuple(notes))


@dataclass
class Decoder:
    """Opens one picture file; see `load_picture` for the fields. `note`: what to say of it, if anything."""

    path: Path
    kind: FileKind
    max_pixels: int
    kept_pixels: int
    note: Message | None = None

    def decode(self, source: Path | io.BytesIO) -> Image.Image:
        """The first picture in the file or its content. Raises InputError by its size and kind, and whatever Pillow raises."""
        with Image.open(source, formats=FORMATS) as opened:
            scales = opened.format in ("JPEG", "MPO")
            check_size(self.path, opened.size, self.max_pixels * (JPEG_FACTOR if scales else 1))
            if opened.format == "TIFF":
                check_no_preview(self.path, opened)
            if getattr(opened, "n_frames", 1) > 1:
                self.note = SEVERAL.get(opened.format or "")
            if scales:
                opened.draft(None, smaller(opened.size, self.kept_pixels))
                check_size(self.path, opened.size, self.max_pixels)
            opened.load()
            opened.getexif()  # damage in it shows here
        return opened

    def mended(self, error: Exception) -> Image.Image:
        """The picture, if its file lacks nothing that can be seen; raises InputError from `error` if it does."""
        damaged = InputError("media.picture_damaged", name=self.path.name)
        fill = FILLED.get(self.kind)
        if fill is None:
            raise damaged from error
        try:
            picture = mended(self.path, fill, self.decode)
        except DAMAGE as again:
            raise damaged from again
        if picture is None:
            raise damaged from error
        return picture


def check_no_preview(path: Path, opened: Image.Image) -> None:
    """Raises InputError for a TIFF whose first picture is a small copy: a camera's raw picture, which no decoder here reads."""
    tags = getattr(opened, "tag_v2", {})
    if tags.get(NEW_SUBFILE_TYPE) == 1 or DNG_VERSION in tags:
        raise InputError("media.picture_is_raw", name=path.name)


def check_picture_file(path: Path) -> None:
    """Raises InputError unless `path` is a file with something in it."""
    if not path.exists():
        raise InputError("media.picture_not_there", path=path)
    if not path.is_file():
        raise InputError("media.picture_is_no_file", path=path, accepted=ACCEPTED_PICTURES)
    if path.stat().st_size == 0:
        raise InputError("media.picture_is_empty", name=path, accepted=ACCEPTED_PICTURES)


def check_size(path: Path, size: tuple[int, int], max_pixels: int) -> None:
    """Raises InputError for a picture that would fill the memory, or that no face fits into."""
    if size[0] * size[1] > max_pixels:
        raise InputError("media.picture_too_large", name=path.name, count=max_pixels / 1000000.0)
    if min(size) < MIN_SIDE_PX:
        raise InputError("media.picture_too_small", name=path.name, width=size[0], height=size[1], least=MIN_SIDE_PX)


def scaled_down(picture: Image.Image, kept_pixels: int) -> Image.Image:
    """The picture with at most about `kept_pixels` pixels, by Lanczos' filter; its metadata stays with it."""
    size = smaller(picture.size, kept_pixels)
    if size == picture.size:
        return picture
    if picture.mode in ("P", "PA", "1"):  # indices can't be averaged
        picture = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
    quickly = None if picture.mode.startswith("I") else 2.0  # the quick way knows no 16 bits
    return picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=quickly)


def smaller(size: tuple[int, int], kept_pixels: int) -> tuple[int, int]:
    """(width, height) of the same proportions with at most about `kept_pixels` pixels."""
    scale = min(1.0, (kept_pixels / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def split_alpha(picture: Image.Image) -> tuple[Image.Image, ByteArray | None]:
    """The colours in mode L, RGB or CMYK, and the alpha (H, W) uint8; None where nothing is transparent."""
    if picture.mode.startswith("I"):
        grey, alpha = from_16_bit(picture)
        return Image.fromarray(grey), alpha
    if picture.mode == "F":
        return Image.fromarray(from_float(picture)), None
    if picture.mode == "LAB":
        picture = from_lab(picture)
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


def from_float(picture: Image.Image) -> ByteArray:
    """Grey of floating numbers as (H, W) uint8: from 0 to 1 or to 255, as they seem to be meant."""
    values = np.nan_to_num(np.asarray(picture, np.float32), posinf=0.0, neginf=0.0)
    return np.round(values * (255.0 if values.max() <= 1.0 else 1.0)).clip(0, 255).astype(np.uint8)


def from_lab(picture: Image.Image) -> Image.Image:
    """A picture in the CIE's L*a*b*, which Photoshop writes, in sRGB."""
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    changed = ImageCms.profileToProfile(picture, lab, srgb, outputMode="RGB")
    assert changed is not None  # it is None only for a change in place
    changed.info.pop("icc_profile", None)
    return changed


def to_srgb(colours: Image.Image, profile: bytes | None, notes: list[Message]) -> ByteArray:
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
            notes.append(message("media.colour_profile_left_out"))
    return np.array(colours.convert("RGB"))


def compose(image: ByteArray, alpha: ByteArray) -> ByteArray:
    """The picture (H, W, 3) over a neutral light grey ground, as much as `alpha` (H, W) lets it cover."""
    cover = alpha.astype(np.uint16)[..., None]
    light = image * cover
    light += GROUND * (255 - cover) + 127
    light //= 255
    return light.astype(np.uint8)
