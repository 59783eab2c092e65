"""The live service in a thread of this process, with avatars that flash and beep, and the page that looks at them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from benchmarks.live_transport.flashes import FlashAvatar
from live.avatar import Avatar, AvatarOrder
from live.service.limits import ServiceLimits
from live.service.server import ServiceSettings, make_service
from live.service.sessions import warm_up
from live.streaming.addresses import LOOPBACK, IceSettings

HOST = "127.0.0.1"
PAGE = Path(__file__).with_name("page.html")
#: How long it may take to begin and to end, in seconds.
PATIENCE_S = 60.0


async def page(request: web.Request) -> web.FileResponse:
    """The page that looks at an avatar."""
    return web.FileResponse(PAGE)


class ServedHere:
    """A service that runs for the time of a `with` block. avatars: all that were opened, in order."""

    def __init__(
        self,
        limits: ServiceLimits | None = None,
        key: str = "",
        films: Path | None = None,
        open_avatar: Callable[[AvatarOrder], Avatar] = FlashAvatar,
    ) -> None:
        """key: what requests must show; empty: nothing."""
        self.avatars: list[Avatar] = []
        self.port = 0
        self._settings = ServiceSettings(key, limits or ServiceLimits(), IceSettings(own=(LOOPBACK,)), films)
        self._open_avatar = open_avatar
        self._loop, self._listens, self._end = asyncio.new_event_loop(), threading.Event(), asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="live-service", daemon=True)

    @property
    def url(self) -> str:
        """Its address, without a slash at the end."""
        return f"http://{HOST}:{self.port}"

    def _opened(self, order: AvatarOrder) -> Avatar:
        self.avatars.append(self._open_avatar(order))
        return self.avatars[-1]

    def _run(self) -> None:
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        app = make_service(self._settings, self._opened)
        app.router.add_get("/", page)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        await web.TCPSite(runner, HOST, 0).start()
        self.port = runner.addresses[0][1]
        self._listens.set()
        await self._end.wait()
        await runner.cleanup()

    def __enter__(self) -> ServedHere:
        warm_up()  # what a real avatar's getting ready leaves time for
        self._thread.start()
        if not self._listens.wait(PATIENCE_S):
            raise TimeoutError("The live service does not begin.")
        return self

    def __exit__(self, *problem: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            raise TimeoutError("The live service does not end.")
        self._loop.close()
