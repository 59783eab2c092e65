"""Transparency that cuts a figure out is told from transparency that frames a picture."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from benchmarks.degraded import DEGRADATIONS
from faces.outline import figure_alpha, filled_part, follows_figure
from media.pictures import compose, load_picture
from tests.animators.anime.drawing import drawn_character

FRAMES = ("round alpha", "rounded corners", "soft vignette")


@pytest.fixture(scope="module")
def photo(root_dir):
    return Image.fromarray(load_picture(root_dir / "demo" / "portrait.jpg").image).resize((384, 386))


def parts(picture):
    """(image over grey, alpha) of a Pillow picture in RGBA."""
    pixels = np.asarray(picture)
    alpha = np.ascontiguousarray(pixels[..., 3])
    return compose(np.ascontiguousarray(pixels[..., :3]), alpha), alpha


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_around_a_photo_is_no_figure(photo, frame):
    assert not follows_figure(*parts(DEGRADATIONS[frame](photo)))


@pytest.mark.parametrize("frame", FRAMES)
def test_a_frame_around_a_drawing_is_no_figure(frame):
    drawing = Image.fromarray(drawn_character(400, 400, 200, 170, 1.6))
    ground = Image.new("RGBA", drawing.size, (120, 160, 90, 255))
    ground.alpha_composite(drawing)
    assert not follows_figure(*parts(DEGRADATIONS[frame](ground)))


def test_a_heart_around_a_photo_is_no_figure(photo):
    """A shape that is not convex: what lies beside the person in it says what it is."""
    y, x = np.mgrid[-1.3 : 1.2 : photo.height * 1j, -1.3 : 1.3 : photo.width * 1j]
    heart = (x**2 + y**2 - 1) ** 3 + x**2 * y**3 < 0
    framed = photo.convert("RGBA")
    framed.putalpha(Image.fromarray((255 * heart).astype(np.uint8)))
    assert not follows_figure(*parts(framed))


@pytest.mark.slow
def test_the_outline_of_a_figure_is_one(photo, shared_dir):
    assert follows_figure(*parts(Image.fromarray(drawn_character(400, 400, 200, 170, 1.6))))
    cut = photo.convert("RGBA")
    cut.putalpha(Image.fromarray((255 * figure_alpha(np.asarray(photo))).astype(np.uint8)))
    assert follows_figure(*parts(cut))
    character = load_picture(shared_dir / "portraits" / "anime_rgba.png")
    assert follows_figure(character.image, character.alpha)


def test_nothing_visible_is_no_figure(photo):
    assert not follows_figure(np.asarray(photo), np.zeros((386, 384), np.uint8))


def test_how_much_of_its_hull_a_shape_fills():
    y, x = np.mgrid[:200, :200]
    disc = (np.hypot(x - 100, y - 100) < 80).astype(np.uint8)
    assert filled_part(disc) == pytest.approx(1.0, abs=0.01)
    cross = ((np.abs(x - 100) < 20) | (np.abs(y - 100) < 20)).astype(np.uint8)
    assert filled_part(cross) == pytest.approx(0.36 / 0.68, abs=0.02)
