"""The live service: an aiohttp application, and the process around it."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from aiohttp import web

from jobs.orphan_guard import PARENT_DIED, watch_pipe
from live.avatar import Avatar, AvatarOrder
from live.service.limits import ServiceLimits
from live.service.problems import guard
from live.service.routes import ICE, SESSIONS, TURNS, routes
from live.service.sessions import OpenAvatar, Sessions
from live.service.turns import OneAtATime
from live.streaming.addresses import IceSettings

HOST = "127.0.0.1"
#: The environment's variable of the key that every request must show.
KEY_VARIABLE = "BELCANTO_LIVE_KEY"
#: How long requests that are under way may take when the service ends, in seconds; its sessions have ended by then.
GRACE_S = 2.0
#: A service that could not end by then is ended by force: films that are being recorded take a second or two to become whole.
LATEST_S = 20.0
#: How long a thread may keep Python to itself while others wait, in seconds: sound goes out every 20 ms, beside what draws.
SWITCH_S = 0.001
log = logging.getLogger(__name__)


def open_real_avatar(order: AvatarOrder) -> Avatar:
    """An avatar that talks or sings."""
    from live.session.open import open_avatar  # whose libraries take a moment to load

    return open_avatar(order)


@dataclass(frozen=True)
class ServiceSettings:
    """key: what requests must show; empty: nothing. films: folder of recordings; None: one that goes with the process."""

    key: str = field(default="", repr=False)
    limits: ServiceLimits = field(default_factory=ServiceLimits)
    ice: IceSettings = field(default_factory=IceSettings)
    films: Path | None = None


def make_service(settings: ServiceSettings, open_avatar: OpenAvatar = open_real_avatar) -> web.Application:
    """The application."""
    app = web.Application(
        middlewares=[guard(settings.key, settings.limits.body_bytes)], client_max_size=settings.limits.body_bytes
    )
    app[SESSIONS] = Sessions(open_avatar, settings.limits, settings.films)
    app[ICE] = settings.ice
    app[TURNS] = {name: OneAtATime(settings.limits.waiting) for name in ("reply", "speech", "emotion")}
    app.add_routes(routes)

    async def begin(_: web.Application) -> None:
        app[SESSIONS].begin()

    async def close(_: web.Application) -> None:
        await app[SESSIONS].close()

    app.on_startup.append(begin)
    app.on_shutdown.append(close)  # before the connections are closed, so that streams end by themselves
    return app


async def run(settings: ServiceSettings, port: int, has_parent: bool, open_avatar: OpenAvatar = open_real_avatar) -> None:
    """Serve until SIGTERM or SIGINT; prints the port in a line of its own once it listens.

    has_parent: whoever started the service holds the other end of its stdin, and that one's end is the service's.
    """
    sys.setswitchinterval(SWITCH_S)
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, end.set)
    runner = web.AppRunner(make_service(settings, open_avatar), access_log=None, shutdown_timeout=GRACE_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, HOST, port).start()
        print(runner.addresses[0][1], flush=True)
        if has_parent:
            # unbuffered: a thread that waits in the buffered one would have Python abort at its end
            watch_pipe(os.fdopen(os.dup(0), "rb", buffering=0), lambda line: None, partial(tell, loop, end))
        await end.wait()
    finally:
        leave_by_force(LATEST_S, PARENT_DIED)
        await runner.cleanup()
        leave_by_force(GRACE_S, 0)  # work that nobody waits for any more, such as speech for a request, would hold it


def tell(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    """The parent has ended; from any thread."""
    with suppress(RuntimeError):  # so has the loop
        loop.call_soon_threadsafe(end.set)


def leave_by_force(after_s: float, exit_code: int) -> None:
    """End the process after a while, unless it has ended by itself."""
    timer = threading.Timer(after_s, os._exit, (exit_code,))
    timer.daemon = True
    timer.start()


def key_of_environment() -> str:
    """The key; the variable is taken away, so that no program that is started from here has it."""
    return os.environ.pop(KEY_VARIABLE, "")
