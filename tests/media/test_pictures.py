"""Portraits of every accepted kind decode to the same picture; everything else ends in one sentence."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from core.errors import InputError
from media.file_kinds import JPEG_FACTOR
from media.pictures import GROUND, MAX_PIXELS, compose, load_picture
from tests.media.conftest import HEIGHT, WIDTH


def mean_error(picture, expected) -> float:
    return float(np.abs(picture.image.astype(int) - expected).mean())


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("JPEG", {"quality": 95}, 2),
        ("WEBP", {"quality": 90}, 3),
        ("AVIF", {"quality": 90}, 3),
        ("GIF", {}, 12),  # 256 colours
        ("BMP", {}, 0),
        ("TIFF", {}, 0),
        ("TIFF", {"compression": "tiff_lzw"}, 0),
        ("TIFF", {"compression": "jpeg", "quality": 95}, 2),
        ("TIFF", {"big_tiff": True}, 0),
    ],
)
def test_kinds_by_content(tmp_path, gradient, kind, options, tolerance):
    path = tmp_path / "picture.txt"  # the name says nothing
    Image.fromarray(gradient).save(path, kind, **options)
    picture = load_picture(path)
    assert picture.image.shape == (HEIGHT, WIDTH, 3)
    assert picture.image.dtype == np.uint8
    assert picture.alpha is None
    assert picture.notes == ()
    assert mean_error(picture, gradient) <= tolerance


@pytest.mark.parametrize("bits", [8, 10])
def test_heic(tmp_path, gradient, bits):
    path = tmp_path / "picture.heic"
    if bits == 8:
        pillow_heif.from_pillow(Image.fromarray(gradient)).save(path, quality=95)
    else:
        deep = (gradient.astype(np.uint16) << 8) + 128
        pillow_heif.from_bytes("RGB;16", (WIDTH, HEIGHT), deep.tobytes()).save(path, quality=95)
    assert mean_error(load_picture(path), gradient) <= 3


def test_phone_jpeg_with_a_second_picture(tmp_path, gradient):
    path = tmp_path / "phone.jpg"
    Image.fromarray(gradient).save(path, "MPO", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))], quality=95)
    picture = load_picture(path)
    assert mean_error(picture, gradient) <= 2
    assert picture.notes == ()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation(tmp_path, gradient, orientation):
    turns = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    for kind in ("PNG", "JPEG"):
        path = tmp_path / f"picture.{kind}"
        Image.fromarray(np.ascontiguousarray(turns[orientation](gradient))).save(path, kind, exif=exif, quality=95)
        assert mean_error(load_picture(path), gradient) <= 2


def test_alpha_is_kept_and_composed(tmp_path, gradient):
    alpha = np.full((HEIGHT, WIDTH), 255, np.uint8)
    alpha[:, :40], alpha[:, 40:60] = 0, 128
    for kind, options in (("PNG", {}), ("WEBP", {"lossless": True, "exact": True})):
        path = tmp_path / f"picture.{kind}"
        Image.fromarray(np.dstack([gradient, alpha])).save(path, kind, **options)
        picture = load_picture(path)
        np.testing.assert_array_equal(picture.alpha, alpha)
        assert (picture.image[:, :40] == GROUND).all()
        half = gradient[:, 40:60] * (128 / 255) + GROUND * (127 / 255)
        assert np.abs(picture.image[:, 40:60] - half).max() <= 0.51
        np.testing.assert_array_equal(picture.image[:, 60:], gradient[:, 60:])


def test_opaque_alpha_is_no_alpha(tmp_path, gradient):
    Image.fromarray(gradient).convert("RGBA").save(tmp_path / "p.png")
    assert load_picture(tmp_path / "p.png").alpha is None


def test_compose_ends():
    image = np.array([[[0, 128, 255]]], np.uint8)
    np.testing.assert_array_equal(compose(image, np.array([[255]], np.uint8)), image)
    np.testing.assert_array_equal(compose(image, np.array([[0]], np.uint8)), [[[GROUND] * 3]])


def png_16(values: np.ndarray, colour_type: int) -> bytes:
    """A PNG with 16 bits a sample, written by hand, so that nothing of the decoder's own library has a part in it."""
    height, width = values.shape[:2]

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    head = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def test_16_bit_grey_is_scaled_not_clipped(tmp_path):
    values = np.tile(np.linspace(0, 65535, WIDTH).round(), (HEIGHT, 1)).astype(np.uint16)
    (tmp_path / "p.png").write_bytes(png_16(values, 0))
    image = load_picture(tmp_path / "p.png").image
    np.testing.assert_array_equal(image, np.repeat((values / 257).round().astype(np.uint8)[..., None], 3, axis=2))


