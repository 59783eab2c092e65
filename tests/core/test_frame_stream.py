"""Frames on their way: counted, closed, and made ahead by a thread of their own."""

from __future__ import annotations

import threading

import pytest

from core.errors import Cancelled
from core.frame_stream import FrameCount, closing_frames, read_ahead

WAIT_S = 20.0


class Source:
    """Gives numbers; knows how many it gave, in which thread, and when it was closed."""

    def __init__(self, count, fails_at=None):
        self.count, self.fails_at = count, fails_at
        self.given, self.threads, self.closed = 0, set(), threading.Event()
        self.reached = [threading.Event() for _ in range(count)]

    def items(self):
        try:
            for index in range(self.count):
                if index == self.fails_at:
                    raise Cancelled("core.cancelled")
                self.threads.add(threading.get_ident())
                self.given += 1
                self.reached[index].set()
                yield index
        finally:
            self.closed.set()


def threads_alive():
    return [thread for thread in threading.enumerate() if thread.name == "frames ahead"]


def test_items_come_in_order_from_another_thread():
    source = Source(50)
    assert list(read_ahead(source.items(), 4)) == list(range(50))
    assert source.closed.is_set() and source.threads and threading.get_ident() not in source.threads
    assert not threads_alive()


def test_the_next_items_are_made_while_one_is_used_and_no_more_than_asked_for():
    source = Source(20)
    ahead = read_ahead(source.items(), 3)
    assert source.given == 0  # nothing is done before the first item is asked for
    assert next(ahead) == 0
    assert source.reached[4].wait(WAIT_S)  # three are held and one is in the thread's hand
    assert not source.reached[5].wait(0.3)
    ahead.close()
    assert source.closed.is_set() and source.given == 5 and not threads_alive()


def test_an_error_comes_after_the_items_before_it():
    source = Source(10, fails_at=3)
    got = []
    with pytest.raises(Cancelled):
        for item in read_ahead(source.items(), 2):
            got.append(item)
    assert got == [0, 1, 2] and source.closed.is_set() and not threads_alive()


def test_stages_in_a_row_end_together_when_the_last_one_is_closed():
    source = Source(1000)
    first = read_ahead(source.items(), 2)
    second = read_ahead((2 * item for item in first), 2)
    with closing_frames(first, second):
        assert [next(second) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert source.closed.is_set() and source.given < 20 and not threads_alive()


def test_an_error_in_the_consumer_ends_the_thread():
    source = Source(1000)

    def consumer():
        with closing_frames(source_ahead := read_ahead(source.items(), 2)):
            for item in source_ahead:
                if item == 3:
                    raise ValueError(item)

    with pytest.raises(ValueError, match="3"):
        consumer()
    assert source.closed.is_set() and not threads_alive()


def test_ahead_of_nothing():
    assert list(read_ahead(iter(()), 1)) == []
    with pytest.raises(ValueError, match="1 or more"):
        next(read_ahead(iter(()), 0))


def test_a_listener_hears_one_thread_at_a_time():
    inside, most, told = 0, 0, []

    def listener(stage, done, total):
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        told.append(done)
        threading.Event().wait(0.001)
        inside -= 1

    count = FrameCount(listener, "frames", 40)

    def stage(items):
        for item in items:
            count.alive("any", 0, 0)
            yield item

    frames = read_ahead(stage(read_ahead(stage(iter(range(40))), 2)), 2)
    assert list(count.counted(frames)) == list(range(40))
    assert most == 1 and len(told) == 120 and told == sorted(told) and told[-1] == 40
