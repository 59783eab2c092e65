"""Glimpses of films: some silent seconds, small, out of the film's inside."""

from __future__ import annotations

import pytest

from core.errors import InputError
from media.glimpse import write_glimpse
from media.glimpse_args import glimpse_arguments, glimpse_start_s
from tests.pipeline.dubbing import film as grey_film


@pytest.mark.parametrize(("duration_s", "start_s"), [(0.0, 0.0), (2.0, 0.0), (3.4, 0.4), (40.0, 10.0), (1e6, 250_000.0)])
def test_where_it_begins(duration_s, start_s):
    assert glimpse_start_s(duration_s) == pytest.approx(start_s)


def test_the_command_opens_nothing_but_the_film(tmp_path):
    arguments = glimpse_arguments("ffmpeg", tmp_path / "a.mp4", tmp_path / "b.mp4", 9.0)
    assert "-protocol_whitelist" in arguments and "-an" in arguments
    assert arguments[arguments.index("-i") + 1] == f"file:{tmp_path / 'a.mp4'}"


def test_it_is_small_and_silent(tmp_path):
    film, out = grey_film(tmp_path / "film.mp4", 100), tmp_path / "out.mp4"
    write_glimpse(film, out, 4.0, 20.0)
    assert 0 < out.stat().st_size < 200_000 and b"mp4a" not in out.read_bytes()
    assert [path.name for path in tmp_path.glob("*.part")] == []


def test_a_film_that_is_shorter_than_it_says_begins_at_its_beginning(tmp_path):
    film, out = grey_film(tmp_path / "film.mp4", 25), tmp_path / "out.mp4"
    write_glimpse(film, out, 400.0, 20.0)
    assert out.stat().st_size > 1024


def test_what_is_no_film_has_none(tmp_path):
    broken, out = tmp_path / "film.mp4", tmp_path / "out.mp4"
    broken.write_bytes(b"no film")
    for path in (broken, tmp_path / "missing.mp4"):
        with pytest.raises(InputError, match="glimpse"):
            write_glimpse(path, out, 4.0, 20.0)
    assert not out.exists() and list(tmp_path.glob("*.part")) == []


def test_one_that_takes_too_long_is_given_up(tmp_path):
    film, out = grey_film(tmp_path / "film.mp4", 100), tmp_path / "out.mp4"
    with pytest.raises(InputError, match="glimpse"):
        write_glimpse(film, out, 4.0, 0.0)
    assert not out.exists()
