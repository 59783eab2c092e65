"""The driver's head is read through a square that stands still in each shot; what is not seen is bridged."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from animators.adasr.driver import SIDE_PX, read_head, standing_square  # noqa: E402
from core.driving import Driving  # noqa: E402
from core.errors import InputError  # noqa: E402
from faces.head_crop import Crop, head_crop  # noqa: E402
from neural.one_shot.geometry import HeadMotion  # noqa: E402
from tests.driving_films import moved_film  # noqa: E402


class Eye(torch.nn.Module):
    """Reads one number off a picture, its mean brightness, as all that moves: a known truth beside a network of chance."""

    def __init__(self):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(3, 1, 1)
        self.seen = []

    def forward(self, pictures):
        self.seen.append(tuple(pictures.shape))
        mean = pictures.mean(dim=(1, 2, 3))
        return HeadMotion(mean, mean, mean, mean[:, None].expand(-1, 3), mean[:, None].expand(-1, 45))


def test_a_head_that_wanders_has_a_larger_square_and_its_shifts_stay_as_large():
    still = standing_square([Crop(10.0, 20.0, 100.0, 100.0)] * 3)
    assert still.crop == Crop(10.0, 20.0, 100.0, 100.0) and still.heads == 1
    near = standing_square([Crop(0.0, 0.0, 100.0, 100.0), Crop(20.0, 0.0, 100.0, 100.0)])
    assert near.crop == Crop(10.0, 0.0, 100.0, 100.0) and near.heads == 1
    far = standing_square([Crop(0.0, 0.0, 100.0, 100.0), Crop(100.0, 0.0, 100.0, 100.0)])
    assert far.crop.width == pytest.approx(170) and far.heads == pytest.approx(1.7)
    assert far.crop.left == pytest.approx(15) and far.crop.top == pytest.approx(-35)


def test_frames_are_read_in_order_and_gaps_are_bridged(portrait):
    gains = np.linspace(0.5, 1.0, 6)
    film = moved_film(portrait, [0] * 6, absent={2, 3}, gains=gains)
    seen = np.array([True, True, True, False, True, True])  # of the third nobody says that it is unseen, but there is no face
    ticks, eye = [], Eye()
    reading = read_head(eye, Driving(film, 0, seen), range(6), 4, lambda: ticks.append(1))
    assert eye.seen == [(4, 3, SIDE_PX, SIDE_PX)] and len(ticks) == 1
    square = head_crop(portrait.face).cut(portrait.image, SIDE_PX)
    expected = square.mean() / 255 * gains
    assert np.allclose(reading.angles_deg[:, 0], expected, atol=0.005)
    assert reading.expression.shape == (6, 15, 3) and np.allclose(reading.shift[:, 1], expected, atol=0.005)


def test_only_the_frames_that_are_drawn_are_read_and_shots_are_kept_apart(portrait):
    film = moved_film(portrait, [0] * 5 + [200] * 5, gains=[0.5] * 5 + [1.0] * 5)
    eye = Eye()
    reading = read_head(eye, Driving(film, 0, np.ones(10, bool), cuts=(5,)), [0, 2, 4, 6, 8], 8, lambda: None)
    assert eye.seen == [(5, 3, SIDE_PX, SIDE_PX)]
    angles = reading.angles_deg[:, 0]
    assert np.allclose(angles[:3], angles[0], atol=1e-3) and np.allclose(angles[3:], angles[3], atol=1e-3)
    assert angles[3] > 1.9 * angles[0], "nothing of one shot reaches into the other"
    assert np.allclose(reading.shift[3], angles[3], atol=1e-4), "each shot has a square of its own, no larger than the head needs"


def test_a_film_without_a_face_is_refused_in_a_sentence(portrait):
    film = moved_film(portrait, [0, 0], absent={0, 1})
    with pytest.raises(InputError, match="shows no face that AdaSR could follow"):
        read_head(Eye(), Driving(film, 0, np.ones(2, bool)), range(2), 4, lambda: None)


def test_progress_may_end_it(portrait):
    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_head(Eye(), Driving(moved_film(portrait, [0, 0]), 0, np.ones(2, bool)), range(2), 4, stop)
