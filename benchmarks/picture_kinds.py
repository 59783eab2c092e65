"""How often photos are taken for drawings, drawings for photos, and animals for people, in pictures as they arrive in life.

`python -m benchmarks.picture_kinds [--photos DIR] [--drawings DIR] [--animals DIR] [--people DIR] [--most N]
[--states NAME ...] [--json]`
degrades every picture of the folders in each way of `benchmarks/degraded.py` and asks the program what it is, as a
film would. Of photos and drawings it counts those that would go to the wrong engine; of animals those in which a human face is
found, and of people, their control, those in which none is. A picture that is both, a dog with its owner, belongs into no
folder.
"""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.degraded import DEGRADATIONS, brought_down
from benchmarks.ending import ends_in_words
from benchmarks.machine import describe_machine
from core.errors import InputError
from core.messages import as_written
from faces.faces import FaceFinder
from media.pictures import Picture, compose

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
KINDS = ("photos", "drawings", "animals", "people")


@dataclass
class Count:
    """Answers for one kind of picture in one state. wrong: names of the pictures for which the answer was wrong."""

    asked: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Part of the answers that were wrong, 0 to 1."""
        return len(self.wrong) / max(self.asked, 1)


def pictures_of(folder: Path, most: int | None = None) -> list[Path]:
    """Pictures of a folder by name; at most so many, evenly spread. Raises `InputError` where there is none."""
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES) if folder.is_dir() else []
    if not found:
        raise InputError(as_written(f"The folder {folder} has no pictures ({', '.join(SUFFIXES)})."))
    if most is None or most >= len(found):
        return found
    return [found[round(index)] for index in np.linspace(0, len(found) - 1, most)]


def as_decoded(picture: Image.Image) -> Picture:
    """A picture in memory as `load_picture` gives one of a file."""
    pixels = np.asarray(picture)
    if picture.mode != "RGBA":
        return Picture(np.ascontiguousarray(pixels), None)
    alpha = np.ascontiguousarray(pixels[..., 3])
    return Picture(compose(np.ascontiguousarray(pixels[..., :3]), alpha), None if (alpha == 255).all() else alpha)


def states_of(path: Path, states: Sequence[str]) -> Iterator[tuple[str, Picture]]:
    """The picture in each of the states."""
    with Image.open(path) as opened:
        whole = brought_down(opened)
    for name in states:
        yield name, as_decoded(DEGRADATIONS[name](whole))


def is_wrong(kind: str, picture: Picture, finder: FaceFinder, engines: Any) -> bool:
    """Whether the program would take the picture for something else. engines: `pipeline.engines`."""
    if kind in ("animals", "people"):
        return bool(finder.find(picture.image)) == (kind == "animals")
    return bool(engines.is_drawing(engines.without_border(picture))) != (kind == "drawings")


def measure(kind: str, paths: Sequence[Path], states: Sequence[str] = tuple(DEGRADATIONS)) -> dict[str, Count]:
    """Counts by state for pictures of one kind."""
    engines = importlib.import_module("pipeline.engines")
    counts = {name: Count() for name in states}
    with FaceFinder() as finder:
        for path in paths:
            for name, picture in states_of(path, states):
                counts[name].asked += 1
                if is_wrong(kind, picture, finder, engines):
                    counts[name].wrong.append(path.name)
            print(f"{kind}: {path.name}", file=sys.stderr)
    return counts


def total(counts: dict[str, Count]) -> Count:
    """All states together."""
    return Count(sum(each.asked for each in counts.values()), [name for each in counts.values() for name in each.wrong])


def table(results: dict[str, dict[str, Count]]) -> str:
    """The shares as a table in Markdown: a row a state, a column a kind."""
    kinds = list(results)
    rows = ["| state | " + " | ".join(f"{kind} wrong" for kind in kinds) + " |", "|---" * (len(kinds) + 1) + "|"]
    for name in results[kinds[0]]:
        cells = [f"{len(results[kind][name].wrong)} of {results[kind][name].asked}" for kind in kinds]
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    sums = [total(results[kind]) for kind in kinds]
    rows.append("| all | " + " | ".join(f"{len(one.wrong)} of {one.asked}, {one.share:.1%}" for one in sums) + " |")
    return "\n".join(rows)


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.picture_kinds", description=__doc__.split("\n")[0])
    for kind in KINDS:
        parser.add_argument(f"--{kind}", type=Path, metavar="DIR", help=f"folder of {kind}")
    parser.add_argument("--most", type=int, metavar="N", help="at most so many pictures of each folder")
    parser.add_argument("--states", nargs="+", choices=tuple(DEGRADATIONS), default=tuple(DEGRADATIONS), help="not all of them")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    options = parser.parse_args(arguments)
    folders = {kind: getattr(options, kind) for kind in KINDS if getattr(options, kind) is not None}
    if not folders:
        raise InputError(as_written("Give at least one folder: --photos, --drawings, --animals or --people."))
    results = {kind: measure(kind, pictures_of(folder, options.most), options.states) for kind, folder in folders.items()}
    if options.json:
        print(json.dumps({kind: {name: vars(count) for name, count in counts.items()} for kind, counts in results.items()}))
        return 0
    print(describe_machine().sentence())
    print(table(results))
    for kind, counts in results.items():
        for name, count in counts.items():
            if count.wrong:
                print(f"{kind}, {name}: {', '.join(count.wrong)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