def test_16_bit_colour_and_alpha(tmp_path, gradient):
    deep = gradient.astype(np.uint16) * 257
    (tmp_path / "p.png").write_bytes(png_16(deep, 2))
    np.testing.assert_array_equal(load_picture(tmp_path / "p.png").image, gradient)
    alpha = np.full((HEIGHT, WIDTH, 1), 65535, np.uint16)
    alpha[:50] = 0
    (tmp_path / "a.png").write_bytes(png_16(np.concatenate([deep, alpha], axis=2), 6))
    picture = load_picture(tmp_path / "a.png")
    assert (picture.alpha[:50] == 0).all()
    np.testing.assert_array_equal(picture.image[50:], gradient[50:])


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1"])
def test_grey_and_palette(tmp_path, gradient, mode):
    source = Image.fromarray(gradient).convert("RGB").convert("L" if mode == "LA" else mode)
    expected = np.asarray(source.convert("RGB"))
    source.convert(mode).save(tmp_path / "p.png")
    np.testing.assert_array_equal(load_picture(tmp_path / "p.png").image, expected)


def test_palette_with_transparency(tmp_path):
    source = Image.new("P", (80, 80), 1)
    source.putpalette([255, 0, 0, 0, 0, 255])
    source.paste(0, (0, 0, 40, 80))
    source.save(tmp_path / "p.png", transparency=0)
    picture = load_picture(tmp_path / "p.png")
    assert (picture.alpha[:, :40] == 0).all()
    assert (picture.alpha[:, 40:] == 255).all()
    assert (picture.image[:, 40:] == [0, 0, 255]).all()


def test_cmyk_jpeg(tmp_path):
    inks = {(255, 255, 255): (0, 0, 0, 0), (255, 0, 0): (0, 255, 255, 0), (0, 0, 0): (0, 0, 0, 255)}
    for rgb, cmyk in inks.items():
        Image.new("CMYK", (80, 80), cmyk).save(tmp_path / "p.jpg", quality=95)
        assert np.abs(load_picture(tmp_path / "p.jpg").image.astype(int) - rgb).max() <= 4


