"""What ends with a session: streams of events that are open, and avatars that talk.

This process ends them at once. Where a session was ended elsewhere, by another process or from the terminal, a stream notices at
its next sign of life, and a watch that runs as long as avatars do.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection
from functools import partial

from flask import Flask, current_app
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.guarding import signed_in
from app.accounts.sessions import live_sessions
from app.context import database
from app.database import Database
from app.live.client import KEY as LIVE
from app.live.client import LiveClient
from core.errors import BelcantoError

#: Where the application keeps its `Avatars`, in `extensions`.
AVATARS = "belcanto_live_logins"
#: Where it keeps its `Streams` of events.
STREAMS = "belcanto_streams"
#: How often it is looked whether those who talk with avatars are still signed in, in seconds.
EVERY_S = 10.0
#: Avatars that are kept in mind: many more than run at once.
MOST = 500
log = logging.getLogger(__name__)


class Avatars:
    """Which avatar talks for which session of an account."""

    def __init__(self, base: Database, client: Callable[[], LiveClient], every_s: float = EVERY_S) -> None:
        self._base, self._client, self._every_s = base, client, every_s
        self._lock = threading.Lock()
        #: avatar: session of the account.
        self._logins: dict[str, str] = {}
        self._thread: threading.Thread | None = None

    def opened(self, avatar: str, login: str) -> None:
        """An avatar talks from now on."""
        with self._lock:
            self._logins[avatar] = login
            while len(self._logins) > MOST:
                self._logins.pop(next(iter(self._logins)))
            if self._thread is None:
                self._thread = threading.Thread(target=self._look_after, name="avatars", daemon=True)
                self._thread.start()

    def end(self, logins: Collection[str]) -> None:
        """End those of the sessions of these ids."""
        with self._lock:
            gone = [avatar for avatar, login in self._logins.items() if login in logins]
        for avatar in gone:
            try:
                self._client().forward("DELETE", f"/sessions/{avatar}").read()
            except BelcantoError as error:  # the process is down, and its avatars with it
                log.info("An avatar could not be ended: %s", error)
            with self._lock:
                self._logins.pop(avatar, None)

    def _look_after(self) -> None:
        while True:
            time.sleep(self._every_s)
            with self._lock:
                logins = set(self._logins.values())
                if not logins:
                    self._thread = None
                    return
            try:
                with self._base.session() as own:
                    left = live_sessions(own, list(logins))
            except SQLAlchemyError:
                log.exception("it could not be looked who is signed in; the next look is in a moment")
                continue
            self.end(logins - left)


def register_ending(app: Flask, base: Database) -> None:
    """Give the application what ends with sessions."""
    app.extensions[AVATARS] = Avatars(base, lambda: app.extensions.setdefault(LIVE, LiveClient()))


def end(session_ids: Collection[str]) -> None:
    """These sessions are over: end what they have open."""
    if not session_ids:
        return
    current_app.extensions[STREAMS].watch.end_all(session_ids)
    avatars: Avatars = current_app.extensions[AVATARS]
    avatars.end(session_ids)


def avatar_opened(avatar: str) -> None:
    """Whoever asks talks with an avatar from now on."""
    user = signed_in()
    if user is not None:
        avatars: Avatars = current_app.extensions[AVATARS]
        avatars.opened(avatar, user.session.id)


def login_of_stream() -> tuple[str | None, Callable[[], bool] | None]:
    """The session by which a stream is asked for, and what tells, in any thread, whether it goes on; None without accounts."""
    user = signed_in()
    return (None, None) if user is None else (user.session.id, partial(is_signed_in, database(), user.session.id))


def is_signed_in(base: Database, session_id: str) -> bool:
    """Whether the session goes on."""
    with base.session() as own:
        return bool(live_sessions(own, [session_id]))
