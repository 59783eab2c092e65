"""Pictures: faces found, unusable ones refused with their sentence and nothing left."""

from __future__ import annotations

import io
import struct
import sys
import zlib

import pytest
from PIL import Image

from app.errors import NotFound
from app.models import new_id
from app.services.pictures import (
    add_picture,
    add_picture_stream,
    delete_picture,
    get_picture,
    list_pictures,
    picture_file,
    rename_picture,
    thumb_file,
)
from core.errors import InputError


def left(settings):
    """Every file under uploads/."""
    return sorted(path.name for path in settings.uploads_dir.rglob("*") if path.is_file())


def bomb(width=60_000, height=60_000):
    """A PNG of a few kilobytes that would fill 10 GB."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100_000))) + chunk(b"IEND", b"")


def drawn(kind, size=(200, 200), **options):
    """A grey picture of that kind."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "grey").save(buffer, kind, **options)
    return buffer.getvalue()


def test_a_picture_is_kept_with_its_face(session, settings, person_id, picture, picture_path):
    assert (picture.title, picture.mime, picture.width, picture.height) == ("My portrait", "image/jpeg", 1024, 1024)
    (face,) = picture.faces
    left_edge, top, right, bottom = face["box"]
    assert 0.1 < left_edge < 0.5 < right < 0.9 and 0.1 < top < bottom < 1
    assert (face["number"], face["ok"], face["reason"]) == (1, True, None)
    assert picture_file(settings, picture).read_bytes() == picture_path.read_bytes()
    with Image.open(thumb_file(settings, picture)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (960, 960))
        assert not thumbnail.getexif()  # where and when a photo was taken stays in the file itself
    assert left(settings) == sorted([picture.file_name, picture.thumb_name])


def test_the_same_picture_twice_is_one(session, settings, person_id, picture, incoming, picture_path):
    assert add_picture(session, settings, person_id, incoming(picture_path), "x.jpg").id == picture.id
    assert len(left(settings)) == 2


@pytest.mark.slow
def test_two_faces_are_both_there_from_left_to_right(session, settings, person_id, incoming, shared_dir):
    path = incoming(shared_dir / "portraits" / "two_faces.jpg")
    picture = add_picture(session, settings, person_id, path, "two.jpg")
    assert [face["number"] for face in picture.faces] == [1, 2]
    assert picture.faces[0]["box"][2] < picture.faces[1]["box"][0]


@pytest.mark.slow
def test_a_picture_without_a_face_is_refused(session, settings, person_id, incoming, shared_dir):
    with Image.open(shared_dir / "portraits" / "no_face_dog.jpg") as dog:
        buffer = io.BytesIO()
        dog.crop((0, 0, 120, 120)).resize((400, 400)).save(buffer, "PNG")
    path = incoming(buffer.getvalue())
    with pytest.raises(InputError, match="No human face"):
        add_picture(session, settings, person_id, path, "wall.png")
    assert left(settings) == []


@pytest.mark.slow
def test_a_face_that_is_too_small_says_so(session, settings, person_id, picture_path):
    buffer = io.BytesIO()
    with Image.open(picture_path) as portrait:
        portrait.resize((80, 80)).save(buffer, "PNG")
    with pytest.raises(InputError, match="pixels wide"):
        add_picture_stream(session, settings, person_id, io.BytesIO(buffer.getvalue()), "tiny.png")
    assert left(settings) == []


BROKEN = {
    "empty": (b"", "is empty"),
    "noise": (bytes(range(256)) * 40, "unknown kind, or damaged"),
    "bomb": (bomb(), "more than 70 million pixels"),
    "lying about its size": (bomb(1000, 1000), "damaged"),
    "truncated": (drawn("JPEG")[:400], "damaged"),
    "no more than a head": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "too few pixels": (drawn("PNG", (30, 200)), "each side needs 64"),
    "grey": (drawn("WEBP"), "No human face"),
    "gif": (drawn("GIF"), "No human face"),
    "bmp": (drawn("BMP"), "No human face"),
    "tiff": (drawn("TIFF"), "No human face"),
    "icon": (drawn("ICO"), "a Windows icon"),
    "jpeg xl": (b"\xff\x0a" + bytes(50), "a JPEG XL picture"),
    "svg": (b"<?xml version='1.0'?><!DOCTYPE svg SYSTEM 'file:///etc/passwd'><svg/>", "an SVG drawing"),
    "svg after blanks": (b"\xef\xbb\xbf \n <SVG onload='alert(1)'/>", "an SVG drawing"),
    "web page": (b"<!DOCTYPE html><script>alert(1)</script>", "a web page"),
    "song": (b"ID3\x04\x00\x00\x00\x00\x00\x00" + bytes(500), "an MP3 file"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n", "is a text, which can't be used as a picture"),
    "heic without a picture": (b"\x00\x00\x00\x18ftypheic" + bytes(200), "unknown kind, or damaged|damaged"),
    "avif without a picture": (b"\x00\x00\x00\x18ftypavif" + bytes(200), "unknown kind, or damaged|damaged"),
    "webp cut off": (drawn("WEBP")[:30], "damaged"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("content", "sentence"), BROKEN.values(), ids=BROKEN.keys())
def test_what_is_no_picture_is_said_and_leaves_nothing(session, settings, person_id, content, sentence):
    with pytest.raises(InputError, match=sentence) as error:
        add_picture_stream(session, settings, person_id, io.BytesIO(content), "..\\My <i>thing</i>.png")
    assert ".part" not in str(error.value) and str(settings.uploads_dir) not in str(error.value)
    assert left(settings) == []
    assert list_pictures(session, person_id).items == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="only Linux holds a process to its memory")
def test_memory_has_a_limit_too(session, limited, person_id):
    settings = limited(inspection_bytes=120_000_000)
    with pytest.raises(InputError, match="needs more memory"):
        add_picture_stream(session, settings, person_id, io.BytesIO(drawn("PNG", (7000, 7000))), "large.png")
    assert left(settings) == []


def test_renamed_listed_deleted(session, settings, person_id, picture):
    rename_picture(session, settings, person_id, picture.id, "Großmutter")
    assert [row.id for row in list_pictures(session, person_id, "GROSSMUTTER").items] == [picture.id]
    with pytest.raises(NotFound):
        get_picture(session, new_id(), picture.id)
    delete_picture(session, settings, person_id, picture.id)
    assert left(settings) == []
    with pytest.raises(NotFound):
        get_picture(session, person_id, picture.id)
