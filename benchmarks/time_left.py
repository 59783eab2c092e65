"""How well the time left of a film is told: of the first on a machine, and of those after it.

`python -m benchmarks.time_left [--films N] [--traces FOLDER] [--json]` starts the application on a folder of its own and
orders films of the demo media, one after the other: a first one, a longer and larger one, the first anew with another take, one
larger still; then of other kinds, each twice: a text that is spoken, by a drawing, and with a look. While each is made its job is
asked for, as a page does. Aimed at: of what is told after a tenth of the way, all within 20 % of what came, for what is left then
or, near the end, within two seconds. With `--traces` the progress of each is kept, one JSON file a film, in the form of
`tests/jobs/traces`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.machine import describe_machine
from benchmarks.pages_under_load import Person
from benchmarks.sing import DEMO
from core.errors import InputError
from core.messages import as_written

ASK_EVERY_S = 0.4
#: A film that takes longer will not come.
LIMIT_S = 1800.0

#: From this part of the way on what is told must be right: within that share of what is left, or so many seconds near the end.
AFTER_PART, WITHIN, WITHIN_S = 0.1, 0.2, 2.0
SHORT_TEXT = "Good morning, and welcome to Maple Bay. My name is Amber, and I am happy to be your guide today. "


@dataclass(frozen=True)
class PlannedFilm:
    """A film to be made of the demo song; text: of that instead. picture: of `demo/`. more: further options of the form."""

    name: str
    start_s: float
    duration_s: float
    height: int
    seed: int = 0
    text: str = ""
    picture: str = "portrait.jpg"
    more: Mapping[str, str] = field(default_factory=dict)


PLAN = (
    PlannedFilm("cold", 2.0, 8.0, 360),
    PlannedFilm("cold_long", 0.0, 20.0, 480),
    PlannedFilm("warm", 2.0, 8.0, 360, seed=3),
    PlannedFilm("warm_larger", 0.0, 20.0, 720, seed=3),
    PlannedFilm("text_cold", 0.0, 6.0, 360, text=SHORT_TEXT),
    PlannedFilm("text_warm", 0.0, 18.0, 360, text=3 * SHORT_TEXT),
    PlannedFilm("drawing_cold", 2.0, 4.0, 256, picture="examples/drawn_red.jpg"),
    PlannedFilm("drawing_warm", 2.0, 8.0, 360, seed=3, picture="examples/drawn_red.jpg"),
    PlannedFilm("look_cold", 2.0, 4.0, 360, seed=4, more={"look": "ink"}),
    PlannedFilm("look_warm", 2.0, 8.0, 480, seed=4, more={"look": "ink"}),
)


@dataclass(frozen=True)
class Accuracy:
    """How the time left of a film was told, errors as shares of its length in time; longest_standstill_s: of one number.

    within: which part of what was told after a tenth of the way was right, see `WITHIN`.
    """

    film: str
    seconds: float
    first_told_s: float
    median_error: float
    worst_error: float
    within: float
    bar_went_back: bool
    longest_standstill_s: float


@dataclass(frozen=True)
class JobAnswer:
    """What a job said at a time, in seconds on the clock of `time.monotonic`."""

    at_s: float
    stage: str
    done: int
    total: int
    left_s: float
    share: float


def make_film(person: Person, planned: PlannedFilm, traces: Path | None) -> Accuracy:
    """Order a film and hold what is told while it is made against what it took. Raises `InputError` where there is no film."""
    address = order(person, planned)
    answers, deadline_s = list[JobAnswer](), time.monotonic() + LIMIT_S
    while (film := json.loads(person.visitor.get(address).text))["job"]["state"] in ("queued", "running"):
        if time.monotonic() > deadline_s:
            raise InputError(as_written(f"The film {planned.name} was not done within {LIMIT_S:g} s."))
        note(answers, film["job"])
        time.sleep(ASK_EVERY_S)
    if film["job"]["state"] != "done" or not answers:
        raise InputError(as_written(f"The film {planned.name} was not made: {film['job']['error']}"))
    end_s = time.monotonic()
    if traces is not None:
        keep_trace(traces / f"{planned.name}.json", planned, answers, end_s, (film["figures"] or {}).get("cached_stages", ()))
    return accuracy(planned.name, answers, end_s)


def order(person: Person, planned: PlannedFilm) -> str:
    """Order it as a page does; the API's address of its work. Raises `InputError` where it is not taken."""
    visitor = person.visitor
    picture = visitor.upload("/image", DEMO / planned.picture).query["picture"]
    options = {"consent": "1", "height": str(planned.height), "seed": str(planned.seed), **planned.more}
    if planned.text:
        said = {"text": planned.text, "picture": picture}
        page = visitor.submit(visitor.get(f"/say?say=on&picture={picture}").form("/say"), {**said, **options})
    else:
        part = f"&start={planned.start_s}&end={planned.start_s + planned.duration_s}"
        page = visitor.get(f"/order?song={person.own['song']}&picture={picture}{part}")
        page = visitor.submit(page.form("order"), options)
    found = re.search(r"/(?:films|works)/([0-9a-f]{32})", page.url)
    if found is None:
        raise InputError(as_written(f"The order was not taken: {page.url} ({page.status})."))
    return f"/api/v1/works/{found[1]}"


