"""One session as the service holds it: its avatar, all that streams it, its film, and who uses it still."""

from __future__ import annotations

import asyncio
import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from core.contracts import FloatArray
from core.errors import InputError
from live.avatar import Avatar, AvatarOrder, Event
from live.service.limits import ServiceLimits
from live.service.problems import Conflict, Full, NoSuch
from live.streaming.addresses import IceSettings
from live.streaming.coded_feed import CodedFeed
from live.streaming.fragments import Fragments
from live.streaming.mjpeg import MotionJpeg
from live.streaming.recording import Recording

if TYPE_CHECKING:
    from live.streaming.webrtc import Peer

#: How often a request that needs the avatar looks whether it is ready, in seconds.
LOOK_S = 0.05
#: How long such a request waits, in seconds: meanwhile it holds a thread of the application.
PATIENCE_S = 5.0
#: Who sings along is active while the microphone is louder than this, of full scale.
HEARD_PEAK = 0.02
log = logging.getLogger(__name__)


class Session:
    """All methods are called on the service's loop, but for those that say so."""

    def __init__(self, owner: str, order: AvatarOrder, avatar: Avatar, limits: ServiceLimits, films: Path) -> None:
        """films: the folder that recordings lie in."""
        self.id, self.owner, self.mode = secrets.token_urlsafe(12), owner, order.mode
        self.avatar, self.limits, self._films = avatar, limits, films
        self.state, self.ended = "preparing", False
        self.begun_s = self.heard_s = self.active_s = time.monotonic()
        self.ended_s, self._over = 0.0, False
        self.peers: list[Peer] = []
        self.streams = self._looking = 0
        #: told once it has ended.
        self.on_end: list[Callable[[], None]] = []
        self.recording: Recording | None = None
        self._closing = threading.Lock()
        self._forget = avatar.listen(self._note)

    def _note(self, event: Event) -> None:
        """Something happened; from any thread."""
        if event.kind == "state":
            self.state = str(event.values.get("state", self.state))
        self._over = self._over or event.kind == "ended"
        if event.kind in ("heard", "caption", "state"):
            self.active_s = time.monotonic()

    @property
    def ready(self) -> bool:
        """Whether it can be seen."""
        return self.avatar.ready.is_set() and not self.avatar.failed

    def as_json(self) -> dict[str, Any]:
        """What is told of it."""
        feed = self.avatar.feed if self.ready else None
        figures = {**self.avatar.figures(), **self.coded.figures} if self.ready else {}
        return {
            "session": self.id,
            "owner": self.owner,
            "state": "ended" if self.ended else "failed" if self.avatar.failed else self.state,
            "ready": self.ready,
            "failed": self.avatar.failed or None,
            "width": feed and feed.width,
            "height": feed and feed.height,
            "fps": feed and feed.fps,
            "figures": figures,
            "mode": self.mode,
            "film": self.film is not None,
        }

    async def until_ready(self, patience_s: float = PATIENCE_S) -> None:
        """Wait for the avatar so long. Raises Conflict where it has failed or ended, or is not ready by then."""
        latest_s = time.monotonic() + patience_s
        while not self.avatar.ready.is_set() and not self.ended and time.monotonic() < latest_s:
            await asyncio.sleep(LOOK_S)
        self.check_runs()
        if not self.ready:
            raise Conflict("live.service.still_preparing")

    def check_runs(self) -> None:
        """Raises Conflict where it has ended, or failed."""
        if self.ended:
            raise Conflict("live.service.ended")
        if self.avatar.failed:
            raise Conflict("live.service.failed", reason=self.avatar.failed)

    @cached_property
    def coded(self) -> CodedFeed:
        """The feed as packets."""
        return CodedFeed(self.avatar.feed)

    @cached_property
    def fragments(self) -> Fragments:
        """The feed as fragments."""
        return Fragments(self.coded)

    @cached_property
    def mjpeg(self) -> MotionJpeg:
        """The feed's pictures as JPEGs."""
        return MotionJpeg(self.avatar.feed)

    def check_room(self) -> None:
        """Raises Full where it is streamed as often as it may be."""
        if self.streams >= self.limits.streams:
            raise Full("live.service.too_many_streams", most=self.limits.streams)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """A stream or a stream of events, for the time of the block. Raises Full where there are too many."""
        self.check_room()
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1
            self.heard_s = time.monotonic()

    def heard(self) -> bool:
        """Whether anybody looks or listens now; notes it."""
        used = self.streams > 0 or bool(self.peers)
        if used:
            self.heard_s = time.monotonic()
        return used

    def why_to_end(self) -> str:
        """Why it should end now, in words for the log; empty where it should not."""
        now_s, limits = time.monotonic(), self.limits
        if self._over:
            return "the avatar has ended"
        if not self.avatar.ready.is_set():
            self.heard_s = self.active_s = now_s
            return "it did not get ready" if now_s - self.begun_s > limits.preparing_s else ""
        if not self.heard() and now_s - self.heard_s > limits.unheard_s:
            return "nobody listens"
        return "nobody says anything" if now_s - self.active_s > limits.silent_s else ""

    def hear(self, block: FloatArray) -> None:
        """The microphone, (n,) float32 at `MICROPHONE_HZ`."""
        if self.mode == "sing" and len(block) and float(np.abs(block).max()) > HEARD_PEAK:
            self.active_s = time.monotonic()
        if not self.ended:
            self.avatar.hear(block)

    async def see(self, picture: bytes, anew: bool) -> bytes:
        """A picture of the camera, and what was drawn after it. Raises Full where too many wait, and what the avatar raises."""
        if self._looking >= self.limits.camera_pictures:
            raise Full("live.service.too_many_pictures", most=self.limits.camera_pictures)
        self._looking += 1
        try:
            return await asyncio.to_thread(self.avatar.see, picture, anew)
        finally:
            self._looking -= 1
            self.heard_s = time.monotonic()
            if self.state != "unseen":  # a camera that was left on before an empty chair is nobody's
                self.active_s = self.heard_s

    async def call(self, sdp: str, settings: IceSettings) -> str:
        """The answer to a browser's offer. Raises Full, and InputError for what is no offer."""
        from live.streaming.webrtc import Peer  # whose libraries take a moment to load

        await self.until_ready()
        if len(self.peers) >= self.limits.peers:
            raise Full("live.service.too_many_calls", most=self.limits.peers)
        peer = Peer(self.coded, self.hear, settings, self._hung_up)
        self.peers.append(peer)
        try:
            return await peer.answer(sdp)
        except InputError:
            await peer.close()
            raise

    def _hung_up(self, peer: Peer) -> None:
        if peer in self.peers:
            self.peers.remove(peer)
        self.heard_s = time.monotonic()

    @property
    def film(self) -> Path | None:
        """The recorded film, once it is whole."""
        done = self.recording is not None and not self.recording.going_on and self.recording.path.is_file()
        return self.recording.path if done and self.recording is not None else None

    async def record(self) -> None:
        """Begin a film; one that was recorded before gives way. Raises Conflict where one is being recorded."""
        await self.until_ready()
        if self.recording is not None and self.recording.going_on:
            raise Conflict("live.service.records_already")
        if self.recording is not None:
            self.recording.discard()
        self.recording = Recording(self.fragments, self._films / f"{self.id}.mp4", "Belcanto")

    async def stop_recording(self) -> None:
        """Make the film whole. Raises NoSuch where none was begun."""
        if self.recording is None:
            raise NoSuch("live.service.no_recording")
        await asyncio.to_thread(self.recording.stop)

    async def end(self, why: str = "") -> None:
        """The session is over: whoever streams it is told the end, and its film is made whole. why: for the log."""
        if self.ended:
            return
        self.ended, self.ended_s = True, time.monotonic()
        log.info("session %s has ended%s", self.id, f" ({why})" if why else "")
        for tell in list(self.on_end):
            tell()
        for peer in list(self.peers):
            await peer.close()
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        """In a thread: what waits for others."""
        with self._closing:
            if self.recording is not None and self.recording.going_on:
                with suppress(InputError):  # nothing was recorded, or the disk is full: the session ends all the same
                    self.recording.stop()
            self.avatar.close()
            self._forget()

    def forget(self) -> None:
        """Nobody asks for what is left of it any more."""
        if self.recording is not None:
            self.recording.discard()
