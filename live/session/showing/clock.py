"""The clock of a session: gives sound and pictures to the feed in real time, each at its moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from live.feed import BLOCK_SAMPLES, RATE_HZ, Feed, Picture, SoundBlock
from live.session.showing.picture_line import PictureLine
from live.session.showing.sound_line import SoundLine

#: A machine that stood still for longer goes on from where it was, instead of hurrying through what was missed.
MOST_BEHIND_S = 1.0


class Clock:
    """A thread of its own, which waits for nobody: a picture that is not there is replaced by the last one."""

    def __init__(self, feed: Feed, sound: SoundLine, pictures: PictureLine, on_picture: Callable[[bool], None]) -> None:
        """on_picture: told of each picture whether it was late; must be quick."""
        self._feed, self._sound, self._pictures, self._on_picture = feed, sound, pictures, on_picture
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="avatar clock", daemon=True)

    def start(self) -> None:
        """Time begins."""
        self._thread.start()

    def close(self) -> None:
        """Time ends."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        begin_s, block, picture = time.monotonic(), 0, 0
        while True:
            at_s = block * BLOCK_SAMPLES / RATE_HZ
            wait_s = begin_s + at_s - time.monotonic()
            if wait_s < -MOST_BEHIND_S:
                begin_s -= wait_s
            if self._stop.wait(max(0.0, wait_s)):
                return
            self._feed.give(SoundBlock(at_s, self._sound.take()))
            while picture / self._feed.fps <= at_s + 1e-6:
                frame, in_time = self._pictures.take()
                self._feed.give(Picture(picture / self._feed.fps, frame))
                self._on_picture(not in_time)
                picture += 1
            block += 1
