"""Whole uploads of spoilt files to a real server, in forms and in pieces, and what the server is like afterwards."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.canaries import Canaries, Watch
from benchmarks.fuzzing.kept import KeptTally
from benchmarks.fuzzing.mutations import spoilt
from benchmarks.fuzzing.seeds import Seed
from benchmarks.live_server import HOST, LiveServer
from benchmarks.programs import tree_mb

PREFIX = "/api/v1"
#: Which door takes a seed's kind.
DOORS = {"song": "song", "film": "clip", "picture": "picture"}
BOUNDARY = "----belcanto-spoilt"
ANSWER_S = 150.0
#: Every so many uploads one comes in pieces; memory is noted as often as `NOTE_EVERY`.
IN_PIECES, NOTE_EVERY = 5, 250
#: The same file, moved on, so that no run is like that of the inspector.
OTHER_RUN = 1_000_003
#: So much more than at first the server may hold at the end, in 10^6 bytes.
MOST_GROWN_MB = 150.0


@dataclass
class Met(KeptTally):
    """What came of the uploads. left: names of files in the server's folders at the end; memory_mb: of the server's processes."""

    left: list[str] = field(default_factory=list)
    memory_mb: list[float] = field(default_factory=list)
    examples: list[str] = field(default_factory=list)


class Visitor:
    """A visitor of the API, with a cookie."""

    def __init__(self, port: int) -> None:
        self._port, self._cookie = port, ""
        self._line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> tuple[int, dict[str, Any]]:
        """Status and JSON of the answer. Raises OSError and HTTPException where there is none."""
        if self._line is None:
            self._line = http.client.HTTPConnection(HOST, self._port, timeout=ANSWER_S)
        known = {"Cookie": self._cookie} if self._cookie else {}
        try:
            self._line.request(method, path, body, {**known, **(headers or {})})
            answer = self._line.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self._line.close()
            self._line = None
            raise
        for name, value in answer.getheaders():
            if name.lower() == "set-cookie":
                self._cookie = value.partition(";")[0]
        told: dict[str, Any] = json.loads(content) if content else {}
        return answer.status, told

    def give(self, door: str, name: str, data: bytes, in_pieces: bool) -> tuple[int, dict[str, Any]]:
        """Upload a file and wait for the answer to it."""
        status, told = self.in_pieces(door, name, data) if in_pieces else self.whole(door, name, data)
        while status == http.client.ACCEPTED or told.get("state") in ("waiting", "looking"):
            time.sleep(0.2)
            status, told = self.ask("GET", f"{PREFIX}/inspections/{told['id']}")
        return status, told

    def whole(self, door: str, name: str, data: bytes) -> tuple[int, dict[str, Any]]:
        """In a form."""
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        body = head + data + f"\r\n--{BOUNDARY}--\r\n".encode()
        return self.ask("POST", f"{PREFIX}/{door}s", body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})

    def in_pieces(self, door: str, name: str, data: bytes) -> tuple[int, dict[str, Any]]:
        """By a resumable upload."""
        announced = json.dumps({"kind": door, "file_name": name, "size_bytes": len(data)}).encode()
        status, made = self.ask("POST", f"{PREFIX}/uploads", announced, {"Content-Type": "application/json"})
        if status != http.client.CREATED:
            return status, made
        links, half = made["links"], len(data) // 2
        for offset, piece in ((0, data[:half]), (half, data[half:])):
            if piece:
                headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
                status, told = self.ask("PATCH", links["self"], piece, headers)
                if status >= http.client.BAD_REQUEST:
                    return status, told
        return self.ask("POST", links["finish"])

    def erase(self, door: str, row_id: str) -> int:
        """What was taken is destroyed again, so that no limit is met."""
        return self.ask("POST", f"{PREFIX}/{door}s/{row_id}/erase")[0]


def wrong_with(status: int, told: dict[str, Any], canaries: Canaries, watch: Watch) -> list[str]:
    """What is wrong with an answer."""
    wrong = [f"status {status}"] if status >= http.client.INTERNAL_SERVER_ERROR else []
    text = json.dumps(told)
    if status >= http.client.BAD_REQUEST and not str(told.get("detail", "")).endswith((".", "!")):
        wrong.append("no sentence of ours")
    if "Traceback" in text or "/site-packages" in text:
        wrong.append("insides told")
    if watch.opened():
        wrong.append("canary opened")
    if canaries.seen_in(text.encode()):
        wrong.append("canary told")
    return wrong


def give_over_http(seeds: Sequence[Seed], run: int, uploads: int, folder: Path, canaries: Canaries) -> Met:
    """Give so many files to a server of its own, from where an earlier call came to, and look at it afterwards."""
    state = folder / f"over_http_{run}.json"
    met, watch = Met.load(state), Watch(canaries)
    given = [seed for seed in seeds if seed.given in DOORS]
    data, temporary = folder / "served", folder / "temporary"
    temporary.mkdir(parents=True, exist_ok=True)
    with LiveServer(data, {"TMPDIR": str(temporary), "BELCANTO_MAX_WAITING_LOOKS": "50"}, worker=False) as server:
        visitor, pid = Visitor(server.port), server.pid
        begun_s, before_s, first = time.monotonic(), met.seconds, len(met.memory_mb)
        for number in range(met.done, uploads):
            seed = spoilt(given, run + OTHER_RUN, number)
            give_one(visitor, seed, number, met, canaries, watch)
            if number % NOTE_EVERY == NOTE_EVERY - 1:
                met.memory_mb.append(round(tree_mb(pid), 1))
                met.seconds = before_s + time.monotonic() - begun_s
                met.save(state)
            if not Path(f"/proc/{pid}").exists():
                met.failures["server ended"] += 1
                break
        met.seconds = before_s + time.monotonic() - begun_s
        met.failures.update(["server does not answer"] if not server.is_ready() else [])
    met.left = left_in(data / "uploads", temporary)
    met.failures.update(["file left"] * len(met.left))
    if len(met.memory_mb) > first + 2 and met.memory_mb[-1] - met.memory_mb[first + 1] > MOST_GROWN_MB:
        met.failures["memory grows"] += 1
    watch.close()
    met.save(state)
    return met


def give_one(visitor: Visitor, seed: Seed, number: int, met: Met, canaries: Canaries, watch: Watch) -> None:
    """One upload, and the erasing of what came of it."""
    door, begun_s = DOORS[seed.given], time.monotonic()
    try:
        status, told = visitor.give(door, seed.name, seed.data, number % IN_PIECES == 0)
        wrong = wrong_with(status, told, canaries, watch)
        if status == http.client.CREATED and "id" in told and visitor.erase(door, told["id"]) >= http.client.BAD_REQUEST:
            wrong.append("not erased")
        met.answers[str(status)] += 1
    except (OSError, http.client.HTTPException) as error:
        wrong, told = [f"no answer: {type(error).__name__}"], {}
    met.done, met.slowest_s = number + 1, max(met.slowest_s, time.monotonic() - begun_s)
    for each in wrong:
        met.failures[each] += 1
    if wrong:
        met.examples.append(f"{number} {seed.given} {seed.name}: {wrong} {json.dumps(told)[:400]}")


def left_in(*folders: Path) -> list[str]:
    """Files that are there still; a folder's own lock files are part of it."""
    found = []
    for folder in folders:
        with suppress(FileNotFoundError):
            found += [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]
    return found
