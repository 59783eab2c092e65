"""The live service with avatars that flash and beep, and what asks it."""

from __future__ import annotations

import http.client
import json
import time
from contextlib import contextmanager

from benchmarks.live_transport.flashes import FlashAvatar
from benchmarks.live_transport.served import ServedHere

KEY = "a key for tests"
#: Far more than anything takes here, even on a busy machine.
PATIENCE_S = 60.0


class Service(ServedHere):
    """A service that wants a key, and is asked."""

    def __init__(self, limits=None, prepare_s=0.0, films=None, open_avatar=None):
        super().__init__(limits, KEY, films, open_avatar or (lambda order: FlashAvatar(order, prepare_s)))
        self.key = KEY

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
