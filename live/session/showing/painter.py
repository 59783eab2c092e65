"""Draws a session's pictures a little ahead of their time, as large and as often as the machine can, and marks them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import cv2
import numpy as np

from core.contracts import ByteArray, LiveDrawer, Motion
from core.errors import BelcantoError
from core.messages import Message
from filters.label import LabelSettings, blend, draw_mark
from live.session.showing.picture_line import PictureLine
from live.session.showing.quality import Quality

#: Gives the motion of the next frames.
Moves = Callable[[int], Motion]

#: How much the newest pictures count for how busy it is.
NEWS = 0.1


class Painter:
    """A thread of its own. Drawers for other heights are opened in another one, while the last goes on drawing."""

    def __init__(
        self,
        size: tuple[int, int],
        drawer: LiveDrawer,
        open_drawer: Callable[[int], LiveDrawer],
        move: Moves,
        pictures: PictureLine,
        at_once: int,
        on_error: Callable[[Message], None],
    ) -> None:
        """size: (height, width) of the pictures. open_drawer: for a height in pixels. at_once: pictures that
        are drawn at a time. on_error: told why no more is drawn."""
        self._size, self._drawer, self._open, self._move = size, drawer, open_drawer, move
        self._pictures, self._at_once, self._on_error = pictures, at_once, on_error
        self._mark = draw_mark(*size, LabelSettings())
        self._quality = Quality(size[0])
        self._next: tuple[Quality, LiveDrawer] | None = None
        self._closed = False
        #: how much of the pictures' time it takes to draw them, lately.
        self.busy = 0.0
        self._opener: threading.Thread | None = None
        self._thread = threading.Thread(target=self._run, name="avatar painter", daemon=True)

    def start(self) -> None:
        """Begin to draw."""
        self._thread.start()

    def close(self) -> None:
        """Draw no more; the drawer is let go. One that is being opened is dropped when it is."""
        self._closed = True
        self._pictures.close()
        if self._thread.ident is not None:
            self._thread.join()
        self._next = None
        del self._drawer

    def go_over(self, quality: Quality, then: Callable[[], None]) -> None:
        """Draw in another quality as soon as its drawer is open; `then` is called when it is."""
        if quality.height == self._quality.height and self._next is None:
            self._quality = quality
            then()
            return
        if self._opener is not None and self._opener.is_alive():
            return
        self._opener = threading.Thread(target=self._prepare, args=(quality, then), name="avatar drawer", daemon=True)
        self._opener.start()

    def _prepare(self, quality: Quality, then: Callable[[], None]) -> None:
        try:
            drawer = self._open(quality.height)
        except BelcantoError as error:
            self._on_error(error.message)
            return
        if not self._closed:
            self._next = quality, drawer
            then()

    def _run(self) -> None:
        number = 0
        while self._pictures.wait_for_room(number + self._at_once - 1):
            if (following := self._next) is not None:
                self._quality, self._drawer = following
                self._next = None
            late = max(0, self._pictures.earliest - number) if number else 0
            every = self._quality.every
            count = max(every, self._at_once)
            motion = self._move(late + count)
            drawn = part_of(motion, slice(late, None, every))
            number += late
            begin_s = time.monotonic()
            try:
                for frame in self._drawer.draw(drawn):
                    self._put(number, frame, every)
                    number += every
            except BelcantoError as error:
                self._on_error(error.message)
                return
            taken = (time.monotonic() - begin_s) * motion.fps / count
            self.busy += NEWS * (taken - self.busy)

    def _put(self, number: int, frame: ByteArray, every: int) -> None:
        height, width = self._size
        if frame.shape[:2] != self._size:
            frame = np.asarray(cv2.resize(frame, (width, height), interpolation=cv2.INTER_CUBIC), dtype=np.uint8)
        self._pictures.put(number, blend(frame, *self._mark))
        for repeated in range(number + 1, number + every):
            self._pictures.put(repeated, None)


def part_of(motion: Motion, frames: slice) -> Motion:
    """Some of a motion's frames."""
    return Motion(
        motion.fps,
        motion.blendshapes[frames],
        motion.rotation_deg[frames],
        motion.translation[frames],
        motion.gaze_deg[frames],
        motion.intensity[frames],
    )
