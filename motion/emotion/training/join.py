"""Joins several sets into one: `python -m motion.emotion.training.join OUT SET... [--shares 1 0.3]`.

The takes are linked where the disk allows it, else copied. Validation, test and training stay what they were in each set, and
licences and sources are listed. A share leaves out takes of a set's training evenly, so that no style or speaker outweighs all.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from core.errors import BelcantoError, InputError
from core.messages import as_written
from motion.emotion.training.take_files import write_facts
from motion.emotion.training.take_set import Take, TakeSet, read_set


def join(out: Path, sets: Sequence[TakeSet], shares: Sequence[float]) -> int:
    """Write the joined set; returns how many takes it has.

    shares: of each set's training takes, above 0 and at most 1. Raises InputError where two sets have one take's name, or `out`
    is not empty.
    """
    if out.is_dir() and any(out.iterdir()):
        raise InputError(as_written(f"{out} is not empty; name a folder that is not there yet."))
    if len(shares) != len(sets) or not all(0.0 < share <= 1.0 for share in shares):
        raise InputError(as_written(f"{len(sets)} shares above 0 and at most 1 are accepted, not {list(shares)}."))
    kept: dict[str, list[str]] = {"validation": [], "test": []}
    names: set[str] = set()
    for takes, share in zip(sets, shares, strict=True):
        parts = takes.parts()
        chosen = evenly(parts["training"], share)
        for part, others in kept.items():
            others += [take.name for take in parts[part]]
            chosen = (*chosen, *parts[part])
        twice = names & {take.name for take in chosen}
        if twice:
            raise InputError(as_written(f"Two sets have a take {min(twice)}; rename a speaker's folder."))
        names |= {take.name for take in chosen}
        for take in chosen:
            _bring(take, out)
    licence, source = (" + ".join(str(takes.facts.get(fact, "unknown")) for takes in sets) for fact in ("licence", "source"))
    write_facts(out, licence, source, kept)
    return len(names)


def evenly(takes: Sequence[Take], share: float) -> tuple[Take, ...]:
    """That share of the takes, evenly over their order."""
    return tuple(take for place, take in enumerate(takes) if int((place + 1) * share + 1e-9) > int(place * share + 1e-9))


def _bring(take: Take, out: Path) -> None:
    """Link or copy a take's files."""
    folder = out / take.speaker / take.style
    folder.mkdir(parents=True, exist_ok=True)
    for file in (take.sound, take.curves, take.truth):
        if file is not None:
            try:
                os.link(file, folder / file.name)
            except OSError:  # another disk, or one that knows no links
                shutil.copyfile(file, folder / file.name)


def main(arguments: Sequence[str] | None = None) -> int:
    """Join. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m motion.emotion.training.join", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT", help="folder of the joined set")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET", help="folders of the sets")
    parser.add_argument("--shares", type=float, nargs="+", help="of each set's training takes (default: all)")
    given = parser.parse_args(arguments)
    try:
        count = join(given.out, [read_set(folder) for folder in given.sets], given.shares or [1.0] * len(given.sets))
    except BelcantoError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{given.out}: {count} takes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
