"""How much of the disk somebody gets who throws cookies away, and how long others wait meanwhile.

`python -m benchmarks.unfinished_uploads [--cookies 13] [--seconds 30] [--json]` starts the application on a folder of
its own. For every cookie it begins as many of the largest songs as the server takes, and sends their pieces as fast as they are
taken, never finishing one. Meanwhile a visitor opens a page once a tenth of a second.
"""

from __future__ import annotations

import argparse
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import describe_machine
from benchmarks.pages_under_load import percentile
from core.errors import InputError
from core.messages import as_written

PIECE = bytes(4_000_000)
SONG_BYTES = 300_000_000
MOST_UPLOADS = 25
PAUSE_S = 0.1
TIMEOUT_S = 60.0


@dataclass(frozen=True)
class UploadLoad:
    """What was asked for and taken. page_p95_ms: of the other visitor's pages."""

    begun: int
    refused: int
    announced_mb: float
    on_disk_mb: float
    page_median_ms: float
    page_p95_ms: float
    pages: int


class Client:
    """One cookie."""

    def __init__(self, url: str) -> None:
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=TIMEOUT_S)
        self.cookie = ""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer; the cookie that it brings is kept."""
        named = {name.replace("_", "-"): value for name, value in headers.items()} | {"Cookie": self.cookie}
        self.connection.request(method, path, body, named)
        answer = self.connection.getresponse()
        for value in answer.headers.get_all("Set-Cookie") or ():
            if value.startswith("belcanto_person="):
                self.cookie = value.partition(";")[0]
        return answer.status, answer.read()

    def begin(self) -> str | None:
        """The address of a new upload of the largest size; None where it is refused."""
        body = json.dumps({"kind": "song", "file_name": "a.mp3", "size_bytes": SONG_BYTES}).encode()
        status, text = self.ask("POST", "/api/v1/uploads", body, Content_Type="application/json")
        return json.loads(text)["links"]["self"] if status == 201 else None

    def fill(self, path: str, ended: threading.Event) -> None:
        """Send pieces until the upload is whole, one is refused or the time is over."""
        for offset in range(0, SONG_BYTES, len(PIECE)):
            if ended.is_set():
                return
            status, _ = self.ask("PATCH", path, PIECE, Content_Type="application/offset+octet-stream", Upload_Offset=str(offset))
            if status != 204:
                return


def run(server: LiveServer, folder: Path, cookies: int, seconds: float) -> UploadLoad:
    """The load, and what it came to."""
    ended, begun, times = threading.Event(), [], []
    lock = threading.Lock()
    refused = 0

    def take() -> None:
        nonlocal refused
        client = Client(server.url)
        paths = []
        for _ in range(MOST_UPLOADS):
            path = client.begin()
            with lock:
                if path is None:
                    refused += 1
                    continue
                begun.append(path)
            paths.append(path)
        for path in paths:
            client.fill(path, ended)

    threads = [threading.Thread(target=take) for _ in range(cookies)]
    for thread in threads:
        thread.start()
    other, end_s = Client(server.url), time.monotonic() + seconds
    while time.monotonic() < end_s:
        begin_s = time.perf_counter()
        other.ask("GET", "/music")
        times.append(1000 * (time.perf_counter() - begin_s))
        time.sleep(PAUSE_S)
    ended.set()
    for thread in threads:
        thread.join()
    times.sort()
    size = sum(path.stat().st_size for path in (folder / "uploads" / "incoming").iterdir())
    announced_mb = len(begun) * SONG_BYTES / 1e6
    return UploadLoad(len(begun), refused, announced_mb, size / 1e6, percentile(times, 0.5), percentile(times, 0.95), len(times))


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.unfinished_uploads", description="How much disk does who throws cookies away get?"
    )
    parser.add_argument("--cookies", type=int, default=13, metavar="N", help="cookies, each with uploads of its own")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="S", help="how long they send")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    if options.cookies < 1 or options.seconds <= 0:
        raise InputError(as_written("At least one cookie and some seconds are needed."))
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="belcanto-uploads-") as name, LiveServer(Path(name)) as server:
        taken = run(server, Path(name), options.cookies, options.seconds)
    if options.json:
        print(json.dumps({"machine": asdict(machine), "cookies": options.cookies, **asdict(taken)}))
    else:
        print(
            f"{options.cookies} cookies: {taken.begun} uploads begun, {taken.refused} refused, {taken.announced_mb:.0f} MB"
            f" announced, {taken.on_disk_mb:.0f} MB on the disk after {options.seconds:g} s.\n"
            f"Another visitor's page meanwhile: median {taken.page_median_ms:.0f} ms, 95 % within {taken.page_p95_ms:.0f} ms"
            f" ({taken.pages} pages)."
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
