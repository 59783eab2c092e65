"""Where a film is cut, by heads whose places are known."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.reshaping.crop import SeenHead, cut, head_of

WIDE, VERTICAL = (1280, 720), 9 / 16


def still(box, seconds=10.0):
    return [SeenHead(at_s, box) for at_s in np.arange(0, seconds, 0.5)]


def test_a_head_reaches_beyond_its_face_but_not_beyond_the_picture():
    left, top, right, bottom = head_of((100, 100, 200, 220), WIDE)
    assert left < 90 and top < 60 and right > 210 and bottom > 230
    assert head_of((0, 0, 1280, 720), WIDE) == (0, 0, 1280, 720)


def test_a_still_head_is_cut_still_and_kept_whole():
    box = (800.0, 100.0, 1000.0, 420.0)
    shape = cut(WIDE, VERTICAL, 720, still(box))
    assert shape.size == (720, 1280) == shape.inner and shape.crop == (404, 720)
    ((_, left),) = shape.left
    assert left <= box[0] and left + shape.crop[0] >= box[2] and shape.top == [(0.0, 0.0)]


def test_a_head_at_the_border_moves_no_part_out_of_the_picture():
    for box in ((0.0, 0.0, 120.0, 200.0), (1180.0, 500.0, 1280.0, 720.0)):
        shape = cut(WIDE, 1.0, 480, still(box))
        assert 0 <= shape.left[0][1] <= WIDE[0] - shape.crop[0] and shape.inner == (480, 480)


def test_a_head_that_is_wider_than_the_part_is_not_cut_but_gets_a_ground():
    shape = cut((512, 512), VERTICAL, 480, still((80.0, 10.0, 440.0, 500.0)))
    assert shape.crop[0] >= 360 and shape.size == (480, 854)
    assert shape.inner[0] == 480 and shape.inner[1] < 854
    assert shape.inner[0] / shape.inner[1] == pytest.approx(shape.crop[0] / shape.crop[1], rel=0.01)


def test_a_head_that_walks_is_followed_slowly_and_stays_inside():
    heads = [SeenHead(at_s, (900 * at_s / 20, 100.0, 900 * at_s / 20 + 200, 400.0)) for at_s in np.arange(0, 20, 0.5)]
    shape = cut(WIDE, VERTICAL, 720, heads)
    assert len(shape.left) > 3
    times, places = np.array(shape.left).T
    for head in heads[4:-4]:
        left = float(np.interp(head.at_s, times, places))
        assert left <= head.box[0] + 30 and left + shape.crop[0] >= head.box[2] - 30
    assert np.abs(np.diff(places) / np.diff(times)).max() < 150, "pixels a second"


def test_a_tall_film_becomes_square_with_the_head_in_it():
    shape = cut((720, 1280), 1.0, 720, still((200.0, 300.0, 500.0, 700.0)))
    ((_, top),) = shape.top
    assert shape.crop == (720, 720) and top <= 300 and top + 720 >= 700


def test_without_a_head_the_middle_is_shown_and_as_it_is_nothing_is_cut():
    assert cut(WIDE, 1.0, 480, []).left == [(0.0, 280.0)]
    whole = cut(WIDE, None, 480, [])
    assert whole.crop == WIDE and whole.size == whole.inner == (854, 480)
