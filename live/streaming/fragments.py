"""A feed as fragmented MP4 (H.264 and AAC) for browsers' Media Source, for plain players, and for films.

Cut and packed once for all who listen; each begins with the head and a fragment whose first picture needs no other. The times in
the fragments are the feed's: a player that jumps to the beginning of what it has (`buffered.start(0)`) is then where the feed is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

from live.streaming import boxes
from live.streaming.boxes import PICTURES, SOUND, Sample
from live.streaming.coded_feed import CodedFeed
from live.streaming.coders import PICTURE_HZ, Coded

#: Least length of a fragment in seconds; shorter ones cost more than they bring.
FRAGMENT_S = 0.2
#: What a fragment's length may be short of that, in seconds: half a picture.
TOLERANCE_S = 0.01
FRAME_SAMPLES = 1024
#: For Media Source: the profile that the coder has always, and a level that all sizes up to 1080 lines keep to.
CONTENT_TYPE = 'video/mp4; codecs="avc1.42c028,mp4a.40.2"'


@dataclass(frozen=True)
class Fragment:
    """Some pictures and their sound, packed. head: what a player must have had before. key: whether one may begin with it."""

    head: bytes
    data: bytes
    key: bool
    at_s: float


#: Called from the coding thread; must return at once and never raise.
FragmentListener = Callable[[Fragment], None]


class Fragments:
    """The fragments of one coded feed, made while anybody listens. All methods may be called from any thread."""

    def __init__(self, coded: CodedFeed) -> None:
        self._coded = coded
        self._lock = threading.Lock()
        self._listeners: list[FragmentListener] = []
        self._packer: Packer | None = None
        self._leave_coded: Callable[[], None] = lambda: None
        self._sound_setup = coded.sound_setup

    def listen(self, listener: FragmentListener) -> Callable[[], None]:
        """Hand on the fragments from the next on that one may begin with; calling what is returned ends that."""
        begun = False

        def from_key_on(fragment: Fragment) -> None:
            nonlocal begun
            begun = begun or fragment.key
            if begun:
                listener(fragment)

        with self._lock:
            self._listeners = [*self._listeners, from_key_on]
            if len(self._listeners) == 1:
                self._packer = Packer((self._coded.feed.width, self._coded.feed.height), self._sound_setup, self._tell)
                self._leave_coded = self._coded.listen(("h264", "aac"), self._packer.put)
            else:
                self._coded.want_key("h264")
        return lambda: self._leave(from_key_on)

    def _leave(self, listener: FragmentListener) -> None:
        """The last one who leaves gets what was not cut yet: a film ends with its last picture."""
        with self._lock:
            if self._listeners == [listener]:
                self._leave_coded()
                if self._packer is not None:
                    self._packer.finish(1.0 / self._coded.feed.fps)
            self._listeners = [each for each in self._listeners if each is not listener]

    def _tell(self, fragment: Fragment) -> None:
        for listener in self._listeners:
            listener(fragment)


class Packer:
    """Packs the packets of one H.264 coder and one AAC coder."""

    def __init__(self, size: tuple[int, int], sound_setup: bytes, on_fragment: FragmentListener) -> None:
        self._size, self._sound_setup, self._on_fragment = size, sound_setup, on_fragment
        self._head = b""
        self._pictures: list[Coded] = []
        self._sound: list[Coded] = []
        self._number = 0

    def put(self, packet: Coded) -> None:
        """The next packet; a fragment is cut before a picture, once it is long enough or where the picture can be begun with."""
        if packet.kind == "aac":
            if packet.time >= 0:  # what the coder hears before the feed's 0 is its own run-up
                self._sound.append(packet)
            return
        if self._pictures:
            length_s = packet.at_s - self._pictures[0].at_s
            if packet.key or length_s >= FRAGMENT_S - TOLERANCE_S:
                self._cut(packet.time)
        if packet.key and not self._head:
            self._head = boxes.head(self._size, boxes.parameter_sets(packet.data), self._sound_setup)
        if self._head:
            self._pictures.append(packet)

    def finish(self, picture_s: float) -> None:
        """The last picture lasts so long, in seconds; what is left becomes a fragment."""
        if self._pictures:
            self._cut(self._pictures[-1].time + round(picture_s * PICTURE_HZ))

    def _cut(self, end: int) -> None:
        """Pack what came until now. end: when the last picture ends, in the pictures' clock."""
        pictures, sound = self._pictures, self._sound
        self._pictures, self._sound = [], []
        times = [*(each.time for each in pictures), end]
        samples = [
            Sample(boxes.picture_data(each.data), after - before, each.key)
            for each, (before, after) in zip(pictures, pairwise(times), strict=True)
        ]
        frames = [Sample(each.data, FRAME_SAMPLES) for each in sound]
        self._number += 1
        tracks = [(PICTURES, times[0], samples), (SOUND, sound[0].time if sound else 0, frames)]
        data = boxes.fragment(self._number, tracks)
        self._on_fragment(Fragment(self._head, data, pictures[0].key, pictures[0].at_s))
