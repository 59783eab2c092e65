"""Blind pairs for a listener: what is covered, which cases there are, what the page asks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmarks.covered_faces import GREY, covered, line_of
from benchmarks.feeling_study import STYLES, cases_of, cover_film, late_film
from core.errors import InputError
from faces.faces import FaceFinder
from media.film_opening import open_film
from media.film_writer import FilmWriter
from media.pictures import load_picture

DEMO = Path(__file__).resolve().parents[2] / "demo"


@pytest.fixture(scope="module")
def portrait():
    return load_picture(DEMO / "portrait.jpg").image


@pytest.mark.parametrize("seen", ["lips", "feeling"])
def test_half_of_the_face_is_grey_and_the_other_untouched(portrait, seen):
    """The mouth's and the brows' pixels, by the face that is found in the open picture."""
    with FaceFinder() as finder:
        face = finder.find(portrait)[0]
    (frame,) = covered([portrait], 25.0, seen)
    mouth, brow = (tuple(face.landmarks[number, 1::-1].astype(int)) for number in (13, 105))
    shown, hidden = (mouth, brow) if seen == "lips" else (brow, mouth)
    assert (frame[hidden] == GREY).all() and (frame[shown] == portrait[shown]).all()
    below, above = frame[-1], frame[0]
    assert ((above if seen == "lips" else below) == GREY).all() and ((below if seen == "lips" else above) != GREY).any()


def test_the_line_goes_with_the_head(portrait):
    """In the picture on its side the line stands upright."""
    with FaceFinder() as finder:
        face = finder.find(portrait)[0]
    point, down = line_of(face)
    assert abs(down[0]) < 0.2 and down[1] > 0.95
    assert face.box[0] < point[0] < face.box[2] and face.box[1] < point[1] < face.box[3]


def test_a_film_without_a_face_is_not_shown():
    with pytest.raises(InputError, match="no face"):
        next(covered([np.zeros((200, 200, 3), np.uint8)], 25.0, "lips"))


def test_cases_go_round_and_half_of_them_are_wild():
    portraits, known, wild = (
        [Path(f"{kind}{number}") for number in range(count)] for kind, count in zip("psw", (3, 4, 5), strict=True)
    )
    cases = cases_of(portraits, known, wild, 20)
    assert len({case.name for case in cases}) == 20 and sum(case.wild for case in cases) == 10
    assert all(case.sound.name.startswith("w") == case.wild for case in cases)
    for style in STYLES:
        mine = [case for case in cases if case.style == style]
        assert len(mine) >= 4 and {case.wild for case in mine} == {True, False} and len({case.portrait for case in mine}) > 1
    with pytest.raises(InputError, match="--speech"):
        cases_of(portraits, [], wild, 20)


def test_covered_and_late_films_are_as_long(portrait, tmp_path):
    """From a short film of the picture under the song: the same frames and sound, but for what was asked."""
    size = (portrait.shape[1] // 4 * 2, portrait.shape[0] // 4 * 2)
    film, frame = tmp_path / "film.mp4", portrait[: size[1] * 2 : 2, : size[0] * 2 : 2]
    with FilmWriter(film, size, 25.0, DEMO / "song.mp3", 2.0, 0.6) as writer:
        for _ in range(15):
            writer.write(frame)
    half, late = cover_film(film, "feeling"), late_film(film)
    assert open_film(half).count == open_film(late).count == 15
    assert open_film(half).has_sound and open_film(late).has_sound
    last = list(open_film(half).frames())[-1]
    assert abs(int(last[-2, 2].mean()) - GREY) < 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film-feeling.mp4", "film-late.mp4", "film.mp4"]
