"""How quickly pages come while a film is being made and people click: the wizard's promise is 95% of them under 200 ms.

`python -m benchmarks.pages_under_load [--people 20] [--seconds 60] [--height 720] [--json]` starts the application on a
folder of its own, gives every visitor a song, a picture and a film of their own, and lets them open pages with a pause between
two clicks, while one film is being made, the others wait, and every visitor also holds the stream of events of a film open.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import Machine, describe_machine
from benchmarks.programs import ROOT
from benchmarks.visitor import Visitor
from core.errors import InputError
from core.messages import as_written

SONG, PORTRAIT = ROOT / "demo" / "song.mp3", ROOT / "demo" / "portrait.jpg"
LIMIT_MS, SHARE = 200.0, 0.95
#: Seconds between two clicks of one person: somebody who clicks quickly.
PAUSE_S = (1.0, 3.0)
#: How often each page is opened; `{film}`, `{song}`, `{picture}` are the visitor's own.
CLICKS: dict[str, int] = {
    "/": 2,
    "/music": 3,
    "/music?song={song}": 3,
    "/image?song={song}": 3,
    "/order?song={song}&picture={picture}": 4,
    "/films/{film}": 6,
    "/library": 4,
    "/guide": 1,
    "/about": 1,
    "/api/v1/films": 2,
}
START_LIMIT_S = 120.0


@dataclass(frozen=True)
class Click:
    """One page that was opened: which, how it answered, how long it took, and when, on the clock of `time.monotonic`."""

    page: str
    status: int
    ms: float
    at_s: float


@dataclass(frozen=True)
class Row:
    """Times of one page, or of all, in milliseconds; share: the part that came within the limit; failed: answers from 400 up."""

    page: str
    clicks: int
    median_ms: float
    p95_ms: float
    p99_ms: float
    slowest_ms: float
    share: float
    failed: int


def percentile(sorted_values: Sequence[float], part: float) -> float:
    """The smallest value that at least this part of the values does not exceed (nearest rank)."""
    rank = max(1, -(-len(sorted_values) * part // 1))
    return sorted_values[int(rank) - 1]


def row_of(page: str, clicks: Sequence[Click]) -> Row:
    """The figures of some clicks, at least one."""
    times = sorted(click.ms for click in clicks)
    return Row(
        page=page,
        clicks=len(times),
        median_ms=percentile(times, 0.5),
        p95_ms=percentile(times, 0.95),
        p99_ms=percentile(times, 0.99),
        slowest_ms=times[-1],
        share=sum(ms <= LIMIT_MS for ms in times) / len(times),
        failed=sum(click.status >= 400 for click in clicks),
    )


class Person:
    """A visitor with a song, a picture and a film."""

    def __init__(self, url: str) -> None:
        self.visitor = Visitor(url)
        song = self.visitor.upload("/music", SONG).query["song"]
        picture = self.visitor.upload(f"/image?song={song}", PORTRAIT).query["picture"]
        self.own = {"song": song, "picture": picture, "film": ""}

    def order(self, height: int) -> None:
        """Order a film of the whole song and remember its id. Raises `InputError` where the order is not taken."""
        page = self.visitor.get("/order?song={song}&picture={picture}".format(**self.own))
        answer = self.visitor.submit(page.form("order"), {"consent": "1", "height": str(height)})
        if "/films/" not in answer.url:
            raise InputError(as_written(f"The order was not taken: {answer.url} ({answer.status})."))
        self.own["film"] = answer.url.partition("/films/")[2].partition("?")[0]

    def state(self) -> tuple[str, str | None]:
        """State and stage of the film's job."""
        job = json.loads(self.visitor.get(f"/api/v1/films/{self.own['film']}").text)["job"]
        return job["state"], job["stage"]

    def listen(self, ended: threading.Event) -> None:
        """Hold the stream of events open, as the page of a film does, and open it again where the server ends it."""
        film = json.loads(self.visitor.get(f"/api/v1/films/{self.own['film']}").text)
        while not ended.is_set():
            self.visitor.stream(film["job"]["links"]["events"], ended)
            ended.wait(1.0)

    def click(self, seed: int, ended: threading.Event, note: Callable[[Click], None]) -> None:
        """Open pages until it is over."""
        chance = random.Random(seed)
        pages, weights = list(CLICKS), list(CLICKS.values())
        while not ended.wait(chance.uniform(*PAUSE_S)):
            page = chance.choices(pages, weights)[0]
            answer = self.visitor.get(page.format(**self.own))
            note(Click(page, answer.status, answer.seconds * 1000, time.monotonic()))


