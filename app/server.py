"""Serves the web interface with uvicorn, with a worker beside it: what `python -m app` runs."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import os
import signal
import socket
import sys
import threading
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import uvicorn
from flask import Flask

from app import create_app
from app.api.jobs import STREAMS
from app.api.sse import Streams
from app.client_address import networks
from app.handing_in import ADMIT
from app.health import KEY as HEALTH
from app.live.client import KEY as LIVE
from app.live.client import LiveClient
from app.live.process import LiveProcess
from app.services.engines import engine_states
from app.services.erasure import cache_dir
from app.serving.bridge import Bridge, WsgiApp
from app.serving.connections import Connection, Connections
from app.serving.settings import ServerSettings
from app.settings import AppSettings
from app.worker import make_worker, remove_left_films
from core.errors import InputError
from core.sandbox.sandbox import check as check_sandbox
from core.server_address import REACH_VARIABLE, Reach
from core.watching.traces import end_traces
from provenance.places import DIR_VARIABLE as SIGNING_DIR

#: A request has at most one file and its form.
FORM_BYTES = 1_000_000
#: How long answers that are under way may take after the server was told to end, in seconds.
GRACE_S = 3
#: File descriptors for all but connections.
OTHER_FILES = 200
BACKLOG = 1024
#: Room for what talking avatars record, in bytes.
RECORDED_BYTES = 500_000_000
#: The proxy of a Colab notebook runs beside the notebook.
COLAB_PROXY = "127.0.0.1"
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
    #: whether avatars that answer can be asked for: a second process beside this one.
    live: bool = True


class WebServer(uvicorn.Server):
    """Uvicorn with watched connections; `run` returns once it was told to end, by Ctrl+C, SIGTERM or `close`."""

    def __init__(self, config: uvicorn.Config, listener: socket.socket, connections: Connections, bridge: Bridge) -> None:
        super().__init__(config)
        self._listener, self._connections, self._bridge = listener, connections, bridge
        #: streams that end with the server.
        self.streams: Streams | None = None

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serve on the listener."""
        with suppress(KeyboardInterrupt):  # which uvicorn raises anew after it has ended well
            super().run(sockets or [self._listener])

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end."""
        if counter % 10 == 0:
            self._connections.look_after(asyncio.get_running_loop().time())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Have the streams end by themselves, and answers that are under way; what is left after a while is cut off."""
        if self.streams is not None:
            self.streams.watch.end_all()
        self._connections.cut_off_bodies()
        timer = asyncio.get_running_loop().call_later(GRACE_S, self._connections.cut_off)
        await super().shutdown(sockets)
        timer.cancel()
        self._bridge.close()

    def close(self) -> None:
        """Tell it to end; from any thread."""
        self.should_exit = True


def serve(options: ServeOptions) -> int:
    """Serve until SIGINT or SIGTERM; returns the exit code. Raises `InputError` where the address can't be had."""
    settings = AppSettings.from_environment()
    if options.data_dir is not None:
        settings = replace(settings, data_dir=options.data_dir.absolute())
    settings = settings.served_at(is_loopback(options.host))
    app = create_app(settings)
    if options.colab:
        # the mark in every form is checked as ever; which site a form came from can't be, behind a proxy that may hide its name
        app.config["WTF_CSRF_SSL_STRICT"] = False
    health = app.extensions[HEALTH]
    listener = listen(options.host, options.port)
    check_sandbox()
    server = make_server(app, listener, settings, options.colab)
    threading.Thread(target=engine_states, daemon=True).start()  # so that the first order's page need not wait for the answer
    worker = make_worker(settings, health.database, health.queue) if options.worker else None
    release = ExitStack()
    live = make_live(app, settings, options.host, release) if options.live else None
    remove_left_films(settings)
    signal.signal(signal.SIGTERM, end)
    if worker is not None:
        health.worker_alive = lambda: worker.alive
        worker.start()
    if live is not None:
        live.start()
    print(f"Belcanto is at {address(options.host, listener.getsockname()[1])} (Ctrl+C ends it)", flush=True)
    try:
        server.run()  # returns on Ctrl+C and SIGTERM
    finally:
        if live is not None:
            live.stop()
        if worker is not None:
            worker.stop()
        release.close()
        health.database.close()
        end_traces()
    return 0


def make_live(app: Flask, settings: AppSettings, host: str, release: ExitStack) -> LiveProcess:
    """The process of the avatars that answer, for the application; the caller starts and stops it, and then closes `release`.

    Where others than this machine are served at `host`, visitors may name public servers alone for an avatar's model.
    """
    client = app.extensions.setdefault(LIVE, LiveClient())
    reach = os.environ.get(REACH_VARIABLE) or (Reach.ANY if is_loopback(host) else Reach.PUBLIC).value
    environment = {"BELCANTO_CACHE_DIR": str(cache_dir(settings)), SIGNING_DIR: str(settings.signing_dir), REACH_VARIABLE: reach}
    if settings.encryption:  # what is recorded lies where working copies do
        environment["TMPDIR"] = str(release.enter_context(settings.vault.workspace.folder(RECORDED_BYTES)))
    return LiveProcess(client, environment)


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
        listener.listen(BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise InputError("app.port_taken", port=port, next=port + 1) from error
        raise InputError("app.cannot_listen", host=host, port=port, reason=error.strerror or error) from error
    return listener


def make_server(
    app: WsgiApp, listener: socket.socket, settings: AppSettings, colab: bool, server_settings: ServerSettings | None = None
) -> WebServer:
    """The server on the socket; bodies larger than any upload are refused before they are read."""
    chosen = server_settings or default_settings(settings)
    if colab:
        chosen = replace(chosen, trusted_proxies=(*chosen.trusted_proxies, *networks(COLAB_PROXY)))
    connections = Connections(chosen)
    extensions = getattr(app, "extensions", {})
    bridge = Bridge(app, chosen, settings.incoming_dir, extensions.get(ADMIT))
    protocol: Any = partial(Connection, connections)
    config = uvicorn.Config(
        bridge,
        http=protocol,
        ws="none",
        loop="asyncio",
        lifespan="off",
        log_config=None,
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=int(chosen.idle_s) + 1,  # our own clock is kept by `Connections`
        timeout_graceful_shutdown=GRACE_S + 2,
    )
    server = WebServer(config, listener, connections, bridge)
    server.streams = extensions.get(STREAMS)
    return server


def default_settings(settings: AppSettings) -> ServerSettings:
    """What this machine can hold, and what the limits and the environment say. Raises InputError for what is not accepted."""
    limits = settings.limits
    largest = max(limits.song_bytes, limits.picture_bytes, limits.clip_bytes, limits.piece_bytes) + FORM_BYTES
    return ServerSettings(
        connections=min(ServerSettings.connections, most_files() - OTHER_FILES),
        body_bytes=largest,
        body_bytes_per_address=2 * largest,
        free_bytes=settings.least_free_bytes,
        trusted_proxies=networks(settings.trusted_proxies),
    )


def most_files() -> int:
    """How many files and connections this process may have open; the system is asked for more where it allows more."""
    if sys.platform == "win32":
        return ServerSettings.connections + OTHER_FILES
    import resource

    wanted = ServerSettings.connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
            return most
    return wanted if soft == resource.RLIM_INFINITY else min(wanted, soft) if soft < most else most


def address(host: str, port: int) -> str:
    """The address that a person can open."""
    try:
        at = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}/"
    if at.is_unspecified:
        return f"http://127.0.0.1:{port}/"
    return f"http://[{host}]:{port}/" if at.version == 6 else f"http://{host}:{port}/"
