from __future__ import annotations

from contextlib import ExitStack

import numpy as np
import pytest
from PIL import Image

from pipeline.cache import CacheSettings, StageCache
from pipeline.errors import InputError
from pipeline.faces import FaceFinder
from pipeline.film_settings import SongToVideoSettings
from pipeline.run import Run
from pipeline.sitter import find_sitter


@pytest.fixture
def sit(own_cache):
    """Find the sitter in a picture; gives the portrait and the run."""

    def sit(path, **settings):
        with ExitStack() as release:
            run = Run(StageCache(CacheSettings.from_environment()), lambda *_: None, release)
            portrait, _ = find_sitter(run, path, SongToVideoSettings(**settings))
            return portrait, run

    return sit


@pytest.fixture(scope="module")
def demo_portrait(root_dir):
    return root_dir / "demo" / "portrait.jpg"


@pytest.mark.parametrize("height", [200, 512, None])
def test_the_face_lies_on_the_resized_picture(sit, demo_portrait, height):
    portrait, _ = sit(demo_portrait, height=height)
    assert portrait.image.shape == ((height or 1024), (height or 1024), 3) and portrait.image.dtype == np.uint8
    with FaceFinder() as finder:
        (found,) = finder.find(portrait.image)
    distance = np.linalg.norm(found.landmarks[:, :2] - portrait.face.landmarks[:, :2], axis=1)
    face_width = np.ptp(portrait.face.landmarks[:, 0])
    assert np.median(distance) < 0.02 * face_width


def test_the_second_look_comes_from_the_cache_and_is_the_same(sit, demo_portrait):
    first, before = sit(demo_portrait, height=200)
    again, after = sit(demo_portrait, height=200)
    assert before.cached_stages == [] and after.cached_stages == ["portrait"]
    np.testing.assert_array_equal(first.image, again.image)
    np.testing.assert_array_equal(first.face.landmarks, again.face.landmarks)
    np.testing.assert_array_equal(first.face.blendshapes, again.face.blendshapes)
    assert first.face.rotation_deg == again.face.rotation_deg and first.face.box == again.face.box
    _, other = sit(demo_portrait, height=202)
    assert other.cached_stages == []


def test_alpha_and_a_small_soft_face(sit, demo_portrait, tmp_path):
    """A face 60 px wide is enhanced for a film of 480 px, said so, and its transparency comes along."""
    small = Image.open(demo_portrait).resize((120, 121), Image.Resampling.LANCZOS)
    small.putalpha(Image.linear_gradient("L").resize(small.size))
    small.save(tmp_path / "small.png")
    portrait, run = sit(tmp_path / "small.png", height=480)
    assert portrait.image.shape == (480, 476, 3)
    assert portrait.alpha is not None and portrait.alpha.shape == (480, 476)
    assert portrait.alpha[0].mean() < 10 and portrait.alpha[-1].mean() > 245
    assert any("enhanced" in note for note in run.notes)


def test_a_face_that_becomes_tiny_is_said(sit, demo_portrait):
    portrait, run = sit(demo_portrait, height=64)
    assert portrait.image.shape == (64, 64, 3)
    assert any("px high in the film" in note for note in run.notes)


def test_no_picture(sit, root_dir):
    with pytest.raises(InputError, match=r"song\.mp3"):
        sit(root_dir / "demo" / "song.mp3")
