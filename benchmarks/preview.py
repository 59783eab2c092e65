"""How long after the click three seconds of a film are there in the wizard: with nothing known, the song known, everything known.

`python -m benchmarks.preview [--portrait P] [--song S] [--start 0] [--end E] [--times 3] [--json]` starts the real server with a
folder of its own and asks as the wizard's page does; nothing is begun ahead. The cases come one after the other: the first of
all; one of another picture; some with one option changed, for which a process stands ready; and the same after the server was
started anew, where none does. Linux only.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import Machine, describe_machine
from benchmarks.programs import tree_processor_s
from benchmarks.sing import DEMO
from benchmarks.visitor import Form, Page, Visitor
from core.errors import InputError
from core.messages import as_written

#: What the project aims at, from the click on, once the song is known.
TARGET_S = 4.0
#: How often the page looks whether the preview is there, and how long it waits here at most.
LOOK_EVERY_S, PATIENCE_S = 0.3, 600.0
#: How long a process that stands ready is given to load.
LOADING_S = 15.0
NOTHING, SONG, BOTH, ANEW = "nothing known", "song known, another picture", "all known, another option", "the same, server anew"
AIMED_AT = (SONG, BOTH, ANEW)


@dataclass(frozen=True)
class Click:
    """From the click to the last byte of the film: seconds by the clock, and of all processors in the server and its children."""

    case: str
    seconds: float
    processor_s: float


@dataclass(frozen=True)
class Choice:
    """What is sung by whom, as the wizard's address has it."""

    song: str
    picture: str
    start: str
    end: str

    @property
    def address(self) -> str:
        """The wizard's last page."""
        return "/order?" + "&".join(f"{name}={value}" for name, value in vars(self).items() if value)


def click(server: LiveServer, visitor: Visitor, choice: Choice, case: str, **changes: str) -> Click:
    """Ask for the preview as the page does, until its film is here. Raises `InputError` where there is none."""
    form = Form(f"{server.url}/order/preview", "post", visitor.get(choice.address).form("order").fields)
    begin_s, spent_s = time.perf_counter(), tree_processor_s(server.pid)
    preview = told(visitor.submit(form, changes))
    while preview["state"] in ("queued", "running") and time.perf_counter() - begin_s < PATIENCE_S:
        time.sleep(LOOK_EVERY_S)
        preview = told(visitor.get(preview["links"]["self"]))
    if preview["state"] != "done":
        raise InputError(as_written(f"No preview ({case}): {preview['error'] or preview['state']}"))
    visitor.get(preview["links"]["file"])
    return Click(case, time.perf_counter() - begin_s, tree_processor_s(server.pid) - spent_s)


def told(page: Page) -> dict[str, Any]:
    """The preview that an answer tells of. Raises `InputError` with its sentence where it was refused."""
    answer: dict[str, Any] = json.loads(page.text)
    if "state" not in answer:
        raise InputError(as_written(f"{page.url} ({page.status}): {answer.get('detail', '')}"))
    return answer


def measure(portrait: Path, song: Path, part: tuple[str, str], times: int) -> Iterator[Click]:
    """All cases in their order. Raises `InputError` where a preview can't be had."""
    with tempfile.TemporaryDirectory(prefix="belcanto-benchmark-") as name:
        folder = Path(name)
        other = folder / f"other{portrait.suffix}"
        other.write_bytes(portrait.read_bytes() + b"\0")  # to the program another picture
        with LiveServer(folder / "data") as server:
            visitor = Visitor(server.url)
            chosen = visitor.upload("/music", song).query["song"]
            first, second = (visitor.upload(f"/image?song={chosen}", path).query["picture"] for path in (portrait, other))
            choice = Choice(chosen, first, *part)
            yield click(server, visitor, choice, NOTHING)
            time.sleep(LOADING_S)
            yield click(server, visitor, replace(choice, picture=second), SONG)
            for number in range(times):
                time.sleep(LOADING_S)
                yield click(server, visitor, choice, BOTH, seed=str(number + 1))
        for number in range(times):
            with server:
                yield click(server, visitor, choice, ANEW, seed=str(100 + number))


def table(clicks: Sequence[Click], machine: Machine) -> str:
    """The figures as a Markdown table, the middle one of several."""
    lines = [machine.sentence(), "", "| | seconds | of processor | within 4 s |", "|" + " --- |" * 4]
    for case in dict.fromkeys(each.case for each in clicks):
        own = [each for each in clicks if each.case == case]
        seconds = statistics.median(each.seconds for each in own)
        processor_s = statistics.median(each.processor_s for each in own)
        reached = ("yes" if seconds <= TARGET_S else "no") if case in AIMED_AT else ""
        lines.append(f"| {case} | {seconds:.1f} | {processor_s:.1f} | {reached} |")
    return "\n".join(lines)


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preview", description="How soon is a preview there?")
    parser.add_argument("--portrait", type=Path, default=DEMO / "portrait.jpg", metavar="P", help="default: the demo's")
    parser.add_argument("--song", type=Path, default=DEMO / "song.mp3", metavar="S", help="default: the demo's")
    parser.add_argument(
        "--start", default="", metavar="S", help="where the part begins, in seconds; default: the song's beginning"
    )
    parser.add_argument("--end", default="", metavar="S", help="where it ends; default: the song's end")
    parser.add_argument("--times", type=int, default=3, metavar="N", help="clicks of each case in which all is known; default 3")
    parser.add_argument("--json", action="store_true", help="end with one JSON object on stdout")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 2 unusable input, 3 something missing, 130 cancelled."""
    options = build_parser().parse_args(arguments)
    for path in (options.portrait, options.song):
        if not path.is_file():
            raise InputError(as_written(f"There is no file {path}."))
    machine, clicks = describe_machine(), []
    for each in measure(options.portrait, options.song, (options.start, options.end), options.times):
        clicks.append(each)
        print(f"{each.case}: {each.seconds:.1f} s", file=sys.stderr)
    found = {"machine": asdict(machine), "clicks": [asdict(each) for each in clicks]}
    print(json.dumps(found) if options.json else table(clicks, machine))
    return 0


if __name__ == "__main__":
    if sys.platform != "linux":
        sys.exit("The benchmark reads the processors' time of other processes from /proc, which this system lacks.")
    sys.exit(main())
