"""A port of a worker on its own: `/metrics` for Prometheus and `/healthz` for whoever restarts what has died."""

from __future__ import annotations

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client import generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from core.errors import InputError
from jobs.figures import FIGURES

#: A client that asks nothing is let go after so long, in seconds.
PATIENCE_S = 10.0


class WorkerPort:
    """Serves in a thread of its own until `close`."""

    def __init__(self, port: int, alive: Callable[[], bool], host: str = "") -> None:
        """port: 0: any that is free. alive: whether the worker is well. Raises InputError where the port can't be had."""
        handler = type("Handler", (Handler,), {"alive": staticmethod(alive)})
        try:
            self._server = ThreadingHTTPServer((host, port), handler)
        except OSError as error:
            raise InputError("app.cannot_listen", host=host or "*", port=port, reason=error.strerror or error) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, name="worker-port", daemon=True).start()

    def close(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


class Handler(BaseHTTPRequestHandler):
    """The two answers."""

    alive: Callable[[], bool]
    timeout = PATIENCE_S

    def do_GET(self) -> None:
        """Figures, whether it lives, or nothing."""
        if self.path == "/metrics":
            self._answer(200, generate_latest(FIGURES.registry), CONTENT_TYPE_LATEST)
        elif self.path == "/healthz":
            well = self.alive()
            self._answer(
                200 if well else 503, b"ok\n" if well else b"the worker's threads have ended, or reach the jobs no more\n"
            )
        else:
            self._answer(404, b"there are /metrics and /healthz\n")

    def _answer(self, status: int, body: bytes, kind: str = "text/plain; charset=utf-8") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *values: object) -> None:
        """Who asks how often is nobody's business."""
