"""What a call sends leaves in order, at an even pace, and begins anew with a key picture where too many have waited."""

from __future__ import annotations

import asyncio
import time
from itertools import pairwise

import pytest
from aiortc.mediastreams import MediaStreamError

from live.streaming import tracks
from live.streaming.coders import Coded
from live.streaming.tracks import FeedClock, FeedTrack


def picture(number, key=False):
    return Coded("h264", round(number * 3600), key, b"picture")


def test_what_comes_unevenly_leaves_evenly():
    """Blocks of 20 ms that come in pairs, each pair too late by half, leave one by one."""

    async def taken():
        track, times = FeedTrack("audio", FeedClock(), lambda: None), []

        async def feed():
            for number in range(0, 40, 2):
                for each in (number, number + 1):
                    track._put(Coded("opus", each * 960, True, b"sound"))
                await asyncio.sleep(0.04)

        feeding = asyncio.ensure_future(feed())
        for _ in range(40):
            await track.recv()
            times.append(time.monotonic())
        await feeding
        return times

    times = asyncio.run(taken())
    steps = [after - before for before, after in pairwise(times)]
    assert sorted(steps)[len(steps) // 2] == pytest.approx(0.02, abs=0.008), "they leave in pairs"


def test_a_feed_that_has_fallen_behind_is_even_again_after_a_while(monkeypatch):
    monkeypatch.setattr(tracks, "SPAN_S", 0.05)
    monkeypatch.setattr(tracks, "EVEN_S", 0.5)
    clock, begin_s = FeedClock(), time.monotonic()
    clock.note(100.0)
    assert 0 < clock.wait_s(100.0) <= tracks.EVEN_S
    at_s = 99.0  # a second of the feed is missing from now on
    clock.note(at_s)
    assert clock.wait_s(at_s) < 0
    for _ in range(3):
        time.sleep(0.06)
        at_s = 99.0 + time.monotonic() - begin_s
        clock.note(at_s)
    assert clock.wait_s(at_s) > 0


def test_pictures_that_wait_too_long_go_and_the_next_is_a_key():
    async def taken():
        wanted = []
        track = FeedTrack("video", FeedClock(), lambda: None, lambda: wanted.append(True))
        track._put(picture(0))
        assert track.dropped == 1, "nobody can begin with it"
        for number in range(1, 2 + tracks.MOST_PICTURES):
            track._put(picture(number, key=number == 1))
        assert wanted == [True] and len(track._queue) == 0
        track._put(picture(20))
        track._put(picture(21, key=True))
        track._put(picture(22))
        first = await track.recv()
        assert first.pts == 21 * 3600 and track.all_sent is False
        track.stop()
        with pytest.raises(MediaStreamError):
            await track.recv()

    asyncio.run(taken())


def test_sound_is_never_left_out_and_who_is_too_far_behind_is_gone():
    async def put():
        track = FeedTrack("audio", FeedClock(), lambda: None)
        for number in range(tracks.MOST_SOUND):
            track._put(Coded("opus", number * 960, True, b"sound"))
        assert len(track._queue) == tracks.MOST_SOUND and track.readyState == "live" and track.dropped == 0
        track._put(Coded("opus", 0, True, b"sound"))
        assert track.readyState == "ended"

    asyncio.run(put())