def swapped_profile() -> bytes:
    """An RGB profile whose red and green are swapped against sRGB's: what ignores it is seen at once."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    count = struct.unpack_from(">I", profile, 128)[0]
    tags = {bytes(profile[132 + 12 * i : 136 + 12 * i]): 136 + 12 * i for i in range(count)}
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red : red + 8], profile[green : green + 8] = profile[green : green + 8], profile[red : red + 8]
    return bytes(profile)


def test_colour_profile_is_applied(tmp_path, gradient):
    for kind in ("PNG", "JPEG", "WEBP"):
        Image.fromarray(gradient).save(tmp_path / "p", kind, icc_profile=swapped_profile(), quality=95, lossless=True)
        picture = load_picture(tmp_path / "p")
        assert mean_error(picture, gradient[..., [1, 0, 2]]) <= 2.5
        assert picture.notes == ()


def test_srgb_profile_changes_nothing_and_a_damaged_one_is_said(tmp_path, gradient):
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(gradient).save(tmp_path / "p.png", icc_profile=srgb)
    assert np.abs(load_picture(tmp_path / "p.png").image.astype(int) - gradient).max() <= 1
    Image.fromarray(gradient).convert("L").save(tmp_path / "grey.png", icc_profile=srgb)  # an RGB profile on a grey picture
    assert load_picture(tmp_path / "grey.png").notes == ()
    Image.fromarray(gradient).save(tmp_path / "d.png", icc_profile=b"no profile at all" * 20)
    picture = load_picture(tmp_path / "d.png")
    assert "colour profile" in str(picture.notes[0])
    np.testing.assert_array_equal(picture.image, gradient)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_animation_gives_its_first_frame_and_says_so(tmp_path, gradient, kind):
    second = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    Image.fromarray(gradient).save(tmp_path / "p", kind, save_all=True, append_images=[second], lossless=True, duration=100)
    picture = load_picture(tmp_path / "p")
    assert "first frame" in str(picture.notes[0])
    assert mean_error(picture, gradient) <= (12 if kind == "GIF" else 0)


def test_the_first_page_of_several(tmp_path, gradient):
    second = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    Image.fromarray(gradient).save(tmp_path / "p.tif", "TIFF", save_all=True, append_images=[second])
    picture = load_picture(tmp_path / "p.tif")
    assert "several pages" in str(picture.notes[0])
    np.testing.assert_array_equal(picture.image, gradient)


@pytest.mark.parametrize("most", [1.0, 255.0])
def test_grey_of_floating_numbers(tmp_path, most):
    values = np.tile(np.linspace(0, most, WIDTH, dtype=np.float32), (HEIGHT, 1))
    values[0, 0] = np.nan
    Image.fromarray(values).save(tmp_path / "p.tif")
    expected = np.round(np.tile(np.linspace(0, 255, WIDTH), (HEIGHT, 1)))
    assert np.abs(load_picture(tmp_path / "p.tif").image[..., 1] - expected).max() <= 1


def test_the_colours_of_photoshop(tmp_path):
    """L*a*b* of pure sRGB red is 53, 80, 67."""
    lab = Image.fromarray(np.tile(np.array([53 * 255 // 100, 80 + 0, 67], np.uint8), (80, 80, 1)), "LAB")
    lab.save(tmp_path / "p.tif")
    assert np.abs(load_picture(tmp_path / "p.tif").image.astype(int) - [255, 0, 0]).max() <= 12


def test_a_large_jpeg_is_scaled_while_it_is_decoded(tmp_path, gradient):
    """As phones of 200 million pixels make them: the sizes are the same in small."""
    path = tmp_path / "p.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(gradient).resize((WIDTH * 8, HEIGHT * 8), Image.Resampling.BICUBIC).save(path, quality=95, exif=exif)
    own = WIDTH * HEIGHT * 64
    picture = load_picture(path, max_pixels=own // JPEG_FACTOR + 1, kept_pixels=WIDTH * HEIGHT)
    assert picture.image.shape == (WIDTH, HEIGHT, 3)
    assert mean_error(picture, np.rot90(gradient, -1)) <= 2
    with pytest.raises(InputError, match="million pixels"):
        load_picture(path, max_pixels=own // JPEG_FACTOR - 1, kept_pixels=WIDTH * HEIGHT)
    with pytest.raises(InputError, match="million pixels"):
        load_picture(path, max_pixels=own // 2, kept_pixels=own)  # it could not be scaled down so far


def test_a_picture_of_a_phone_is_within_the_limits():
    assert MAX_PIXELS >= 8192 * 6144 and MAX_PIXELS * JPEG_FACTOR >= 16320 * 12240


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "16 bit"])
def test_large_pictures_are_scaled_down(tmp_path, gradient, mode):
    path = tmp_path / "p.png"
    exif = Image.Exif()
    exif[0x0112] = 6
    large = Image.fromarray(gradient).resize((WIDTH * 6, HEIGHT * 6), Image.Resampling.BICUBIC)
    if mode == "16 bit":
        path.write_bytes(png_16(np.asarray(large.convert("L")).astype(np.uint16) * 257, 0))
    else:
        large.convert(mode).save(path, exif=exif)
    picture = load_picture(path, kept_pixels=WIDTH * HEIGHT)
    upright = mode == "16 bit"
    assert picture.image.shape == ((HEIGHT, WIDTH, 3) if upright else (WIDTH, HEIGHT, 3))
    grey = np.asarray(Image.fromarray(gradient).convert("L").convert("RGB"))
    expected = grey if mode in ("L", "16 bit") else gradient
    assert mean_error(picture, expected if upright else np.rot90(expected, -1)) <= (4 if mode == "P" else 1.5)
    assert load_picture(path, kept_pixels=WIDTH * HEIGHT * 36).image.size == WIDTH * HEIGHT * 36 * 3


def test_shared_portraits(shared_dir):
    for path in sorted((shared_dir / "portraits").glob("*.*g")):
        picture = load_picture(path)
        with Image.open(path) as opened:
            assert picture.image.shape[:2] == opened.size[::-1]
        assert (picture.alpha is not None) == (path.name == "anime_rgba.png")
        assert picture.image.flags.writeable
