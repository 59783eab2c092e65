from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from core.errors import InputError
from filters.look import LOOK, LOOKS, Look, LookOptions, make_tracer
from filters.looks.face_lines import draw_face_lines
from filters.looks.shapes import draw


@pytest.fixture(scope="module")
def film(picture):
    """A portrait before a camera with grain: it stands for three frames, then shifts by two pixels."""
    small = cv2.resize(picture, (160, 160), interpolation=cv2.INTER_AREA).astype(np.float32)
    shifted = np.roll(small, 2, axis=1)
    random = np.random.default_rng(0)
    frames = [each + random.normal(0.0, 2.5, each.shape) for each in (small, small, small, shifted)]
    return [np.clip(frame, 0, 255).astype(np.uint8) for frame in frames]


@pytest.mark.parametrize("look", LOOKS)
def test_every_look_draws_every_frame_at_its_size(film, look):
    counted = []
    drawn = list(
        Look(LookOptions(look=look, look_scale=2)).apply(iter(film), lambda stage, done, _: counted.append((stage, done)))
    )
    assert counted == [("look", number) for number in (1, 2, 3, 4)]
    for frame in drawn:
        assert frame.shape == (320, 320, 3) and frame.dtype == np.uint8
        assert len(np.unique(frame.reshape(-1, 3), axis=0)) > 2
    assert (drawn[3] != drawn[0]).any()


def change(frames):
    return np.mean([np.abs(one.astype(float) - two).mean() for one, two in pairwise(frames[:3])])


@pytest.mark.parametrize("look", ["vector", "poster", "ink"])
def test_what_stands_still_flickers_less_than_frames_drawn_for_themselves(film, look):
    steady = list(Look(LookOptions(look=look)).apply(iter(film)))
    alone = [draw(make_tracer(look).trace(frame)) for frame in film]
    np.testing.assert_array_equal(steady[0], alone[0])
    assert change(steady) < 0.6 * change(alone)


def test_a_vector_film_is_near_to_its_frames_and_a_poster_farther(film):
    def error(look):
        return np.abs(draw(make_tracer(look).trace(film[0])).astype(float) - film[0]).mean()

    assert error("vector") < 7.0 < error("poster")


def test_a_poster_has_few_colours_and_a_sketch_is_mostly_paper(film):
    assert len(make_tracer("poster").trace(film[0]).shapes) <= 6
    sketch = draw(make_tracer("sketch").trace(film[0]))
    assert (sketch.min(axis=2) > 200).mean() > 0.6 and (sketch.max(axis=2) < 100).mean() > 0.01


def test_the_lines_of_a_face_lie_along_its_landmarks(face, picture):
    field = draw_face_lines([face.landmarks], *picture.shape[1::-1], 2.0)
    assert field.shape == picture.shape[:2] and 0.01 < (field > 0.5).mean() < 0.2
    x, y = np.rint(face.landmarks[0, :2]).astype(int)  # the middle of the upper lip's edge
    assert field[y - 2 : y + 2, x - 2 : x + 2].max() > 0.5
    assert draw_face_lines([], 40, 30, 2.0).max() == 0.0


def test_what_the_card_says_of_size_and_cost():
    work = LOOK.alone

    class Given:
        device = "cpu"

        def __init__(self, **values):
            self.options = LookOptions(**values)

        def own(self, options):
            return self.options

    plain, larger = Given(look_scale=4), Given(look="ink", look_scale=4)
    assert work.make(plain) is None and work.times(plain) == 1 and work.cost(plain, False).seconds(10, 10**6) == 0
    assert isinstance(work.make(larger), Look) and work.times(larger) == 4 and work.words(larger) == ("look ink", "4 times")
    assert work.cost(larger, False).seconds(10, 10**6) > work.cost(Given(look="ink"), False).seconds(10, 10**6) > 0


def test_there_are_no_other_looks():
    with pytest.raises(InputError):
        LookOptions(look="oil")
    with pytest.raises(InputError):
        LookOptions(look_scale=3)
    with pytest.raises(ValueError):
        make_tracer("none")
