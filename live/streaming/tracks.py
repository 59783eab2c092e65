"""What a call sends: packets of a coded feed in the order of their time, to be taken one by one."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import av
from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

from live.feed import RATE_HZ
from live.streaming.coders import PICTURE_HZ, Coded

#: Pictures that may wait to be sent; then all go, and the next is one that a decoder can begin with.
MOST_PICTURES = 8
#: Packets of sound that may wait, ten seconds: whoever is further behind is gone.
MOST_SOUND = 500
#: All that is sent waits until it is so old, in seconds: what threads and coders take, a little more or less each time, is even
#: then. A browser that gets sound unevenly makes it wait longer, by itself and by leaps, and loses pictures' pace over it.
EVEN_S = 0.04
#: How early things may come is learned anew within two spans of so many seconds, should the feed ever fall behind.
SPAN_S = 5.0
#: Seconds from 1900, where the clock of RTP's reports begins, to 1970.
NTP_EPOCH_S = 2_208_988_800


class FeedClock:
    """The feed's time on the clocks of the wall and of the machine: the same for both tracks of a call, so that lips and sound
    are one in the browser, and leave at an even pace whatever threads have made them wait before."""

    def __init__(self) -> None:
        self._wall_s: float | None = None
        #: how early what came last, within one span and the one before, was: the machine's time less the feed's.
        self._earliest_s = self._earliest_before_s = float("inf")
        self._span_end_s = 0.0

    def note(self, at_s: float) -> None:
        """What belongs to `at_s` came just now."""
        if self._wall_s is None:
            self._wall_s = time.time() - at_s
        now_s = time.monotonic()
        if now_s >= self._span_end_s:
            self._earliest_before_s, self._earliest_s = self._earliest_s, float("inf")
            self._span_end_s = now_s + SPAN_S
        self._earliest_s = min(self._earliest_s, now_s - at_s)

    def wait_s(self, at_s: float) -> float:
        """How long what belongs to `at_s` waits until it leaves; 0 or less where it is time, or late."""
        return min(self._earliest_s, self._earliest_before_s) + at_s + EVEN_S - time.monotonic()

    def ntp_of(self, at_s: float) -> int:
        """The wall's time of the feed's `at_s` as RTP's reports tell it: 64 bits, seconds and their 2**32nds."""
        assert self._wall_s is not None
        return int((self._wall_s + at_s + NTP_EPOCH_S) * 2**32) & 0xFFFF_FFFF_FFFF_FFFF


class FeedTrack(MediaStreamTrack):
    """One of the two. Filled from the coding thread, taken from by the sender on the loop once the browser is there."""

    def __init__(
        self, kind: str, clock: FeedClock, on_begin: Callable[[], None], on_missing: Callable[[], None] = lambda: None
    ) -> None:
        """kind: `audio` or `video`. on_begin: the browser is there. on_missing: a picture is needed that can be begun with."""
        super().__init__()
        self.kind = kind
        self.clock_hz = RATE_HZ if kind == "audio" else PICTURE_HZ
        self.feed_clock, self._on_begin, self._on_missing = clock, on_begin, on_missing
        self._begun = False
        self._here = asyncio.get_running_loop()
        self._queue: deque[Coded] = deque()
        self._came = asyncio.Event()
        self._needs_key = kind == "video"
        #: pictures that were left out.
        self.dropped = 0
        #: what was taken last, and whether all of that was sent since.
        self.taken: Coded | None = None
        self.all_sent = False

    def put(self, packet: Coded) -> None:
        """The next packet; from any thread."""
        if not self._here.is_closed():
            self._here.call_soon_threadsafe(self._put, packet)

    def _put(self, packet: Coded) -> None:
        if self.readyState != "live":
            return
        self.feed_clock.note(packet.at_s)
        if self.kind == "audio":
            if len(self._queue) >= MOST_SOUND:
                self.stop()
                return
        elif not self._fits(packet):
            self.dropped += 1
            return
        self._queue.append(packet)
        self._came.set()

    def _fits(self, packet: Coded) -> bool:
        """Whether the picture can be shown: none can after one that was left out, until one needs no other."""
        if len(self._queue) >= MOST_PICTURES:
            self.dropped += len(self._queue)
            self._queue.clear()
            self._needs_key = True
            self._on_missing()
        if packet.key:
            self._needs_key = False
        return not self._needs_key

    async def recv(self) -> Any:
        """The next packet, once it is there. Raises MediaStreamError at the end."""
        self.all_sent = True
        if not self._begun:
            self._begun = True
            self._on_begin()
        while True:
            if self.readyState != "live":
                raise MediaStreamError
            if self._queue and (wait_s := self.feed_clock.wait_s(self._queue[0].at_s)) <= 0:
                break
            if self._queue:
                await asyncio.sleep(wait_s)
            else:
                self._came.clear()
                await self._came.wait()
        self.all_sent = False
        self.taken = self._queue.popleft()
        packet = av.Packet(self.taken.data)
        packet.pts, packet.time_base = self.taken.time, Fraction(1, self.clock_hz)
        return packet

    def stop(self) -> None:
        """Nothing is sent any more."""
        super().stop()
        self._came.set()