def run_load(url: str, people: int, seconds: float, height: int) -> list[Click]:
    """All clicks; a film was in the making all the while. Raises `InputError` where none was at the end."""
    visitors = [Person(url) for _ in range(people)]
    for visitor in visitors:
        visitor.order(height)
    first, ended, clicks = visitors[0], threading.Event(), list[Click]()
    wait_for(lambda: first.state()[0] == "running", "the first film to begin")
    threads = [threading.Thread(target=person.click, args=(seed, ended, clicks.append)) for seed, person in enumerate(visitors)]
    threads += [threading.Thread(target=person.listen, args=(ended,)) for person in visitors]
    try:
        for thread in threads:
            thread.start()
        time.sleep(seconds)
    finally:
        ended.set()
        for thread in threads:
            if thread.is_alive():
                thread.join()
    if not any(visitor.state()[0] == "running" for visitor in visitors):
        raise InputError(
            as_written("All films were done before the time was over; give it fewer --seconds or a larger --height.")
        )
    return clicks


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until it holds. Raises `InputError` where it takes too long."""
    deadline = time.monotonic() + START_LIMIT_S
    while not condition():
        if time.monotonic() > deadline:
            raise InputError(as_written(f"Waited {START_LIMIT_S:g} s for {what}."))
        time.sleep(0.5)


def figures(clicks: Sequence[Click]) -> list[Row]:
    """A row for each page and one for all, that one first."""
    pages = sorted({click.page for click in clicks})
    return [row_of("all", clicks), *(row_of(page, [click for click in clicks if click.page == page]) for page in pages)]


def table(rows: Sequence[Row], machine: Machine, people: int, seconds: float) -> str:
    """The figures as a Markdown table, and whether the promise is kept."""
    lines = [machine.sentence(), "", f"{people} people, {seconds:.0f} s with a film in the making.", ""]
    lines += [f"| page | clicks | median ms | 95% ms | 99% ms | slowest ms | within {LIMIT_MS:.0f} ms | failed |"]
    lines += ["|" + " --- |" * 8]
    for row in rows:
        times = " | ".join(f"{ms:.0f}" for ms in (row.median_ms, row.p95_ms, row.p99_ms, row.slowest_ms))
        lines.append(f"| `{row.page}` | {row.clicks} | {times} | {row.share:.1%} | {row.failed} |")
    kept = "yes" if keeps_promise(rows) else "no"
    return "\n".join([*lines, "", f"- {SHARE:.0%} of pages within {LIMIT_MS:.0f} ms, none failed: {kept}"])


def keeps_promise(rows: Sequence[Row]) -> bool:
    """Whether enough pages came in time, and none failed."""
    return rows[0].share >= SHARE and rows[0].failed == 0


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.pages_under_load", description="How quickly do pages come while a film is made?"
    )
    parser.add_argument("--people", type=int, default=20, metavar="N", help="visitors who click")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="how long they click")
    parser.add_argument("--height", type=int, default=720, metavar="PX", help="height of the film that is made meanwhile")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    machine = describe_machine()
    with tempfile.TemporaryDirectory(prefix="belcanto-load-") as name, LiveServer(Path(name)) as server:
        clicks = run_load(server.url, options.people, options.seconds, options.height)
    if not clicks:
        raise InputError(as_written("No page was opened; give it more --seconds."))
    rows = figures(clicks)
    if options.json:
        found = {
            "machine": asdict(machine),
            "people": options.people,
            "seconds": options.seconds,
            "rows": [asdict(row) for row in rows],
        }
        print(json.dumps(found | {"kept": keeps_promise(rows)}))
    else:
        print(table(rows, machine, options.people, options.seconds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
