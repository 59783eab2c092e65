"""Ray's actors as those who draw: each holds the prepared portrait, and gives back what it encoded through Ray's store.

Ray (Moritz and others, "Ray: A Distributed Framework for Emerging AI Applications", OSDI 2018) is loaded only here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from core.errors import BelcantoError, InputError, MissingError
from core.messages import message_from_json
from core.places import SCALE_PINS, pip_install
from core.processor import usable_cores
from pipeline.chunks.crew import HandDied
from pipeline.chunks.drawing import ChunkDrawer, ChunkedFilm
from pipeline.chunks.grid import Chunk
from pipeline.chunks.settings import ExecutorSettings

SCALE_INSTALL = pip_install("ray", SCALE_PINS)
#: Room of Ray's store on this machine; in it lie one portrait and motion, and a part of a few megabytes for each worker.
STORE_BYTES = 256_000_000
LOOPBACK = "127.0.0.1"


class Worker:
    """The actor."""

    def __init__(self, film: ChunkedFilm) -> None:
        import numba

        numba.set_num_threads(1)
        self._film = film
        self._drawer: ChunkDrawer | None = None

    def part(self, chunk: Chunk) -> tuple[str, Any]:
        """ "part" and the bytes of one chunk, or what a person is told, which keeps its code on its way."""
        try:
            self._drawer = self._drawer or ChunkDrawer(self._film)
            return "part", self._drawer.part(chunk)
        except BelcantoError as error:
            return ("missing" if isinstance(error, MissingError) else "input"), error.message.as_json()


class RayHands:
    """See `Hands`."""

    def __init__(self, ray: Any, film: ChunkedFilm, count: int) -> None:
        self._ray, self.count = ray, count
        self._film = ray.put(film)
        self._actor = ray.remote(num_cpus=1)(Worker)
        self._actors = [self._actor.remote(self._film) for _ in range(count)]

    def begin(self, hand: int, chunk: Chunk) -> Any:
        """See `Hands`."""
        return self._actors[hand].part.remote(chunk)

    def done(self, tickets: list[Any], wait_s: float) -> list[Any]:
        """See `Hands`."""
        return list(self._ray.wait(tickets, num_returns=1, timeout=wait_s)[0])

    def result(self, ticket: Any) -> bytes:
        """See `Hands`."""
        try:
            kind, value = self._ray.get(ticket)
        except self._ray.exceptions.RayTaskError:
            raise  # a mistake of the program's: it would be made again
        except self._ray.exceptions.RayError as error:
            raise HandDied from error
        if kind == "part":
            return bytes(value)
        raise (MissingError if kind == "missing" else InputError)(message_from_json(value))

    def renew(self, hand: int) -> None:
        """See `Hands`."""
        self._actors[hand] = self._actor.remote(self._film)

    def end(self) -> None:
        """End all of them, whatever they do."""
        for actor in self._actors:
            self._ray.kill(actor)


@contextmanager
def ray_hands(film: ChunkedFilm, settings: ExecutorSettings) -> Iterator[RayHands]:
    """Those who draw, ended with the block. Raises `MissingError` without Ray, `InputError` where the cluster is not reached."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise MissingError("pipeline.chunks.no_ray", command=SCALE_INSTALL) from error
    began = not ray.is_initialized()
    # a new folder of this user's alone, with a short name: the names of Ray's sockets have a limit
    folder = tempfile.mkdtemp(prefix="bc-ray-", dir="/tmp") if began and not settings.address else None  # nosec B108
    try:
        if began:
            start(ray, settings, folder)
        count = settings.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
        hands = RayHands(ray, film, count)
        try:
            yield hands
        finally:
            hands.end()
    finally:
        if began:
            ray.shutdown()
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def start(ray: Any, settings: ExecutorSettings, folder: str | None) -> None:
    """Reach the cluster, or begin one on this machine that listens on loopback alone."""
    quiet = {"log_to_driver": False, "configure_logging": False}
    try:
        if settings.address:
            ray.init(address=settings.address, **quiet)
            return
        cores = settings.workers or usable_cores()
        local = {"num_cpus": cores, "num_gpus": 0, "object_store_memory": STORE_BYTES, "include_dashboard": False}
        ray.init(address="local", _node_ip_address=LOOPBACK, _temp_dir=folder, **local, **quiet)
    except (ConnectionError, RuntimeError, ValueError, OSError) as error:
        raise InputError("pipeline.chunks.no_cluster") from error
