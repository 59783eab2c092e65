"""Portraits of every accepted kind decode to the same picture; everything else ends in one sentence."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image, ImageCms

from core.errors import InputError
from media.file_kinds import JPEG_FACTOR
from media.pictures import GROUND, MAX_PIXELS, compose, load_picture

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


def test_the_preview_in_a_raw_picture_is_no_picture(tmp_path, gradient):
    """DNG, NEF and others are TIFFs whose first picture is a small copy of what only their makers' programs read."""
    for tags in ({254: 1}, {50706: b"\1\4\0\0"}):
        Image.fromarray(gradient).save(tmp_path / "p.tif", "TIFF", tiffinfo=tags)
        with pytest.raises(InputError, match=r"a camera's raw picture, of which only a small preview .* export it as a JPEG\."):
            load_picture(tmp_path / "p.tif")


WITHOUT_THEIR_END = [
    ("JPEG", {"quality": 90}, (1, 2)),
    ("JPEG", {"quality": 90, "progressive": True}, (1, 2)),
    ("PNG", {}, (1, 4, 8, 12)),
    ("WEBP", {"quality": 90}, ()),
    ("GIF", {}, (1,)),
]


@pytest.mark.parametrize(("kind", "options", "lacking"), WITHOUT_THEIR_END)
def test_a_file_without_its_end_that_lacks_no_pixel_is_taken(tmp_path, gradient, kind, options, lacking):
    whole = io.BytesIO()
    Image.fromarray(gradient).save(whole, kind, **options)
    path = tmp_path / "p"
    path.write_bytes(whole.getvalue())
    expected = load_picture(path).image
    for count in lacking:
        path.write_bytes(whole.getvalue()[:-count])
        np.testing.assert_array_equal(load_picture(path).image, expected)
    for more in (b"\0", bytes(999)):
        path.write_bytes(whole.getvalue() + more)
        np.testing.assert_array_equal(load_picture(path).image, expected)
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    Image.fromarray(noise).save(path, kind, **options)
    for part in (0.99, 0.9, 0.5):
        path.write_bytes(path.read_bytes()[: round(path.stat().st_size * part)])
        with pytest.raises(InputError, match="damaged"):
            load_picture(path)


def test_the_padding_of_a_webp_may_lack(tmp_path, gradient):
    """Chunks have an even length: where the last one's content is odd, a byte follows that says nothing."""
    for quality in range(50, 100):
        whole = io.BytesIO()
        Image.fromarray(gradient).save(whole, "WEBP", quality=quality)
        content = whole.getvalue()
        if struct.unpack_from("<I", content, 16)[0] % 2:
            break
    path = tmp_path / "p"
    path.write_bytes(content)
    expected = load_picture(path).image
    path.write_bytes(content[:-1])
    np.testing.assert_array_equal(load_picture(path).image, expected)
    path.write_bytes(content[:-200])
    with pytest.raises(InputError, match="damaged"):
        load_picture(path)


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


def refusals() -> dict[str, bytes]:
    whole = io.BytesIO()
    noise = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    Image.fromarray(noise).save(whole, "PNG")
    jpeg = io.BytesIO()
    Image.fromarray(noise).save(jpeg, "JPEG")
    icon = io.BytesIO()
    Image.fromarray(noise).save(icon, "ICO")
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + struct.pack(">IIBBBBB", 60000, 60000, 8, 2, 0, 0, 0)
    bomb += struct.pack(">I", zlib.crc32(bomb[12:])) + struct.pack(">I", 10_000_000) + b"IDAT" + zlib.compress(bytes(100_000))
    return {
        "empty": b"",
        "text": b"This is a letter, no picture.\n" * 20,
        "svg": b'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"></svg>',
        "pdf": b"%PDF-1.7\n1 0 obj << >> endobj\n" * 10,
        "icon": icon.getvalue(),
        "jpeg xl": b"\xff\x0a" + bytes(100),
        "jpeg xl in a box": b"\x00\x00\x00\x0cJXL \r\n\x87\n" + bytes(100),
        "jpeg 2000": b"\x00\x00\x00\x0cjP  \r\n\x87\n" + bytes(100),
        "photoshop": b"8BPS\x00\x01" + bytes(100),
        "canon raw": b"II*\x00\x10\x00\x00\x00CR\x02\x00" + bytes(100),
        "canon raw of today": b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(100),
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
    assert message.startswith(("The picture", "The file portrait.png is a"))
    assert "\n" not in message
    assert message.endswith(".")
    expected = {"bomb": "million pixels", "truncated png": "damaged", "truncated jpeg": "damaged", "heic garbage": "damaged"}
    assert expected.get(name, "PNG, JPEG, WebP, HEIC, AVIF, GIF, TIFF and BMP are accepted") in message


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "AVIF", "HEIF", "GIF", "TIFF", "BMP"])
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
    assert refused > (1 if kind == "GIF" else 5)  # most of a GIF's head are colours


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
