"""Pictures that lie are turned upright, and half a face at the border is called cut, not missing."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import soundfile
from PIL import Image

from core.contracts import Face
from core.errors import InputError
from faces.faces import FaceFinder, FaceFinderSettings, choose_face
from faces.upright import find_upright, quarters_to_upright
from media.media import read_frames
from media.pictures import Picture, load_picture
from pipeline.__main__ import main
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import SongToVideoSettings
from pipeline.inspecting.inspection import inspect_picture
from pipeline.portrait_step import prepare
from pipeline.song_to_video import song_to_video

DEGREES = {1: "90 degrees to the right", 2: "180 degrees", 3: "90 degrees to the left"}


@pytest.fixture(scope="module")
def finder():
    with FaceFinder() as opened:
        yield opened


@pytest.fixture(scope="module")
def upright(root_dir):
    return load_picture(root_dir / "demo" / "portrait.jpg", kept_pixels=250_000)


def lying(upright, quarters):
    """Turned to the left by so many quarters, as a phone that was held wrongly gives it."""
    alpha = np.arange(upright.image.shape[0] * upright.image.shape[1]).reshape(upright.image.shape[:2]).astype(np.uint8)
    turned = replace(upright, alpha=np.rot90(alpha, quarters).copy())
    return replace(turned, image=np.rot90(upright.image, quarters).copy()), alpha


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_picture_that_lies_is_turned(upright, finder, quarters):
    picture, alpha = lying(upright, quarters)
    turned, faces = find_upright(picture, finder)
    np.testing.assert_array_equal(turned.image, upright.image)
    np.testing.assert_array_equal(turned.alpha, alpha)
    assert abs(faces[0].rotation_deg[2]) < 20
    assert [str(note) for note in turned.notes] == [
        f"The picture was turned by {DEGREES[quarters]}, so that the face stands upright."
    ]


def test_a_picture_that_stands_is_left_alone(upright, finder):
    picture, faces = find_upright(upright, finder)
    assert picture is upright and len(faces) == 1


def test_a_face_that_stands_keeps_the_picture_as_it_is():
    """Somebody who lies beside one who stands; the larger face decides where nobody stands."""
    landmarks, shapes = np.zeros((478, 3), np.float32), np.zeros(52, np.float32)
    small, large = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 90.0, 90.0)

    def face(roll_deg, box):
        return Face(landmarks, shapes, (0.0, 0.0, roll_deg), box)

    assert quarters_to_upright([]) == 0
    assert quarters_to_upright([face(44.0, large)]) == 0
    assert quarters_to_upright([face(-90.0, large), face(10.0, small)]) == 0
    assert quarters_to_upright([face(-80.0, large), face(90.0, small)]) == 3
    assert quarters_to_upright([face(-80.0, small), face(100.0, large)]) == 1
    assert quarters_to_upright([face(-175.0, large)]) == quarters_to_upright([face(175.0, large)]) == 2


@pytest.fixture(scope="module")
def film_of(upright, tmp_path_factory):
    """Makes the film of the picture that lies so: film_of(quarters, turn_back) is (its first frame, its report, the picture)."""
    folder = tmp_path_factory.mktemp("films")
    soundfile.write(folder / "s.wav", np.zeros(8000), 16000)

    def make(quarters, turn_back):
        lying, video = folder / f"{quarters}.png", folder / f"{quarters}-{turn_back}.mp4"
        Image.fromarray(np.rot90(upright.image, quarters).copy()).save(lying)
        settings = SongToVideoSettings(fps=10, height=256, lips="features", head_motion=0.0, turn_back=turn_back)
        cache = StageCache(replace(CacheSettings.from_environment(), folder=folder / "cache"))
        report = song_to_video(lying, folder / "s.wav", video, settings, cache=cache)
        frame = next(iter(read_frames(video)))
        assert frame.shape == (report.height, report.width, 3)
        return frame, report, lying

    return make


@pytest.fixture(scope="module")
def standing(film_of):
    """The first frame of the film that stands, of a picture that lay; the three turned pictures are the same one."""
    frame, report, _ = film_of(1, False)
    assert any("was turned" in str(note) for note in report.notes)
    return frame


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_film_can_lie_as_the_picture_did(film_of, standing, quarters):
    """Drawn upright, and turned back at the end: its border is the picture's own, its note is not that of a turned film."""
    frame, report, picture = film_of(quarters, True)
    assert not any("was turned" in str(note) for note in report.notes)
    np.testing.assert_allclose(frame, np.rot90(standing, quarters), atol=30)
    lying = Image.open(picture).resize(frame.shape[1::-1])
    assert np.abs(frame.astype(float) - np.asarray(lying)).mean() < 12


@pytest.mark.slow
@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_all_doors_turn_it(upright, tmp_path, capsys, quarters):
    """The command that lists faces, the one that sings, and the page's look at the file."""
    path = tmp_path / "lying.png"
    Image.fromarray(np.rot90(upright.image, quarters).copy()).save(path)
    height, width = upright.image.shape[:2]
    assert main(["faces", "--portrait", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["width"], told["height"]) == (width, height) and abs(told["faces"][0]["roll_deg"]) < 20
    portrait, _, notes = prepare(path, SongToVideoSettings(height=256), lambda *told: None)
    assert portrait.image.shape[0] == 256 and any(DEGREES[quarters] in str(note) for note in notes)
    facts = inspect_picture(path, tmp_path / "thumb.jpg", 70_000_000)
    assert (facts.width, facts.height) == (width, height) and facts.faces[0].reason is None
    box = [edge * side for edge, side in zip(facts.faces[0].box, (width, height, width, height), strict=True)]
    np.testing.assert_allclose(box, told["faces"][0]["box"], atol=2)
    with Image.open(tmp_path / "thumb.jpg") as thumbnail:
        assert (thumbnail.width > thumbnail.height) == (width > height)


CUTS = {
    "left": lambda image, left, top, right, bottom: image[:, left + (right - left) // 3 :],
    "right": lambda image, left, top, right, bottom: image[:, : right - (right - left) // 3],
    "bottom": lambda image, left, top, right, bottom: image[: bottom - (bottom - top) // 2],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["woman_photo.jpg", "man_photo.jpg", "half_body_snow.jpg"])
@pytest.mark.parametrize("side", list(CUTS))
def test_half_a_face_is_called_cut(shared_dir, finder, name, side):
    image = load_picture(shared_dir / "portraits" / name).image
    face = max(finder.find(image), key=lambda one: one.box[3] - one.box[1])
    half = np.ascontiguousarray(CUTS[side](image, *(int(edge) for edge in face.box)))
    with pytest.raises(InputError, match=f"cut off at the picture's {side} edge"):
        picture, faces = find_upright(Picture(half, None), finder)
        choose_face(faces, None, (picture.image.shape[1], picture.image.shape[0]))


@pytest.mark.slow
def test_where_nobody_is_no_border_cuts_a_face(shared_dir, finder):
    nobody = Picture(np.random.default_rng(3).integers(0, 255, (300, 400, 3), np.uint8), None)
    assert find_upright(nobody, finder)[1] == []
    dog = load_picture(shared_dir / "portraits" / "no_face_dog.jpg")
    assert find_upright(dog, finder)[1] == []
    with FaceFinder(settings=FaceFinderSettings(animals=True)) as with_animals:
        picture, faces = find_upright(dog, with_animals)
    assert picture is dog and len(faces) == 1 and not faces[0].human, "a dog is no person on the head"
