"""What it costs that people's files are sealed: bytes a second, a film's time, the player's seeks, memory.

`python -m benchmarks.encryption [--json]` seals and opens a large file; makes a short film of the demo media as the worker does,
with the time of all sealing and opening in it; and starts the application on a folder of its own, in which a sealed film of
500 MB lies, of which a player takes parts at random places. The film's bytes are random: nothing but the sealing looks at them.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from app import create_app
from app.context import EXTENSION, PERSON_COOKIE
from app.models import Clip, new_id
from app.services.people import ensure_person
from app.settings import AppSettings
from app.workplace import sealed_place
from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import describe_machine
from benchmarks.pages_under_load import percentile
from core.entry_seal import EntrySeal, sealed_by
from core.places import ROOT
from core.sealed_files import SealedWriter, new_data_key, open_sealed
from core.vault import Vault
from core.work import WorkInput, WorkOrder
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.song_to_film import SONG_TO_FILM

MEGABYTE = 1_000_000
FILE_BYTES, FILM_BYTES = 400 * MEGABYTE, 500 * MEGABYTE
BLOCK_BYTES, PART_BYTES = 1 << 20, 1 << 18
SEEKS, FILM_S = 200, 10.0
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class Cost:
    """seal, open: 10^6 bytes a second, one thread, to and from the disk. film_s, sealing_s: of a film with a cold cache, and what
    of it all sealing and opening took; share: their ratio. seek_*: until a player has the first 256 KB from a random place.
    memory_mb: by how much the server's memory has grown at most while the whole film was sent.
    """

    seal_mb_per_s: float
    open_mb_per_s: float
    film_s: float
    sealing_s: float
    share: float
    seek_median_ms: float
    seek_p95_ms: float
    seek_most_ms: float
    memory_mb: float


def speeds(folder: Path) -> tuple[float, float]:
    """Sealing and opening a large file."""
    key, block = new_data_key(), os.urandom(BLOCK_BYTES)
    begin_s = time.perf_counter()
    with (folder / "large").open("wb") as file, SealedWriter(file, key) as sealed:
        for _ in range(FILE_BYTES // BLOCK_BYTES):
            sealed.write(block)
    sealed_s = time.perf_counter() - begin_s
    begin_s = time.perf_counter()
    with open_sealed(folder / "large", lambda _: key.secret) as opened:
        while opened.read(BLOCK_BYTES):
            pass
    opened_s = time.perf_counter() - begin_s
    (folder / "large").unlink()
    return FILE_BYTES / MEGABYTE / sealed_s, FILE_BYTES / MEGABYTE / opened_s


class Clock:
    """Adds up what calls take."""

    def __init__(self) -> None:
        self.spent_s = 0.0

    def timed(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """The same, its time counted."""

        def counted(*values: Any, **named: Any) -> Any:
            begin_s = time.perf_counter()
            try:
                return call(*values, **named)
            finally:
                self.spent_s += time.perf_counter() - begin_s

        return counted


@contextmanager
def sealing_timed(clock: Clock) -> Iterator[None]:
    """Count all sealing and opening of files and cache entries inside the block."""
    with (
        patch.object(Vault, "copy_into", clock.timed(Vault.copy_into)),
        patch.object(Vault, "keep", clock.timed(Vault.keep)),
        patch.object(Vault, "write_bytes", clock.timed(Vault.write_bytes)),
        patch.object(EntrySeal, "pack", clock.timed(EntrySeal.pack)),
        patch.object(EntrySeal, "unpack", clock.timed(EntrySeal.unpack)),
    ):
        yield


def film_cost(settings: AppSettings) -> tuple[float, float]:
    """Seconds of a film with a cold cache, made as the worker has it made, and what of them sealing and opening took."""
    vault, owner = settings.vault, new_id()
    given = {"song": ROOT / "demo" / "song.mp3", "portrait": ROOT / "demo" / "portrait.jpg"}
    inputs = {}
    for role, path in given.items():
        kept = settings.uploads.path(f"{role}-{new_id()}{path.suffix}")
        vault.write_bytes(kept, owner, path.read_bytes())
        inputs[role] = WorkInput(kept, path.stem)
    options = SONG_TO_FILM.settled({"duration_s": FILM_S, "height": SongToVideoSettings().height})
    outputs = {"film": settings.results.path(f"film-{new_id()}.mp4")}
    order = WorkOrder(new_id(), SONG_TO_FILM.name, inputs, options, outputs, owner=owner)
    clock, begin_s = Clock(), time.perf_counter()
    with sealing_timed(clock), sealed_place(vault, order) as place:
        with sealed_by(place.order.seal):
            SONG_TO_FILM.run(place.order, lambda stage, done, total: place.look())
        place.keep()
    return time.perf_counter() - begin_s, clock.spent_s


def large_film(settings: AppSettings) -> tuple[str, str]:
    """A film of a person's, sealed, in an application's folder; its id and the person's cookie."""
    app = create_app(settings)
    person, film_id = new_id(), new_id()
    name, block = f"clip-{film_id}.mp4", os.urandom(BLOCK_BYTES)
    with settings.vault.writer(settings.uploads.path(name), person) as file:
        for _ in range(FILM_BYTES // BLOCK_BYTES):
            file.write(block)
    with app.extensions[EXTENSION].database.session() as session:
        ensure_person(session, person)
        film = Clip(id=film_id, person_id=person, title="Film", search_text="film", file_name=name, has_file=True)
        film.size_bytes, film.sha256, film.mime = FILM_BYTES, "0" * 64, "video/mp4"
        film.duration_s, film.width, film.height, film.thumb_name = 600.0, 1920, 1080, ""
        session.add(film)
        session.commit()
    app.extensions[EXTENSION].database.close()
    return film_id, f"{PERSON_COOKIE}={app.extensions[EXTENSION].people.dumps(person)}"


def taken(url: str, path: str, cookie: str, begin: int | None) -> float:
    """Milliseconds until the first 256 KB are there from that byte on; all of it where none is named. Raises ConnectionError."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
    begin_s = time.perf_counter()
    headers = {"Cookie": cookie} | ({} if begin is None else {"Range": f"bytes={begin}-"})
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    if answer.status not in (200, 206):
        raise ConnectionError(f"The film is answered with {answer.status}.")
    answer.read(PART_BYTES)
    spent_ms = (time.perf_counter() - begin_s) * 1000
    while begin is None and answer.read(BLOCK_BYTES):
        pass
    connection.close()
    return spent_ms


def memory_mb(pid: int, name: str) -> float:
    """What the process has, or has had at most, in 10^6 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 / MEGABYTE for line in lines if line.startswith(name))


