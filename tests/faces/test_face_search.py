"""Where faces are looked for, and that each is found once."""

from __future__ import annotations

import numpy as np
import pytest

from faces.face_search import SAME_FACE_SHARE, distinct, shared_part, starts, tiles, turn_back
from faces.mediapipe_tasks import Detection


@pytest.mark.parametrize(("width", "height", "side"), [(1000, 700, 1000), (1000, 700, 500), (1001, 333, 250), (640, 4000, 500)])
def test_tiles_cover_the_picture_and_overlap(width, height, side):
    covered = np.zeros((height, width), int)
    for left, top, right, bottom in tiles(width, height, side):
        covered[top:bottom, left:right] += 1
    assert covered.min() >= 1
    for length in (width, height):
        assert max(np.diff(starts(length, side)), default=0) <= side / 2 + 1


def detection(box, score=0.9) -> Detection:
    return Detection(score, box, np.zeros((4, 2), np.float32))


def test_each_face_once():
    first, same, other = detection((0, 0, 100, 100), 0.8), detection((10, 10, 110, 110), 0.9), detection((200, 0, 300, 100), 0.6)
    assert distinct([first, same, other]) == [same, other]
    assert distinct([first, other], known=[same]) == [other]
    assert shared_part(first.box, same.box) == pytest.approx(0.81)
    assert shared_part((0, 0, 10, 10), (0, 0, 100, 100)) == 1.0
    assert shared_part(first.box, other.box) == 0.0 < SAME_FACE_SHARE


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_points_of_a_turned_picture_come_back(quarters):
    picture = np.zeros((30, 50), int)
    picture[7, 12] = 1
    row, column = (int(index[0]) for index in np.nonzero(np.rot90(picture, quarters)))
    point = np.array([[column + 0.5, row + 0.5]], np.float32)
    np.testing.assert_allclose(turn_back(point, quarters, 50, 30), [[12.5, 7.5]])
