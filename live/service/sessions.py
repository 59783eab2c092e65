"""All sessions of the service: opened within the limits, found, and ended when nobody uses them."""

from __future__ import annotations

import asyncio
import importlib
import logging
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path

from core.errors import InputError
from live.avatar import Avatar, AvatarOrder
from live.service.limits import ServiceLimits
from live.service.problems import Full, NoSuch
from live.service.session import Session
from live.streaming.coders import CodingSettings, PictureCoder

#: How often it is looked whether a session is still used, in seconds.
LOOK_S = 1.0
log = logging.getLogger(__name__)
OpenAvatar = Callable[[AvatarOrder], Avatar]


@cache
def warm_up() -> None:
    """Load what the first stream of this process would wait for, while the first avatar gets ready: coders and calls."""
    importlib.import_module("live.streaming.webrtc")
    PictureCoder("h264", (64, 64), 25.0, CodingSettings())


class Sessions:
    """Lives on the service's loop."""

    def __init__(self, open_avatar: OpenAvatar, limits: ServiceLimits, films: Path | None = None) -> None:
        """films: the folder of recordings; None: one that goes with the service."""
        self.limits, self._open_avatar = limits, open_avatar
        self._own_films = None if films else tempfile.TemporaryDirectory(prefix="belcanto_live_")
        self._films = films or Path(self._own_films.name if self._own_films else "")
        self._sessions: dict[str, Session] = {}
        self._opening: list[str] = []
        self._watch: asyncio.Task[None] | None = None

    @property
    def running(self) -> list[Session]:
        """Those that have not ended."""
        return [session for session in self._sessions.values() if not session.ended]

    @property
    def all(self) -> list[Session]:
        """Those that run, and those that have ended and are kept for a while."""
        return list(self._sessions.values())

    def begin(self) -> None:
        """Begin to look after them."""
        self._watch = asyncio.ensure_future(self._look_after())

    async def open(self, owner: str, order: AvatarOrder) -> Session:
        """A new one. Raises Full where there are as many as may be, and what opening an avatar raises."""
        owners = [session.owner for session in self.running] + self._opening
        if len(owners) >= self.limits.sessions:
            raise Full("live.full", most=self.limits.sessions)
        if owners.count(owner) >= self.limits.of_owner:
            raise Full("live.service.full_of_owner", most=self.limits.of_owner)
        self._opening.append(owner)
        threading.Thread(target=warm_up, name="warm-up", daemon=True).start()
        try:
            avatar = await asyncio.to_thread(self._open_avatar, order)
        finally:
            self._opening.remove(owner)
        session = Session(owner, order, avatar, self.limits, self._films)
        self._sessions[session.id] = session
        return session

    def named(self, session_id: str) -> Session:
        """The session. Raises NoSuch."""
        if session_id not in self._sessions:
            raise NoSuch("live.service.no_such_session")
        return self._sessions[session_id]

    async def remove(self, session: Session) -> None:
        """End it and keep nothing of it."""
        await session.end()
        self._sessions.pop(session.id, None)
        session.forget()

    async def _look_after(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            for session in self.running:
                if why := session.why_to_end():
                    with suppress(InputError):
                        await session.end(why)
            await self._forget_old()

    async def _forget_old(self) -> None:
        """Those that have ended long ago, or that have nothing to ask for, are forgotten; of the others the newest stay."""
        over = sorted((each for each in self.all if each.ended), key=lambda each: each.ended_s)
        latest_s = time.monotonic() - self.limits.kept_s
        for place, session in enumerate(over):
            if session.ended_s < latest_s or place < len(over) - self.limits.kept:
                await self.remove(session)

    async def close(self) -> None:
        """End all; films that are being recorded become whole. They stay where the folder was named."""
        if self._watch is not None:
            self._watch.cancel()
        await asyncio.gather(*(session.end("the service ends") for session in self.running), return_exceptions=True)
        if self._own_films is not None:
            self._own_films.cleanup()