def seeks(settings: AppSettings) -> tuple[list[float], float]:
    """Milliseconds of seeks in a large film, and by how much sending all of it made the server's memory grow."""
    film_id, cookie = large_film(settings)
    path = f"/api/v1/clips/{film_id}/file"
    places = random.Random(17)
    with LiveServer(settings.data_dir, {"BELCANTO_ENCRYPTION": "on"}, worker=False) as server:
        taken(server.url, path, cookie, 0)
        before_mb = memory_mb(server.pid, "VmRSS")
        spent_ms = [taken(server.url, path, cookie, places.randrange(FILM_BYTES - PART_BYTES)) for _ in range(SEEKS)]
        taken(server.url, path, cookie, None)
        return spent_ms, memory_mb(server.pid, "VmHWM") - before_mb


def measure() -> Cost:
    """All of it."""
    with tempfile.TemporaryDirectory(prefix="belcanto-") as name:
        settings = AppSettings(data_dir=Path(name) / "data", encryption=True)
        settings.make_folders()
        seal, opening = speeds(Path(name))
        spent_ms, grown_mb = seeks(settings)
        with patch.dict(os.environ, {"BELCANTO_CACHE_DIR": str(Path(name) / "cold")}):
            film_s, sealing_s = film_cost(settings)
    ordered = sorted(spent_ms)
    rounded = [round(value, 1) for value in (percentile(ordered, 0.5), percentile(ordered, 0.95), ordered[-1], grown_mb)]
    share = round(sealing_s / film_s, 4)
    return Cost(round(seal, 1), round(opening, 1), round(film_s, 2), round(sealing_s, 3), share, *rounded)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encryption", description="What sealing costs.")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    cost = measure()
    if options.json:
        print(json.dumps({"machine": describe_machine(), **asdict(cost)}))
        return 0
    print(f"sealing {cost.seal_mb_per_s:.0f} MB/s, opening {cost.open_mb_per_s:.0f} MB/s")
    print(f"a film of {FILM_S:g} s: {cost.film_s:.1f} s, of which sealing and opening {cost.sealing_s:.2f} s ({cost.share:.1%})")
    print(
        f"seeks in {FILM_BYTES // MEGABYTE} MB: {cost.seek_median_ms} ms, 95 % {cost.seek_p95_ms} ms, most {cost.seek_most_ms} ms"
    )
    print(f"the server's memory grew by {cost.memory_mb} MB while all of it was sent")
    return 0


if __name__ == "__main__":
    sys.exit(main())