def note(answers: list[JobAnswer], job: dict[str, Any]) -> None:
    """Keep what the job says, once it says how long it takes."""
    if job["eta_s"] is not None:
        answers.append(JobAnswer(time.monotonic(), job["stage"], job["done"], job["total"], job["eta_s"], job["share"]))


def accuracy(name: str, answers: Sequence[JobAnswer], end_s: float) -> Accuracy:
    """What was told held against the second at which the film was there."""
    begin_s = answers[0].at_s
    errors = [abs(each.left_s - (end_s - each.at_s)) / (end_s - begin_s) for each in answers]
    return Accuracy(
        film=name,
        seconds=round(end_s - begin_s, 1),
        first_told_s=round(answers[0].left_s, 1),
        median_error=round(median(errors), 3),
        worst_error=round(max(errors), 3),
        within=round(share_within(answers, end_s), 3),
        bar_went_back=any(later.share < earlier.share for earlier, later in pairwise(answers)),
        longest_standstill_s=round(longest_standstill_s(answers), 1),
    )


def share_within(answers: Sequence[JobAnswer], end_s: float) -> float:
    """Which part of what was told after a tenth of the way was near enough to what came; 1 for a film that was too short."""
    begin_s = answers[0].at_s
    late = [each for each in answers if each.at_s - begin_s >= AFTER_PART * (end_s - begin_s)]
    right = [each for each in late if abs(each.left_s - (end_s - each.at_s)) <= max(WITHIN * (end_s - each.at_s), WITHIN_S)]
    return len(right) / len(late) if late else 1.0


def longest_standstill_s(answers: Sequence[JobAnswer]) -> float:
    """For how many seconds at most the same time left, to the second, was told."""
    longest_s, since_s, value = 0.0, answers[0].at_s, round(answers[0].left_s)
    for each in answers:
        if round(each.left_s) != value:
            since_s, value = each.at_s, round(each.left_s)
        longest_s = max(longest_s, each.at_s - since_s)
    return longest_s


def keep_trace(path: Path, planned: PlannedFilm, answers: Sequence[JobAnswer], end_s: float, cached: Sequence[str]) -> None:
    """Write the film's progress, [second, stage, done, total], each once."""
    begin_s, lines = answers[0].at_s, dict[tuple[str, int, int], float]()
    for each in answers:
        lines.setdefault((each.stage, each.done, each.total), round(each.at_s - begin_s, 2))
    told = [[at_s, *line] for line, at_s in lines.items()] + [[round(end_s - begin_s, 2), "end", 0, 0]]
    pixels = planned.height * planned.height  # the demo's portrait is square
    values = {"film_s": planned.duration_s, "pixels": pixels, "engine": "mesh", "cached": list(cached), "told": told}
    path.write_text(json.dumps(values) + "\n", encoding="utf-8")


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Make the films and print a table, or JSON; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.time_left", description="How well is the time left told?")
    parser.add_argument("--traces", type=Path, metavar="FOLDER", help="keep the films' progress here")
    parser.add_argument("--films", type=int, default=len(PLAN), metavar="N", help="only the first films (default: all)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args(arguments)
    if options.traces is not None:
        options.traces.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with LiveServer(folder / "data", {"BELCANTO_CACHE_DIR": str(folder / "cache")}) as server:
            person = Person(server.url)
            found = [make_film(person, planned, options.traces) for planned in PLAN[: options.films]]
    if options.json:
        print(json.dumps({"machine": asdict(describe_machine()), "films": [asdict(each) for each in found]}))
        return 0
    print(describe_machine().sentence())
    for each in found:
        print(
            f"{each.film}: {each.seconds} s, at first told {each.first_told_s} s; error median {each.median_error:.0%},"
            f" worst {each.worst_error:.0%} of the whole; "
            f" {each.within:.0%} within {WITHIN:.0%} after a tenth; longest standstill {each.longest_standstill_s} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
