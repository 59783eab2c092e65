"""Frames drawn by several threads: in order, begun early, and no more of them than are wanted."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from drawing import threads
from drawing.frames_ahead import drawn_in_order


def frame(number):
    return np.full((1, 1, 3), number, np.uint8)


def numbers(frames):
    return [int(each[0, 0, 0]) for each in frames]


def test_frames_come_in_order_whichever_is_ready_first():
    first_may_go_on = threading.Event()

    def draw(number):
        if number == 0:
            assert first_may_go_on.wait(30)
        if number == 2:
            first_may_go_on.set()
        return frame(number)

    with ThreadPoolExecutor(2) as pool:
        assert numbers(drawn_in_order(pool, draw, 5, 4)) == [0, 1, 2, 3, 4]
        assert numbers(drawn_in_order(pool, draw, 0, 4)) == []


def test_the_first_are_begun_at_once_and_the_others_as_frames_are_taken():
    begun, both = [], threading.Event()

    def draw(number):
        begun.append(number)
        if number == 1:
            both.set()
        return frame(number)

    with ThreadPoolExecutor(1) as pool:
        frames = drawn_in_order(pool, draw, 9, 2)
        assert both.wait(30), "nobody has asked for a frame yet"
        assert begun == [0, 1]
        next(frames)
        next(frames)
        frames.close()
    assert begun[:2] == [0, 1] and set(begun) <= {0, 1, 2, 3}, "what nobody waits for is not begun"
    with pytest.raises(ValueError, match="ahead is 0"):
        drawn_in_order(pool, draw, 1, 0)


def test_what_drawing_raises_comes_in_its_frames_place():
    def draw(number):
        if number == 1:
            raise RuntimeError("no paint")
        return frame(number)

    with ThreadPoolExecutor(2) as pool:
        frames = drawn_in_order(pool, draw, 3, 3)
        assert numbers([next(frames)]) == [0]
        with pytest.raises(RuntimeError, match="no paint"):
            next(frames)


def test_split_loops_take_turns_where_numba_demands_it(monkeypatch):
    for layer, waits in (("omp", False), ("workqueue", True)):
        monkeypatch.setattr(threads.numba, "threading_layer", lambda layer=layer: layer)
        with threads.split_loops():
            other = threading.Thread(target=lambda: threads.split_loops().__enter__(), daemon=True)
            other.start()
            other.join(0.3)
            assert other.is_alive() == waits
        other.join(10)
        if waits:  # the other thread took its turn, and ends with it held
            threads._ONE_SPLIT_LOOP = threading.RLock()
