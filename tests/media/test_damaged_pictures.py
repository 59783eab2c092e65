"""Pictures that are damaged, lack their end or are something else: a picture where nothing of it lacks, else one sentence."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from core.errors import InputError
from media.pictures import load_picture
from tests.media.conftest import HEIGHT, WIDTH


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


def test_more_transparent_colours_than_the_palette_has_are_damage(tmp_path, gradient):
    """Found by file 21537 of benchmarks/fuzz_uploads.py: it showed only once the pixels were used."""
    whole = io.BytesIO()
    Image.fromarray(gradient).quantize(16).save(whole, "PNG")
    content = whole.getvalue()
    for count, fits in ((16, True), (300, False)):
        name_and_data = b"tRNS" + bytes(range(16)) + bytes(count - 16)
        chunk = struct.pack(">I", count) + name_and_data + struct.pack(">I", zlib.crc32(name_and_data))
        at = content.index(b"IDAT") - 4
        (tmp_path / "p.png").write_bytes(content[:at] + chunk + content[at:])
        if fits:
            assert load_picture(tmp_path / "p.png").alpha is not None
        else:
            with pytest.raises(InputError, match="damaged"):
                load_picture(tmp_path / "p.png")
