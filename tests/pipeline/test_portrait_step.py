from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image, ImageDraw

from animators.mesh import layers
from core.errors import InputError
from faces.face_choice import mouth_opening
from faces.faces import FaceFinder
from faces.outline import figure_alpha
from pipeline.cache import CacheSettings, StageCache, file_digest
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import find_portrait
from pipeline.run import Run
from tests.metrics.films import MouthPuppet


@pytest.fixture
def find(own_cache):
    """Find the portrait in a picture; gives it and the run."""

    def find(path, **settings):
        with ExitStack() as release:
            run = Run(StageCache(CacheSettings.from_environment()), lambda *_: None, release)
            portrait, _ = find_portrait(run, path, SongToVideoSettings(**settings))
            return portrait, run

    return find


@pytest.fixture(scope="module")
def demo_portrait(root_dir):
    return root_dir / "demo" / "portrait.jpg"


@pytest.mark.slow
@pytest.mark.parametrize("height", [200, 512, None])
def test_the_face_lies_on_the_resized_picture(find, demo_portrait, height):
    portrait, _ = find(demo_portrait, height=height)
    assert portrait.image.shape == ((height or 1024), (height or 1024), 3) and portrait.image.dtype == np.uint8
    with FaceFinder() as finder:
        (found,) = finder.find(portrait.image)
    distance = np.linalg.norm(found.landmarks[:, :2] - portrait.face.landmarks[:, :2], axis=1)
    face_width = np.ptp(portrait.face.landmarks[:, 0])
    assert np.median(distance) < 0.02 * face_width


@pytest.mark.slow
def test_the_second_look_comes_from_the_cache_and_is_the_same(find, demo_portrait):
    first, before = find(demo_portrait, height=200)
    again, after = find(demo_portrait, height=200)
    assert before.cached_stages == [] and after.cached_stages == ["portrait"]
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.face.landmarks, again.face.landmarks)
    np.testing.assert_array_equal(first.face.blendshapes, again.face.blendshapes)
    assert first.face.rotation_deg == again.face.rotation_deg and first.face.box == again.face.box
    _, other = find(demo_portrait, height=202)
    assert other.cached_stages == []


@pytest.mark.slow
def test_alpha_and_a_small_soft_face(find, demo_portrait, tmp_path):
    """A face 60 px wide is enhanced for a film of 480 px, said so, and its transparency comes along."""
    small = Image.open(demo_portrait).resize((120, 121), Image.Resampling.LANCZOS)
    figure = figure_alpha(np.asarray(small))
    small.putalpha(Image.fromarray((255 * figure).astype(np.uint8)))
    small.save(tmp_path / "small.png")
    portrait, run = find(tmp_path / "small.png", height=480)
    assert portrait.image.shape == (480, 476, 3)
    assert portrait.alpha is not None and portrait.alpha.shape == (480, 476)
    assert portrait.alpha[:20, :20].mean() < 10 and portrait.alpha[-20:, 200:280].mean() > 245
    assert any("enhanced" in str(note) for note in run.notes)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["ellipse", "rounded_rectangle", "fade"])
def test_transparency_that_frames_a_photo_is_no_outline(find, demo_portrait, tmp_path, shape):
    """A round picture, rounded corners or a border that fades: the photo stays a photo, and its ground does not move with it."""
    picture = Image.open(demo_portrait).resize((360, 362), Image.Resampling.LANCZOS)
    mask = Image.linear_gradient("L").resize(picture.size) if shape == "fade" else Image.new("L", picture.size, 0)
    if shape != "fade":
        extra = {"radius": 60} if shape == "rounded_rectangle" else {}
        getattr(ImageDraw.Draw(mask), shape)((0, 0, *picture.size), fill=255, **extra)
    picture.putalpha(mask)
    picture.save(tmp_path / "framed.png")
    portrait, run = find(tmp_path / "framed.png", height=240)
    assert portrait.alpha is None and any("the engine is mesh" in str(note).lower() for note in run.notes)


@pytest.mark.slow
def test_an_animal_sings_only_where_it_is_allowed(find, shared_dir):
    dog = shared_dir / "portraits" / "no_face_dog.jpg"
    with pytest.raises(InputError, match=r"No human face was found .* looks like an animal's; add --allow-animals"):
        find(dog, height=256)
    for _ in range(2):  # the second time out of the cache
        portrait, run = find(dog, height=256, allow_animals=True)
        assert not portrait.face.human and any("without teeth" in str(note) for note in run.notes)


