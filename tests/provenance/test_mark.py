"""The number is in the pictures, can't be seen, survives what happens to films, and is found in no other film."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from media.film_opening import open_film
from provenance.making import marks_films
from provenance.mark.code import CODE_BITS, coded, decoded
from provenance.mark.embedding import FilmMark
from provenance.mark.finding import find_mark
from provenance.reading import read_manifest
from tests.provenance.conftest import PORTRAIT, moving_frames
from tests.provenance.test_reading import run_ffmpeg

NUMBER = 0x5A17C0FFEE42


def every_third(path):
    return (frame for index, frame in enumerate(open_film(path).frames()) if index % 3 == 0)


def test_the_code_bears_errors_and_knows_its_limits():
    generator = np.random.default_rng(1)
    for number in (0, 1, NUMBER, 2**48 - 1):
        sent = coded(number).astype(np.float32)
        assert sent.shape == (CODE_BITS,)
        assert decoded(sent + generator.normal(0, 0.9, CODE_BITS).astype(np.float32)) == number
    with pytest.raises(ValueError, match="48 bits"):
        coded(2**48)
    assert sum(decoded(generator.normal(0, 1, CODE_BITS).astype(np.float32)) is not None for _ in range(300)) == 0


@pytest.mark.parametrize(
    "how",
    [
        ["-crf", "28"],
        ["-b:v", "500k"],
        ["-vf", "scale=iw*3/4:ih*3/4", "-crf", "26"],
        ["-vf", "scale=iw/2:ih/2", "-crf", "23"],
        ["-vf", "crop=iw*0.8:ih*0.8", "-crf", "26"],
        ["-vf", "scale=in_range=tv:out_range=pc", "-color_range", "pc", "-crf", "26"],
    ],
    ids=["crf28", "500k", "three quarters", "half", "cropped", "full range"],
)
def test_it_survives(film, tmp_path, how):
    recoded = tmp_path / "recoded.mp4"
    run_ffmpeg("-i", film, "-an", "-c:v", "libx264", "-preset", "veryfast", *how, recoded)
    assert read_manifest(recoded).state == "unsigned"
    found = find_mark(every_third(recoded))
    assert found is not None
    assert f"{found.number:012x}" == read_manifest(film).number


def test_it_is_in_no_other_pictures(film):
    assert find_mark(moving_frames(20)) is None
    flat = np.full((240, 320, 3), 128, np.uint8)
    assert find_mark([flat, flat]) is None
    assert find_mark([]) is None


def test_a_later_mark_takes_the_place_of_an_earlier_one():
    first, second = FilmMark(NUMBER, 480, 480), FilmMark(NUMBER ^ 0xFFFF00FF, 480, 480)
    frames = []
    for frame in moving_frames(20):
        luma = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        first.mark(luma)
        second.mark(luma)
        frames.append(cv2.cvtColor(luma, cv2.COLOR_GRAY2RGB))
    found = find_mark(frames)
    assert found is not None
    assert found.number == NUMBER ^ 0xFFFF00FF


def test_it_can_not_be_seen():
    mark = FilmMark(NUMBER, 480, 480)
    for frame in moving_frames(12):
        plain = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
        marked = plain.copy()
        mark.mark(marked)
        difference = marked.astype(np.int32) - plain
        assert 0 < np.abs(difference).max() <= 7
        assert cv2.PSNR(plain, marked) > 40
        assert abs(float(difference.mean())) < 0.2


@pytest.mark.parametrize("size", [(64, 48), (362, 640), (1280, 720)])
def test_any_size(size):
    width, height = size
    mark = FilmMark(NUMBER, width, height)
    luma = np.random.default_rng(0).integers(60, 180, (height, width)).astype(np.uint8)
    before = luma.copy()
    mark.mark(luma)
    assert luma.shape == (height, width)
    assert (luma != before).any()


def test_it_can_be_turned_off():
    assert marks_films({})
    assert not marks_films({"BELCANTO_MARK": "off"})
    with pytest.raises(Exception, match="on and off"):
        marks_films({"BELCANTO_MARK": "maybe"})


def test_the_portrait_itself_bears_none():
    from media.pictures import load_picture

    assert find_mark([load_picture(PORTRAIT).image]) is None
