"""A feed as coded packets for all who stream or record it: each kind is coded once, while somebody wants it, in one thread.

The thread is behind the feed by a picture or two at most: where it can't keep up, pictures are dropped before they are coded,
sound never.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection
from dataclasses import dataclass

import av

from live.feed import Feed, Picture, SoundBlock
from live.streaming.coders import PICTURE_KINDS, Coded, CodingSettings, Kind, PictureCoder, SoundCoder

#: Pictures that may wait; then the oldest is dropped.
MOST_PICTURES = 4
#: Blocks of sound that may wait, ten seconds: a thread that is further behind has come to a stop, and memory is bounded.
MOST_BLOCKS = 500
log = logging.getLogger(__name__)
#: Called from the coding thread for every packet of its kinds; must return at once and never raise.
CodedListener = Callable[[Coded], None]


@dataclass(eq=False)
class _Listening:
    kinds: frozenset[Kind]
    listener: CodedListener


class CodedFeed:
    """The packets of one feed. All methods may be called from any thread."""

    def __init__(self, feed: Feed, settings: CodingSettings | None = None) -> None:
        self.feed, self._settings = feed, settings or CodingSettings()
        self._changed = threading.Condition()
        self._items: deque[Picture | SoundBlock] = deque()
        self._listening: list[_Listening] = []
        self._thread: threading.Thread | None = None
        self._wanted_keys: set[Kind] = set()
        self._counts: Counter[str] = Counter()

    @property
    def figures(self) -> dict[str, int]:
        """`pictures` and `blocks` that came, and how many of them were dropped: `late_pictures`, `lost_blocks`."""
        with self._changed:
            return {name: self._counts[name] for name in ("pictures", "blocks", "late_pictures", "lost_blocks")}

    @property
    def sound_setup(self) -> bytes:
        """AAC's own setup, as a film's head has it."""
        return bytes(SoundCoder("aac", self._settings).context.extradata)[:2]

    def listen(self, kinds: Collection[Kind], listener: CodedListener) -> Callable[[], None]:
        """Hand on the packets of these kinds; the next picture can be begun with. Calling what is returned ends that; after
        the last one's leaving no packet comes any more."""
        mine = _Listening(frozenset(kinds), listener)
        with self._changed:
            self._listening = [*self._listening, mine]
            self._wanted_keys |= mine.kinds
            if self._thread is None:
                self._items.clear()
                self._thread = threading.Thread(target=self._run, name="coding", daemon=True)
                self._thread.start()
        return lambda: self._leave(mine)

    def want_key(self, kind: Kind) -> None:
        """Somebody needs a picture to begin with."""
        with self._changed:
            self._wanted_keys.add(kind)

    def _leave(self, mine: _Listening) -> None:
        with self._changed:
            self._listening = [each for each in self._listening if each is not mine]
            if self._listening or self._thread is None:
                return
            thread, self._thread = self._thread, None
            self._changed.notify_all()
        if thread is not threading.current_thread():
            thread.join()

    def _put(self, item: Picture | SoundBlock) -> None:
        """Called by the feed."""
        with self._changed:
            if isinstance(item, Picture):
                self._counts["pictures"] += 1
                self._drop(Picture, MOST_PICTURES, "late_pictures")
            else:
                self._counts["blocks"] += 1
                self._drop(SoundBlock, MOST_BLOCKS, "lost_blocks")
            self._items.append(item)
            self._changed.notify_all()

    def _drop(self, kind: type[Picture | SoundBlock], most: int, name: str) -> None:
        waiting = [item for item in self._items if isinstance(item, kind)]
        if len(waiting) >= most:
            self._items.remove(waiting[0])
            self._counts[name] += 1

    def _run(self) -> None:
        """Code until nobody listens. The coders are there before the first item is taken: making them takes a moment, in which
        sound would pile up, and whoever hears it would be behind from the beginning."""
        coders = _Coders(self.feed, self._settings)
        coders.prepare(self._wanted())
        leave = self.feed.listen(self._put)
        try:
            while self._code_next(coders):
                pass
        finally:
            leave()

    def _wanted(self) -> frozenset[Kind]:
        return frozenset().union(*(each.kinds for each in self._listening))

    def _code_next(self, coders: _Coders) -> bool:
        """Code an item and hand its packets out, once there is one; False where nobody listens any more."""
        me = threading.current_thread()
        with self._changed:
            self._changed.wait_for(lambda: self._items or self._thread is not me)
            if self._thread is not me:
                return False
            item, wanted = self._items.popleft(), self._wanted()
            keys: set[Kind] = set()
            if isinstance(item, Picture):
                keys, self._wanted_keys = self._wanted_keys, keys
        packets = coders.code(item, wanted, keys)
        with self._changed:
            still = self._listening if self._thread is me else []
        for packet in packets:
            for each in still:
                if packet.kind in each.kinds:
                    each.listener(packet)
        return True


class _Coders:
    """The coders that are in use now."""

    def __init__(self, feed: Feed, settings: CodingSettings) -> None:
        self._feed, self._settings = feed, settings
        self._pictures: dict[Kind, PictureCoder] = {}
        self._sound: dict[Kind, SoundCoder] = {}

    def code(self, item: Picture | SoundBlock, wanted: Collection[Kind], keys: Collection[Kind]) -> list[Coded]:
        """The packets of an item; those that nobody wants any more are let go of."""
        for held in (self._pictures, self._sound):
            for kind in [kind for kind in held if kind not in wanted]:
                held.pop(kind)
        packets: list[Coded] = []
        for kind in wanted:
            if (kind in PICTURE_KINDS) is isinstance(item, Picture):
                packets += self._coded(kind, item, kind in keys)
        return packets

    def prepare(self, kinds: Collection[Kind]) -> None:
        """Make the coders of these kinds."""
        for kind in kinds:
            self._of_kind(kind)

    def _of_kind(self, kind: Kind) -> PictureCoder | SoundCoder:
        if kind == "h264" or kind == "vp8":
            if kind not in self._pictures:
                size = (self._feed.width, self._feed.height)
                self._pictures[kind] = PictureCoder(kind, size, self._feed.fps, self._settings)
            return self._pictures[kind]
        if kind not in self._sound:
            self._sound[kind] = SoundCoder(kind, self._settings)
        return self._sound[kind]

    def _coded(self, kind: Kind, item: Picture | SoundBlock, key: bool) -> list[Coded]:
        try:
            coder = self._of_kind(kind)
            if isinstance(coder, PictureCoder):
                assert isinstance(item, Picture)
                if key:
                    coder.want_key()
                return coder.code(item)
            assert isinstance(item, SoundBlock)
            return coder.code(item)
        except av.FFmpegError:  # a coder that has broken is made anew with the next item
            log.exception("coding %s failed", kind)
            self._pictures.pop(kind, None)
            self._sound.pop(kind, None)
            return []
