"""Which face sings, and the sentences for those that can not."""

from __future__ import annotations

import numpy as np
import pytest

from core.contracts import Face
from core.errors import InputError
from faces.face_choice import FaceLimits, where
from faces.faces import choose_face


def made_face(box=(100.0, 100.0, 300.0, 350.0), rotation=(0.0, 0.0, 0.0)) -> Face:
    steps = np.linspace(0, 1, 478)
    left, top, right, bottom = box
    points = np.stack([left + (right - left) * steps, top + (bottom - top) * steps, 0 * steps], axis=1).astype(np.float32)
    return Face(points, np.zeros(52, np.float32), rotation, box)


@pytest.mark.parametrize(
    ("face", "words"),
    [
        (made_face(rotation=(50, 0, 0)), "50 degrees to the right; up to 45"),
        (made_face(rotation=(-46, 0, 0)), "46 degrees to the left"),
        (made_face(rotation=(0, 36, 0)), "36 degrees up; up to 35"),
        (made_face(rotation=(0, -40, 0)), "40 degrees down"),
        (made_face(rotation=(0, 0, 178)), "tilted by 178 degrees; up to 60"),
        (made_face((10, 10, 50, 60)), "only 40 pixels wide; at least 48"),
        (made_face((-50, 100, 150, 350)), "cut off at the picture's left edge"),
        (made_face((300, 100, 540, 350)), "cut off at the picture's right edge"),
        (made_face((100, -30, 300, 250)), "cut off at the picture's top edge"),
        (made_face((100, 300, 300, 530)), "cut off at the picture's bottom edge"),
    ],
)
def test_faces_that_the_engine_cannot_take(face, words):
    for number in (None, 1):
        with pytest.raises(InputError) as caught:
            choose_face([face], number, (512, 512))
        message = str(caught.value)
        assert words in message
        assert message.endswith(".")
        assert "\n" not in message


def test_limits_are_the_engine_s(finder):
    wide = FaceLimits(max_yaw_deg=60, max_pitch_deg=60, max_roll_deg=180, min_width_px=10, max_outside_part=0.5)
    for face in (made_face(rotation=(50, 50, 170)), made_face((10, 10, 50, 60)), made_face((-50, 100, 150, 350))):
        assert choose_face([face], None, (512, 512), wide) is face


def test_a_hairline_outside_is_no_cut():
    face = made_face((100, -8, 300, 242))
    assert choose_face([face], None, (512, 512)) is face


def test_passers_by_do_not_ask_for_a_choice():
    singer, passer_by = made_face(), made_face((400, 100, 460, 190))
    assert choose_face([singer, passer_by], None, (512, 512)) is singer
    assert choose_face([singer, passer_by], 2, (512, 512)) is passer_by
    with pytest.raises(InputError, match="has 2 faces"):
        choose_face([singer, made_face((400, 100, 500, 220))], None, (512, 512))


def test_where():
    assert where(made_face((0, 0, 100, 100)), (900, 900)) == "the upper left (x 50, y 50, 100 px wide)"
    assert where(made_face((400, 400, 500, 500)), (900, 900)).startswith("the centre")
    assert where(made_face((800, 800, 900, 900)), (900, 900)).startswith("the lower right")
