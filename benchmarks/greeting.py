"""How soon a picture moves that somebody has just given to a server that was just started.

`python -m benchmarks.greeting [--portrait P] [--times 3] [--reads 0 5 20] [--json]` starts the real server anew each time, with a
folder of its own, opens the wizard as a visitor does who reads each page for so many seconds, gives the picture, and asks for it
moving as the page does: from the page that shows the picture to the last byte of its film.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import describe_machine
from benchmarks.preview import told
from benchmarks.sing import DEMO
from benchmarks.visitor import Form, Visitor
from core.errors import InputError
from core.messages import as_written

#: What the project aims at, from the page that shows the picture on.
TARGET_S = 3.0
LOOK_EVERY_S, PATIENCE_S = 0.25, 300.0


@dataclass(frozen=True)
class Greeting:
    """reads_s: for how long each page was read. looked_at_s: from the file's upload to the page that shows it. seconds: from
    there to the film that moves; bytes: of that.
    """

    reads_s: float
    looked_at_s: float
    seconds: float
    bytes: int


def measure(folder: Path, portrait: Path, reads_s: float) -> Greeting:
    """One visitor's way. Raises `InputError` where there is no film."""
    with LiveServer(folder / "data", {"BELCANTO_CACHE_DIR": str(folder / "cache")}) as server:
        visitor = Visitor(server.url)
        visitor.get("/music")
        time.sleep(reads_s)
        visitor.get("/image")
        time.sleep(reads_s)
        begin_s = time.perf_counter()
        shown = visitor.upload("/image", portrait)
        seen_s = time.perf_counter()
        if "picture" not in shown.query:
            raise InputError(as_written(f"The picture was not taken: {shown.url} ({shown.status})."))
        fields = {**shown.form("/image").fields, **shown.query, "csrf_token": shown.form("/language").fields["csrf_token"]}
        state = told(visitor.submit(Form(f"{server.url}/image/greeting", "post", fields)))
        while state["state"] in ("queued", "running") and time.perf_counter() - seen_s < PATIENCE_S:
            time.sleep(LOOK_EVERY_S)
            state = told(visitor.get(state["at"]))
        if state["state"] != "done":
            raise InputError(as_written(f"It did not move: {state['error'] or state['state']}"))
        film = visitor.get(state["film"])
        return Greeting(reads_s, round(seen_s - begin_s, 2), round(time.perf_counter() - seen_s, 2), len(film.text))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.greeting", description="How soon does a picture move?")
    parser.add_argument("--portrait", type=Path, default=DEMO / "portrait.jpg", metavar="P", help="default: the demo's")
    parser.add_argument("--times", type=int, default=3, metavar="N", help="visitors of each kind, each with a server anew")
    parser.add_argument("--reads", type=float, nargs="+", default=[0.0, 5.0], metavar="S", help="seconds that a page is read")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    options = parser.parse_args(arguments)
    if not options.portrait.is_file():
        raise InputError(as_written(f"There is no file {options.portrait}."))
    found = []
    for reads_s in options.reads:
        for _ in range(options.times):
            with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
                found.append(measure(Path(name), options.portrait, reads_s))
            print(f"read for {reads_s:g} s: {found[-1].seconds:.1f} s", file=sys.stderr)
    if options.json:
        print(json.dumps({"machine": asdict(describe_machine()), "greetings": [asdict(each) for each in found]}))
        return 0
    print(describe_machine().sentence())
    for reads_s in options.reads:
        own = [each for each in found if each.reads_s == reads_s]
        middle, slowest = statistics.median(each.seconds for each in own), max(each.seconds for each in own)
        looked_at_s = statistics.median(each.looked_at_s for each in own)
        print(
            f"each page read for {reads_s:g} s: the picture moves {middle:.1f} s after it is shown (slowest {slowest:.1f} s,"
            f" aim {TARGET_S:g} s), and is shown {looked_at_s:.1f} s after its upload began"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
