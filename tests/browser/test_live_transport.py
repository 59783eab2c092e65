"""A live avatar in a real browser: pictures and sound by WebRTC and by Media Source, together; the microphone; a clean end."""

from __future__ import annotations

import threading
import time

import pytest

from benchmarks.live_transport.browser import open_browser, open_session, watch
from benchmarks.live_transport.served import ServedHere

pytestmark = pytest.mark.slow
#: How long each way is looked at, in seconds; the first five do not count.
LOOKED_AT_S = 11.0
#: How far sound and picture may be apart here, in milliseconds, in the middle of all flashes: less than any two of them. EBU R37
#: allows 40 and 60, which `benchmarks.live_transport` measures; this machine may be busy with films meanwhile.
MOST_APART_MS = 400.0


@pytest.fixture(scope="module")
def chromium(chromium_path):
    with open_browser(chromium_path) as opened:
        yield opened


@pytest.mark.parametrize("transport", ["call:video/H264", "call:video/VP8", "fragments"])
def test_sound_and_pictures_arrive_together(chromium, transport):
    with ServedHere() as served:
        session, page = open_session(served.url, 256), chromium.new_page()
        problems = []
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        observed = watch(page, served.url, session, transport, LOOKED_AT_S, microphone=transport.startswith("call"))
        page.close()
        avatar = served.avatars[0]
        figures = observed.settled().figures(avatar.written_s)
        assert figures["flashes"] >= 3 and figures["pictures_per_s"] > 5, figures
        assert abs(figures["sound_after_picture_ms"]["median"]) < MOST_APART_MS, figures
        assert figures["feed_to_screen_ms"]["median"] < 3000, figures
        if transport.startswith("call"):
            assert avatar.heard_samples > 16_000 and avatar.heard_peak > 0.01, "the microphone was not heard"
        latest_s = time.monotonic() + 60
        while avatar.feed.listeners:
            assert time.monotonic() < latest_s, "who has left is streamed to still"
            time.sleep(0.1)
    assert problems == [] and observed.notes == []
    assert not [thread.name for thread in threading.enumerate() if thread.name in ("coding", "flashes", "live-service")]
