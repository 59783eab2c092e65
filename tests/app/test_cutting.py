"""Pictures that are made out of pictures, by the API and by the page without scripts."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from app.models import Picture
from app.services.cutting import make_cut_picture
from app.services.pictures import add_picture
from core.errors import InputError
from pipeline.picture_cut import PictureCut

pytestmark = pytest.mark.slow
#: EXIF's orientation of a camera that was held upright, so that its picture lies on its side.
LYING = 6


def pixels(content):
    with Image.open(io.BytesIO(content)) as opened:
        return np.asarray(opened.convert("RGB"))


def given(session, settings, person_id, incoming, content):
    return add_picture(session, settings, person_id, incoming(content), "face.jpg")


def jpeg(path, size, degrees=0.0, **saved):
    file = io.BytesIO()
    with Image.open(path) as portrait:
        portrait.resize(size).rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90)).save(file, "JPEG", **saved)
    return file.getvalue()


def test_the_api_makes_a_new_picture_and_keeps_the_old_one(api, picture_path):
    answer = api.post("/pictures", data={"file": (io.BytesIO(picture_path.read_bytes()), "Ada.jpg")})
    picture = answer.json
    answer = api.post(f"/pictures/{picture['id']}/cut", json={"frame": [100, 0, 1024, 1000], "flip": True})
    assert answer.status_code == 201, answer.json
    made = answer.json
    assert (made["title"], made["mime"], made["width"], made["height"]) == ("Ada, cut", "image/png", 924, 1000)
    whole = pixels(api.get(f"/pictures/{picture['id']}/file").data)
    assert np.array_equal(pixels(api.get(f"/pictures/{made['id']}/file").data), whole[:1000, ::-1][:, 100:])
    assert {each["id"] for each in api.get("/pictures").json["items"]} == {picture["id"], made["id"]}
    # the eyes lean as much to the other side
    assert made["faces"][0]["tilt_deg"] == pytest.approx(-picture["faces"][0]["tilt_deg"], abs=1.5)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "pipeline.cut_changes_nothing"),
        ({"frame": [100, 100, 50, 500]}, "pipeline.cut_without_area"),
        ({"frame": [0, 0, 50, 500]}, "media.cut_too_small"),
        ({"frame": [0, 0, 150, 150]}, None),
    ],
)
def test_what_can_not_be_cut_is_told_and_leaves_nothing(api, picture_path, settings, body, code):
    picture = api.post("/pictures", data={"file": (io.BytesIO(picture_path.read_bytes()), "Ada.jpg")}).json
    answer = api.post(f"/pictures/{picture['id']}/cut", json=body)
    assert answer.status_code == 422 and code in (None, answer.json["code"])
    assert len(api.get("/pictures").json["items"]) == 1
    assert list(settings.incoming_dir.iterdir()) == []


def test_eyes_that_lean_are_told_and_stand_level_once_straightened(session, settings, person_id, incoming, picture_path):
    picture = given(session, settings, person_id, incoming, jpeg(picture_path, (700, 700), degrees=-14.0))
    (face,) = picture.faces
    assert face["tilt_deg"] == pytest.approx(14.0, abs=2.5)
    level = make_cut_picture(session, settings, person_id, picture.id, PictureCut(angle_deg=-face["tilt_deg"]), "Level.png")
    assert abs(level.faces[0]["tilt_deg"]) < 1.0


def test_the_cameras_orientation_counts_and_every_pixel_is_there(session, settings, person_id, incoming, picture_path):
    exif = Image.Exif()
    exif[0x0112] = LYING
    file = io.BytesIO()
    with Image.open(picture_path) as portrait:
        portrait.transpose(Image.Transpose.ROTATE_90).resize((4200, 3600)).save(file, "JPEG", exif=exif, quality=90)
    picture = given(session, settings, person_id, incoming, file.getvalue())
    assert picture.width * picture.height < 3600 * 4200  # as films are made of it, it is smaller than its file
    frame = (0, 0, picture.width / 2, picture.height / 2 + 400)
    with pytest.raises(InputError):  # half a face is none; but it was cut before that was seen
        make_cut_picture(session, settings, person_id, picture.id, PictureCut(frame=frame), "Half.png")
    frame = (picture.width * 0.05, 0, picture.width * 0.95, picture.height)
    made = make_cut_picture(session, settings, person_id, picture.id, PictureCut(frame=frame), "Whole.png")
    path = settings.uploads.path(made.file_name)
    with Image.open(path) as opened:
        assert opened.size[0] == pytest.approx(3600 * 0.9 * (12e6 / (3600 * 0.9 * 4200)) ** 0.5, abs=4)


def test_without_scripts_the_page_takes_numbers(client, session, settings, picture_path):
    answer = client.post("/image", data={"file": (io.BytesIO(picture_path.read_bytes()), "Ada.jpg")})
    address = answer.headers["Location"]
    page = client.get(address.replace("/image", "/image/cut")).get_data(as_text=True)
    assert 'name="left"' in page and 'name="angle_deg"' in page and 'name="turn"' in page
    picture_id = address.rpartition("picture=")[2]
    empty = client.post("/image/cut", data={"picture": picture_id})
    assert empty.status_code == 422 and "Nothing would be changed" in empty.get_data(as_text=True)
    wrong = client.post("/image/cut", data={"picture": picture_id, "left": "900", "right": "200"})
    assert (
        wrong.status_code == 422
        and "right edge" in wrong.get_data(as_text=True)
        and 'value="900"' in wrong.get_data(as_text=True)
    )
    done = client.post("/image/cut", data={"picture": picture_id, "song": "", "top": "20", "angle_deg": "-2,5", "turn": "none"})
    assert done.status_code == 303 and picture_id not in done.headers["Location"], done.headers["Location"]
    made = session.get(Picture, done.headers["Location"].rpartition("picture=")[2])
    assert (made.width, made.height) == (1024, 1004) and made.title == "Ada, cut"
