"""Drawn faces are found, or said not to be; drawings are told from photos and paintings."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from animators.anime.canvas import place_canvas
from animators.anime.drawn_face import find_drawn_face, framed_face
from benchmarks.degraded import DEGRADATIONS, brought_down
from core.errors import InputError
from faces.picture_style import is_drawing, measure_style
from media.pictures import load_picture
from tests.animators.anime.drawing import drawn_character

#: What the shared portraits are to the engines. The illustration and the rendered cartoon are shaded like photos, lips and all;
#: both engines make them sing, and the mesh engine shows more: single teeth, and lids that shut softly.
DRAWN = {"anime_rgba.png"}


def sky(side):
    """(side, side, 3) uint8 with nobody in it."""
    y, x = np.mgrid[:side, :side] / side
    return (255 * np.stack([0.3 + 0.4 * y, 0.5 + 0.3 * y, 0.9 - 0.2 * x], axis=-1)).astype(np.uint8)


def eyes_and_chin(face):
    return face.landmarks[[33, 133, 263, 362], :2].mean(axis=0), face.landmarks[152, :2]


@pytest.mark.slow
def test_a_drawn_face_is_found_wherever_it_is(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "anime_rgba.png").image
    eyes, chin = eyes_and_chin(find_drawn_face(picture))
    assert eyes == pytest.approx((256.5, 143.5), abs=4)
    assert chin == pytest.approx((256.5, 193.0), abs=5)
    larger = np.asarray(Image.fromarray(picture[10:330, 120:420]).resize((600, 640), Image.Resampling.BICUBIC))
    eyes, chin = eyes_and_chin(find_drawn_face(larger))
    assert eyes == pytest.approx((273.0, 267.0), abs=9)
    assert chin == pytest.approx((273.0, 366.0), abs=10)


@pytest.mark.slow
def test_no_face_is_said():
    with pytest.raises(InputError, match=r"No drawn face was found"):
        find_drawn_face(sky(240))


@pytest.mark.slow
def test_an_animal_is_no_character(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "no_face_dog.jpg").image
    small = np.asarray(Image.fromarray(picture).resize((512, 512)))
    with pytest.raises(InputError, match="neither drawn nor a human one"):
        find_drawn_face(small)


@pytest.mark.slow
def test_a_frame_by_the_user_is_taken():
    face = find_drawn_face(sky(240), (100, 80, 200, 200))
    eyes, chin = eyes_and_chin(face)
    assert eyes == pytest.approx((150, 134), abs=0.1)
    assert chin == pytest.approx((150, 200), abs=0.1)
    assert place_canvas(face).scale == pytest.approx(66 / 48.5, rel=0.01)


@pytest.mark.parametrize("frame", [(10, 10, 20, 200), (290, 290, 400, 400), (200, 10, 100, 90)])
def test_a_frame_that_is_none_is_refused(frame):
    with pytest.raises(InputError, match="from the hairline to the chin"):
        find_drawn_face(np.zeros((300, 300, 3), np.uint8), frame)


def test_a_framed_face_lies_in_its_frame():
    landmarks = framed_face((40, 60, 140, 200)).landmarks
    assert landmarks.shape == (478, 3)
    assert landmarks[:, 0].min() >= 40 and landmarks[:, 0].max() <= 140
    assert landmarks[:, 1].min() >= 60 and landmarks[:, 1].max() <= 200


@pytest.mark.slow
def test_drawings_are_told_from_photos_and_paintings(shared_dir):
    pictures = {path.name: load_picture(path) for path in sorted((shared_dir / "portraits").iterdir()) if path.suffix != ".md"}
    found = {name for name, picture in pictures.items() if is_drawing(picture.image, picture.alpha)}
    assert found == DRAWN
    assert len(pictures) == 17


@pytest.mark.slow
@pytest.mark.parametrize("state", [name for name in DEGRADATIONS if "alpha" not in name])
def test_a_photo_stays_one_however_it_was_saved(shared_dir, state):
    """Coarse JPEG, few colours, smoothed skin: what reads as flat areas and lines has a human face all the same."""
    for name in ("woman_photo.jpg", "photo_black_and_white.jpg"):
        with Image.open(shared_dir / "portraits" / name) as opened:
            picture = DEGRADATIONS[state](brought_down(opened)).convert("RGB")
        assert not is_drawing(np.asarray(picture)), name


@pytest.mark.slow
@pytest.mark.parametrize(
    "state", ["JPEG 12", "64 colours", "smoothed skin", "128 px", "white ground", "upscaled", "rounded corners"]
)
def test_a_drawing_stays_one_however_it_was_saved(shared_dir, state):
    with Image.open(shared_dir / "portraits" / "anime_rgba.png") as opened:
        close = opened.crop((128, 64, 384, 320)).resize((512, 512), Image.Resampling.LANCZOS)
        picture = DEGRADATIONS[state](close).convert("RGB")
    assert is_drawing(np.asarray(picture))


def test_the_style_is_that_of_the_figure_not_of_the_wall(root_dir):
    rgba = drawn_character(400, 400, 200, 170, 1.6)
    drawn = measure_style(rgba[..., :3], rgba[..., 3])
    assert drawn.is_drawing
    rough = np.clip(rgba[..., :3] + np.random.default_rng(1).normal(0, 12, (400, 400, 3)), 0, 255).astype(np.uint8)
    assert measure_style(rough, rgba[..., 3]).score < 0.2 * drawn.score
    assert measure_style(rgba[..., :3], np.zeros((400, 400), np.uint8)).score == 0.0
    photo = load_picture(root_dir / "demo" / "portrait.jpg").image
    assert not is_drawing(photo)
