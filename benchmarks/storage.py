"""What a store costs beside the local disk: a player's ranges, a large file kept, a stage found instead of made, memory.

`python -m benchmarks.storage [--json]` starts a server that speaks S3's protocol (moto's) here, and a folder of its own;
files are sealed, as is the default. What a real network adds is not in it: the ratios are what the program's own ways cost.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import fsspec

from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.places import ROOT
from core.sealed_files import DataKey, new_data_key
from core.stores.files import LOCAL_DISK, Files
from core.stores.settings import StorageSettings
from core.vault import Vault
from core.workspace import Workspace
from pipeline.cache import CacheSettings, StageCache
from pipeline.shared_cache import SharedSettings
from pipeline.song_to_phrases import song_to_phrases

FILE_BYTES, PART_BYTES, BLOCK_BYTES = 100_000_000, 1 << 18, 1 << 20
SEEKS, START_S = 60, 60.0


@dataclass(frozen=True)
class Cost:
    """seek_*_ms: median until a player has the first 256 KB from a random place of a film of 100 MB. keep_*_s: until it is kept.

    grown_mb: by how much this process's memory grew at most while it was kept in the store and read from it as a whole.
    made_s, found_s: the phrases of the demo song with no result at hand, and with those of another machine in the store.
    """

    seek_disk_ms: float
    seek_store_ms: float
    keep_disk_s: float
    keep_store_s: float
    grown_mb: float
    made_s: float
    found_s: float


@dataclass(frozen=True)
class OneOwner:
    """Has one key for everybody; see `core.vault.Keys`."""

    key: DataKey

    def secret(self, key_id: bytes) -> bytes:
        """See `Keys`."""
        return self.key.secret

    def key_of(self, owner: str) -> DataKey:
        """See `Keys`."""
        return self.key

    def check(self, sealing: bool) -> None:
        """See `Keys`."""

    def keys_of(self, owner: str) -> list[DataKey]:
        """See `Keys`."""
        return [self.key]


@contextmanager
def store_here(folder: Path) -> Iterator[StorageSettings]:
    """A bucket of a server in a process of its own. Raises TimeoutError where it does not begin."""
    log = folder / "server.log"
    with log.open("wb") as sink:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        with subprocess.Popen(command, stdout=sink, stderr=sink) as server:
            try:
                # of a server of its own, which asks for none
                options = {"key": "k", "secret": "s", "endpoint_url": address_in(log)}  # nosec B105
                fsspec.filesystem("s3", **options).call_s3("create_bucket", Bucket="belcanto")
                yield StorageSettings("s3://belcanto/files", options)
            finally:
                server.terminate()


def address_in(log: Path) -> str:
    """Where the server says that it listens. Raises TimeoutError."""
    end_s = time.monotonic() + START_S
    while time.monotonic() < end_s:
        found = re.search(r"http://127\.0\.0\.1:\d+", log.read_text())
        if found:
            return found[0]
        time.sleep(0.1)
    raise TimeoutError("the server of the store did not begin")


def film_in(folder: Path) -> Path:
    """A file of that many random bytes: nothing but the sealing looks at them."""
    path = folder / "made.mp4"
    with path.open("wb") as file:
        for _ in range(0, FILE_BYTES, BLOCK_BYTES):
            file.write(os.urandom(BLOCK_BYTES))
    return path


def vault_of(files: Files, folder: Path) -> Vault:
    """A vault that seals, whose files lie there."""
    return Vault(Workspace(folder / "working"), OneOwner(new_data_key()), True, files)


def seconds_to_keep(vault: Vault, folder: Path) -> float:
    """Until a film is kept as `uploads/film.mp4`."""
    made = film_in(folder)
    begin_s = time.perf_counter()
    vault.keep(made, folder / "uploads" / "film.mp4", "somebody")
    return time.perf_counter() - begin_s


def seek_ms(vault: Vault, path: Path) -> float:
    """Median until the first part from a random place is there, the file opened each time as for a request of its own."""
    chance, taken = random.Random(4), []
    for _ in range(SEEKS):
        place = chance.randrange(FILE_BYTES - PART_BYTES)
        begin_s = time.perf_counter()
        with vault.open(path) as file:
            file.seek(place)
            assert len(file.read(PART_BYTES)) == PART_BYTES
        taken.append(1000 * (time.perf_counter() - begin_s))
    return statistics.median(taken)


class Memory:
    """By how much this process's memory grows at most during a block."""

    def __enter__(self) -> Memory:
        self._begin = self.most = resident_bytes()
        self._ended = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        return self

    def _look(self) -> None:
        while not self._ended.wait(0.01):
            self.most = max(self.most, resident_bytes())

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._watch.join()

    @property
    def grown_mb(self) -> float:
        """In 10^6 bytes."""
        return (self.most - self._begin) / 1e6


def resident_bytes() -> int:
    """This process's memory, from Linux's own account of it."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def phrases_s(folder: Path, shared: SharedSettings) -> float:
    """Seconds for the demo song's phrases, with an empty local folder."""
    begin_s = time.perf_counter()
    song_to_phrases(ROOT / "demo" / "song.mp3", cache=StageCache(CacheSettings(folder, shared=shared)))
    return time.perf_counter() - begin_s


def measure(folder: Path) -> Cost:
    """All of it, in that folder."""
    disk, away, elsewhere = folder / "disk", folder / "away", folder / "elsewhere"
    for each in (disk, away, elsewhere):
        (each / "uploads").mkdir(parents=True)
    with store_here(folder) as storage:
        local = vault_of(LOCAL_DISK, disk)
        remote = vault_of(storage.files(away, (away / "uploads",)), away)
        keep_disk_s = seconds_to_keep(local, disk)
        with remote.files.open(film_in(away)) as warm:  # the packages of stores are loaded before anything is timed
            warm.read(1)
        remote.files.check()
        with Memory() as memory:
            keep_store_s = seconds_to_keep(remote, away)
            # another machine, which has no copy
            reader = replace(remote, files=storage.files(elsewhere, (elsewhere / "uploads",)))
            with reader.open(elsewhere / "uploads" / "film.mp4") as file:
                while file.read(BLOCK_BYTES):
                    pass
        shared = SharedSettings("s3://belcanto/cache", storage.options)
        song_to_phrases(ROOT / "demo" / "song.mp3", cache=StageCache(CacheSettings(folder / "warm")))
        return Cost(
            seek_ms(local, disk / "uploads" / "film.mp4"),
            seek_ms(reader, elsewhere / "uploads" / "film.mp4"),
            keep_disk_s,
            keep_store_s,
            memory.grown_mb,
            phrases_s(folder / "one", shared),
            phrases_s(folder / "two", shared),
        )


def report(cost: Cost) -> str:
    """As a table."""
    rows = [
        f"first 256 KB from a random place   disk {cost.seek_disk_ms:8.1f} ms   store {cost.seek_store_ms:8.1f} ms",
        f"a film of 100 MB kept              disk {cost.keep_disk_s:8.2f} s    store {cost.keep_store_s:8.2f} s",
        f"phrases of a song                  made {cost.made_s:8.2f} s    found {cost.found_s:8.2f} s",
        f"memory grown while 100 MB were kept and read: {cost.grown_mb:.0f} MB",
    ]
    return "\n".join(rows)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.storage", description="What a store of files costs.")
    parser.add_argument("--json", action="store_true", help="print one object of JSON")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        cost = measure(Path(folder))
    if options.json:
        print(json.dumps({"machine": describe_machine().sentence(), **asdict(cost)}))
    else:
        print(report(cost))
    return 0


if __name__ == "__main__":
    sys.exit(main())
