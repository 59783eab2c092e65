"""A feed's pictures as JPEGs, one after the other, for the simplest clients: no sound, and always the newest picture.

Each picture is coded once for all who listen, in a thread of its own; those that come while it is busy are left out.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import cv2

from core.contracts import ByteArray
from live.feed import Feed, Picture, SoundBlock

#: JPEG's quality; at 85 a face of 512 px takes about 40 kB.
QUALITY = 85
BOUNDARY = "picture"
CONTENT_TYPE = f"multipart/x-mixed-replace; boundary={BOUNDARY}"
#: Called from the coding thread; must return at once and never raise.
PartListener = Callable[[bytes], None]


def jpeg(frame: ByteArray) -> bytes:
    """A picture (H, W, 3) uint8 RGB as JPEG."""
    coded, data = cv2.imencode(".jpg", cv2.cvtColor(frame, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not coded:
        raise ValueError("The picture can't be coded as JPEG.")
    return data.tobytes()


def part_of(picture: Picture) -> bytes:
    """A picture as a part of the answer; the header tells its place in the feed's time, in seconds."""
    data = jpeg(picture.frame)
    head = f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(data)}\r\nX-At: {picture.at_s:.3f}\r\n\r\n"
    return head.encode("ascii") + data + b"\r\n"


class MotionJpeg:
    """The parts of one feed, made while anybody listens. All methods may be called from any thread."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._changed = threading.Condition()
        self._newest: Picture | None = None
        self._listeners: list[PartListener] = []
        self._leave_feed: Callable[[], None] = lambda: None
        self._thread: threading.Thread | None = None

    def listen(self, listener: PartListener) -> Callable[[], None]:
        """Hand on the parts from now on; calling what is returned ends that."""
        with self._changed:
            self._listeners = [*self._listeners, listener]
            if self._thread is None:
                self._newest = None
                self._leave_feed = self._feed.listen(self._put)
                self._thread = threading.Thread(target=self._run, name="mjpeg", daemon=True)
                self._thread.start()
        return lambda: self._leave(listener)

    def _leave(self, listener: PartListener) -> None:
        with self._changed:
            self._listeners = [each for each in self._listeners if each is not listener]
            if self._listeners or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._leave_feed()
            self._changed.notify_all()
        if thread is not threading.current_thread():
            thread.join()

    def _put(self, item: Picture | SoundBlock) -> None:
        if isinstance(item, Picture):
            with self._changed:
                self._newest = item
                self._changed.notify_all()

    def _run(self) -> None:
        me = threading.current_thread()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._newest is not None or self._thread is not me)
                picture, self._newest = self._newest, None
                if self._thread is not me or picture is None:
                    return
            part = part_of(picture)
            for listener in self._listeners:
                listener(part)
