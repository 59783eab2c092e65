"""Portraits of every accepted kind decode to the same picture; everything else ends in one sentence."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from pipeline.errors import InputError
from pipeline.pictures import GROUND, compose, load_picture

HEIGHT, WIDTH = 96, 128


@pytest.fixture
def gradient() -> np.ndarray:
    """Red grows to the right, green downwards, blue is even; smooth, so that lossy formats keep it."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[..., 0] = np.linspace(20, 235, WIDTH)[None, :]
    image[..., 1] = np.linspace(20, 235, HEIGHT)[:, None]
    image[..., 2] = 90
    return image


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
    assert "colour profile" in picture.notes[0]
    np.testing.assert_array_equal(picture.image, gradient)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animation_gives_its_first_frame_and_says_so(tmp_path, gradient, kind):
    second = Image.new("RGB", (WIDTH, HEIGHT), (255, 255, 255))
    Image.fromarray(gradient).save(tmp_path / "p", kind, save_all=True, append_images=[second], lossless=True, duration=100)
    picture = load_picture(tmp_path / "p")
    assert "first frame" in picture.notes[0]
    np.testing.assert_array_equal(picture.image, gradient)


def refusals() -> dict[str, bytes]:
    whole = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(whole, "PNG")
    jpeg = io.BytesIO()
    Image.fromarray(noise).save(jpeg, "JPEG")
    gif = io.BytesIO()
    Image.fromarray(noise).save(gif, "GIF")
    tiff = io.BytesIO()
    Image.fromarray(noise).save(tiff, "TIFF")
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb += struct.pack(">I", zlib.crc32(bomb[12:])) + struct.pack(">I", 10_000_000) + b"IDAT" + zlib.compress(bytes(100_000))
    return {
        "empty": b"",
        "text": b"This is a letter, no picture.\n" * 20,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"></svg>',
        "pdf": b"%PDF-1.7\n1 0 obj << >> endobj\n" * 10,
        "gif": gif.getvalue(),
        "tiff": tiff.getvalue(),
        "truncated png": whole.getvalue()[: len(whole.getvalue()) // 2],
        "truncated jpeg": jpeg.getvalue()[: len(jpeg.getvalue()) // 2],
        "bomb": bomb,
        "heic garbage": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(200),
    }


@pytest.mark.parametrize("name", list(refusals()))
def test_refusals_are_one_sentence(tmp_path, name):
    path = tmp_path / "portrait.png"
    path.write_bytes(refusals()[name])
    with pytest.raises(InputError) as caught:
        load_picture(path)
    message = str(caught.value)
    assert message.startswith("The picture")
    assert "\n" not in message
    assert message.endswith(".")
    expected = {"bomb": "million pixels", "truncated png": "damaged", "truncated jpeg": "damaged", "heic garbage": "damaged"}
    assert expected.get(name, "PNG, JPEG, WebP, HEIC and AVIF are accepted") in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF"])
def test_damage_anywhere_is_a_sentence_or_a_picture(tmp_path, gradient, kind):
    """Bytes changed at random, mostly in the head, where the structure lies."""
    random = np.random.default_rng(7)
    whole = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "maker"
    if kind == "HEIF":
        pillow_heif.from_pillow(Image.fromarray(gradient)).save(whole)
    else:
        Image.fromarray(gradient).save(whole, kind, exif=exif)
    refused = 0
    for _ in range(60):
        content = np.frombuffer(whole.getvalue(), np.uint8).copy()
        places = random.integers(0, min(len(content), 400), random.integers(1, 12))
        content[places] = random.integers(0, 256, len(places))
        (tmp_path / "p").write_bytes(content.tobytes())
        try:
            load_picture(tmp_path / "p")
        except InputError as error:
            refused += 1
            assert "\n" not in str(error)
    assert refused > 5


def test_missing_folder_small_and_large(tmp_path, gradient):
    for path, words in ((tmp_path / "none.png", "does not exist"), (tmp_path, "not a file")):
        with pytest.raises(InputError, match=words):
            load_picture(path)
    Image.new("RGB", (63, 400)).save(tmp_path / "small.png")
    with pytest.raises(InputError, match="63 x 400"):
        load_picture(tmp_path / "small.png")
    Image.fromarray(gradient).save(tmp_path / "p.png")
    with pytest.raises(InputError, match="million pixels"):
        load_picture(tmp_path / "p.png", max_pixels=HEIGHT * WIDTH - 1)
    assert load_picture(tmp_path / "p.png", max_pixels=HEIGHT * WIDTH).image.shape[0] == HEIGHT


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