@pytest.mark.slow
def test_where_there_is_a_person_the_animal_is_not_counted(find, shared_dir, demo_portrait, tmp_path):
    with Image.open(shared_dir / "portraits" / "no_face_dog.jpg") as dog, Image.open(demo_portrait) as person:
        both = Image.new("RGB", (1024, 512))
        both.paste(dog.convert("RGB").resize((512, 512)), (0, 0))
        both.paste(person.convert("RGB").resize((512, 512)), (512, 0))
        both.save(tmp_path / "both.png")
    portrait, _ = find(tmp_path / "both.png", allow_animals=True)
    assert portrait.face.human and portrait.face.box[0] > 512


@pytest.mark.slow
def test_a_drawn_face_that_an_engine_for_photos_moves_is_no_animal(find, shared_dir):
    portrait, run = find(shared_dir / "portraits" / "anime_rgba.png", engine="mesh", height=256)
    assert portrait.face.human and not any("animal" in str(note) for note in run.notes)


@pytest.mark.slow
def test_a_face_that_becomes_tiny_is_said(find, demo_portrait):
    portrait, run = find(demo_portrait, height=64)
    assert portrait.image.shape == (64, 64, 3)
    assert any("px high in the film" in str(note) for note in run.notes)


def test_no_picture(find, root_dir):
    with pytest.raises(InputError, match=r"song\.mp3"):
        find(root_dir / "demo" / "song.mp3")


@pytest.mark.slow
def test_a_mouth_that_stands_wide_open_is_told_of(find, demo_portrait, tmp_path):
    """0.3 eye distances are said, 0.1 and shut lips are not."""
    image = np.asarray(Image.open(demo_portrait).convert("RGB"))
    with FaceFinder() as finder:
        (face,) = finder.find(image)
    puppet, told = MouthPuppet(image, face.landmarks), {}
    for opening in (0.0, 0.2, 0.8):
        path = tmp_path / f"{opening}.png"
        Image.fromarray(puppet.frame(opening)).save(path)
        portrait, run = find(path, height=256, engine="mesh")
        told[round(mouth_opening(portrait.face), 2)] = any("mouth stands wide open" in str(note) for note in run.notes)
    shut, talking, wide = sorted(told)
    assert shut < 0.03 and 0.05 < talking < 0.2 and wide > 0.25, told
    assert told == {shut: False, talking: False, wide: True}


def test_what_an_engine_makes_of_the_portrait_is_kept_for_other_films_of_it(root_dir, tmp_path, monkeypatch):
    made = []
    split = layers.split_layers
    monkeypatch.setattr(layers, "split_layers", lambda *given: made.append(1) or split(*given))
    sheets = []
    for height in (128, 128, 96):
        with ExitStack() as release:
            run = Run(StageCache(CacheSettings(tmp_path / "cache")), lambda *_: None, release)
            portrait, _ = find_portrait(run, root_dir / "demo" / "portrait.jpg", SongToVideoSettings(height=height))
            sheets.append(layers.layers_of(portrait))
            assert run.cached_stages == (["portrait"] if len(sheets) == 2 else [])
    assert len(made) == 2, "at another height anew"
    anew = split(portrait.image, portrait.face, portrait.alpha)
    for one, other in ((sheets[0], sheets[1]), (sheets[2], anew)):
        for name, value in vars(one).items():
            again = vars(other)[name]
            assert np.array_equal(value, again) and type(value) is type(again), name
    digest = file_digest(root_dir / "demo" / "portrait.jpg")
    assert StageCache(CacheSettings(tmp_path / "cache")).forget([digest]) and not list((tmp_path / "cache").glob("portrait/*"))


@pytest.mark.slow
def test_what_an_engine_makes_of_a_drawing_serves_films_of_every_height(find, shared_dir):
    drawing, made = shared_dir / "portraits" / "anime_rgba.png", []
    small, other, usual = (find(drawing, height=height)[0] for height in (128, 200, None))
    assert usual.usual is None
    assert small.image.shape[0] == 128
    folders = {portrait.keep({"made": "once"}, made.append) for portrait in (small.usual, other.usual, usual)}
    assert len(folders) == len(made) == 1
    np.testing.assert_array_equal(small.usual.image, usual.image)
    np.testing.assert_array_equal(small.usual.face.landmarks, usual.face.landmarks)
