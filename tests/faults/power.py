"""What a disk may hold after a power loss: names and bytes that nobody had asked to be safe may be gone.

A model after POSIX, stricter than most file systems: a file's bytes are safe once it was synced and not changed since; a name is
safe once its folder was synced. Of the steps in a folder since then any first part has been done, and no other, as a journal
has it. SQLite writes by itself: a commit is safe where its setting is FULL; where it is NORMAL the end of its log may be gone.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import defaultdict
from pathlib import Path

from app.database import SQLITE_SETTINGS

#: Frames of SQLite's log stand after a header (file format, 4.1), each with a header of its own before a page.
WAL_HEADER, FRAME_HEADER = 32, 24
SQLITE = (".sqlite3", ".sqlite3-wal", ".sqlite3-shm")


def steps_of(folder: Path) -> list[dict]:
    """The log, in order; a last line that was not written as a whole is left out."""
    log = folder / "steps.log"
    return [json.loads(line) for line in log.read_text().splitlines() if line.endswith("}")] if log.exists() else []


def lose_power(data: Path, faults: Path, chance: random.Random) -> list[str]:
    """Make of the data folder, at which no process is any more, what a disk could have; says what was lost."""
    steps = steps_of(faults)
    lost = undo_names(steps, faults / "stash", chance)
    lost += undo_bytes(data, steps, chance)
    if "synchronous=FULL" not in SQLITE_SETTINGS:
        lost += [cut_log(path, chance) for path in data.rglob("*.sqlite3-wal") if path.stat().st_size]
    (faults / "steps.log").unlink(missing_ok=True)
    shutil.rmtree(faults / "stash")
    (faults / "stash").mkdir()
    return lost


def undo_names(steps: list[dict], stash: Path, chance: random.Random) -> list[str]:
    """Take back, of each folder, the last steps that were not synced, from some step on."""
    open_steps: dict[str, list[tuple[int, dict]]] = defaultdict(list)
    for number, step in enumerate(steps):
        if step["step"] == "synced":
            open_steps.pop(step["path"], None)
        elif not step.get("path", "").endswith(SQLITE):
            open_steps[str(Path(step.get("target", step["path"])).parent)].append((number, step))
    undone = []
    for some in open_steps.values():
        undone += some[chance.randint(0, len(some)) :]
    return [undo(step, stash) for _, step in sorted(undone, key=lambda pair: -pair[0])]


def undo(step: dict, stash: Path) -> str:
    """Take a step back, as far as its folder is still there."""
    path, target = Path(step["path"]), Path(step.get("target", step["path"]))
    before = step.get("before") and stash / step["before"]
    if step["step"] == "made":
        if path.is_file():
            path.unlink()
    elif step["step"] == "renamed":
        if target.exists() and path.parent.is_dir() and not path.exists():
            target.rename(path)
        if before and before.exists() and not target.exists() and target.parent.is_dir():
            before.rename(target)
    elif before and before.exists() and path.parent.is_dir() and not path.exists():
        before.rename(path)
    return f"{step['step']} {target.name}"


def undo_bytes(data: Path, steps: list[dict], chance: random.Random) -> list[str]:
    """Cut, empty or leave every file that was not synced as it stands. What lies there since before the log is safe."""
    safe = {step["inode"]: (step["size"], step["changed_ns"]) for step in steps if step["step"] == "synced" and "inode" in step}
    touched = {step.get("target", step["path"]) for step in steps if step["step"] in ("made", "renamed")}
    lost = []
    for name in sorted(touched):
        path = Path(name)
        for each in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if not each.is_file() or each.name.endswith(SQLITE) or each.name.endswith(".lock"):
                continue
            found = each.stat()
            if found.st_size and safe.get(found.st_ino) != (found.st_size, found.st_mtime_ns):
                size = chance.choice((0, chance.randrange(found.st_size), found.st_size))
                if size < found.st_size:
                    os.truncate(each, size)
                    lost.append(f"bytes of {each.name}")
    return lost


def cut_log(path: Path, chance: random.Random) -> str:
    """Cut SQLite's log after some frame."""
    page = int.from_bytes(path.read_bytes()[8:12], "big")
    frames = (path.stat().st_size - WAL_HEADER) // (FRAME_HEADER + page)
    os.truncate(path, WAL_HEADER + chance.randint(0, frames) * (FRAME_HEADER + page))
    return f"frames of {path.name}"
