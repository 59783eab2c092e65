"""Serves the web interface with waitress, with a worker beside it: what `python -m app` runs."""

from __future__ import annotations

import errno
import ipaddress
import logging
import signal
import socket
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from waitress import create_server

from app import create_app
from app.health import KEY as HEALTH
from app.services.engines import engine_states
from app.settings import AppSettings
from app.worker import make_worker, remove_left_films
from pipeline.errors import InputError

#: Threads that answer. Most of them wait: every open stream of a job's progress holds one.
THREADS = 40
#: A request has at most one file and its form.
FORM_BYTES = 1_000_000
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServeOptions:
    """How the server is reached, and what runs beside it."""

    #: address to listen on; only this machine by default.
    host: str = "127.0.0.1"
    #: port to listen on; 0: any that is free.
    port: int = 5000
    #: whether films are made in this process's worker; else `python -m app.worker` makes them.
    worker: bool = True
    #: whether a Colab notebook shows the pages: its proxy says who asked for what.
    colab: bool = False
    #: folder with `uploads/` and `results/`; None: what the environment says, else the checkout.
    data_dir: Path | None = None


def serve(options: ServeOptions) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code. Raises `InputError` where the address can't be had."""
    settings = AppSettings.from_environment()
    if options.data_dir is not None:
        settings = replace(settings, data_dir=options.data_dir.absolute())
    app = create_app(settings)
    if options.colab:
        # the mark in every form is checked as ever; which site a form came from can't be, behind a proxy that may hide its name
        app.config["WTF_CSRF_SSL_STRICT"] = False
    health = app.extensions[HEALTH]
    listener = listen(options.host, options.port)
    server = make_server(app, listener, settings, options.colab)
    threading.Thread(target=engine_states, daemon=True).start()  # so that the first order's page need not wait for the answer
    worker = make_worker(settings, health.database, health.queue) if options.worker else None
    remove_left_films(settings)
    signal.signal(signal.SIGTERM, end)
    if worker is not None:
        health.worker_alive = lambda: worker.alive
        worker.start()
    print(f"Belcanto is at {address(options.host, listener.getsockname()[1])} (Ctrl+C ends it)", flush=True)
    try:
        server.run()  # returns on Ctrl+C and SIGTERM
    finally:
        if worker is not None:
            worker.stop()
        server.close()
        health.database.close()
    return 0


def end(number: int, frame: object) -> None:
    """SIGTERM: as Ctrl+C."""
    raise KeyboardInterrupt


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises `InputError` where there is already one, or the address is none of this machine's."""
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(target)
        listener.listen(1024)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError(f"Port {port} is taken already; name another, for example: --port {port + 1}") from error
        raise InputError(f"The server can't listen at {host}, port {port} ({error.strerror or error}).") from error
    return listener


def make_server(app: Any, listener: socket.socket, settings: AppSettings, colab: bool) -> Any:
    """Waitress on the socket; bodies larger than any upload are refused before they are read."""
    proxy = {"trusted_proxy": "127.0.0.1", "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-host"}} if colab else {}
    limits = settings.limits
    largest = max(limits.song_bytes, limits.picture_bytes, limits.piece_bytes) + FORM_BYTES
    return create_server(app, sockets=[listener], threads=THREADS, max_request_body_size=largest, ident=None, **proxy)


def address(host: str, port: int) -> str:
    """The address that a person can open."""
    try:
        at = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}/"
    if at.is_unspecified:
        return f"http://127.0.0.1:{port}/"
    return f"http://[{host}]:{port}/" if at.version == 6 else f"http://{host}:{port}/"
