"""The live service in a thread, with avatars that flash and beep, and what asks it."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import time
from contextlib import contextmanager

from aiohttp import web

from benchmarks.live_transport.flashes import FlashAvatar
from live.service.limits import ServiceLimits
from live.service.server import ServiceSettings, make_service
from live.streaming.addresses import LOOPBACK, IceSettings

KEY = "a key for tests"
#: Far more than anything takes here, even on a busy machine.
PATIENCE_S = 60.0


class Service:
    """A service that runs. avatars: all that were opened."""

    def __init__(self, limits=None, prepare_s=0.0, films=None, key=KEY, open_avatar=None, extra=lambda app: None):
        self.avatars, self.key = [], key

        def opened(order):
            self.avatars.append((open_avatar or (lambda order: FlashAvatar(order, prepare_s)))(order))
            return self.avatars[-1]

        self._settings = ServiceSettings(key, limits or ServiceLimits(), IceSettings(own=(LOOPBACK,)), films)
        self._open, self._extra = opened, extra
        self.port, self.loop = 0, asyncio.new_event_loop()
        self._listens, self._end = threading.Event(), asyncio.Event()
        self.app = None

    async def _serve(self):
        self.app = make_service(self._settings, self._open)
        self._extra(self.app)
        runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=2)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.port = runner.addresses[0][1]
        self._listens.set()
        await self._end.wait()
        await runner.cleanup()

    def __enter__(self):
        self._thread = threading.Thread(target=lambda: self.loop.run_until_complete(self._serve()), daemon=True)
        self._thread.start()
        assert self._listens.wait(PATIENCE_S)
        return self

    def __exit__(self, *problem):
        self.loop.call_soon_threadsafe(self._end.set)
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive()
        self.loop.close()

    def ask(self, method, path, body=None, headers=None, timeout_s=PATIENCE_S):
        """(status, content): JSON where it is that."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        try:
            line.request(method, path, data, {"X-Belcanto-Live-Key": self.key, **(headers or {})})
            answer = line.getresponse()
            content = answer.read()
            is_json = "json" in (answer.headers["Content-Type"] or "")
            return answer.status, json.loads(content) if is_json else content
        finally:
            line.close()

    def open(self, portrait, owner="somebody", **order):
        """A new session's id."""
        status, told = self.ask("POST", "/sessions", {"owner": owner, "portrait": str(portrait), "height": 128, **order})
        assert status == 201, told
        return told["session"]

    @contextmanager
    def stream(self, path, headers=None):
        """An answer that is read while it comes."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_S)
        try:
            line.request("GET", path, headers={"X-Belcanto-Live-Key": self.key, **(headers or {})})
            yield line.getresponse()
        finally:
            line.close()


def wait_until(holds, limit_s=PATIENCE_S):
    latest_s = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < latest_s
        time.sleep(0.02)
