"""Tries whether the tests notice small mistakes: each patch is made in a copy of the checkout, and its tests must fail there.

A test that passes whatever the code does protects nobody. `patches.toml` lists mistakes, each with the tests that must notice it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
LIST = Path(__file__).with_name("patches.toml")
#: What a copy shares with the checkout: large, and no test writes there.
SHARED = ("weights/files", "weights/trained")
#: pytest's exit status where tests ran and some failed; any other says that nothing was tried.
PASSED, FAILED = 0, 1
KILLED, SURVIVED, UNTRIED = "killed", "survived", "untried"


@dataclass(frozen=True)
class Patch:
    """One mistake. file: below the checkout's root; old: text that stands there once; new: what takes its place.

    tests: files or single tests, as pytest names them, that must notice it.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """killed: its tests failed; survived: they passed; untried: why nobody knows, in `reason`."""

    patch: Patch
    state: str
    reason: str = ""


def read_patches(path: Path = LIST) -> list[Patch]:
    """The list of a TOML file, in its order. Raises ValueError where two have one name."""
    rows = tomllib.loads(path.read_text(encoding="utf-8"))["patch"]
    patches = [Patch(row["name"], row["file"], row["old"], row["new"], tuple(row["tests"])) for row in rows]
    if len({patch.name for patch in patches}) != len(patches):
        raise ValueError(f"Two patches of {path} have the same name.")
    return patches


def mistake(root: Path, patch: Patch) -> str:
    """What is wrong with a patch itself; empty where it can be made."""
    path = root / patch.file
    if not path.is_file():
        return f"there is no {patch.file}"
    found = path.read_text(encoding="utf-8").count(patch.old)
    if found != 1:
        return f"the text stands {found} times in {patch.file}"
    return "it changes nothing" if patch.old == patch.new else ""


@contextmanager
def copied(root: Path) -> Iterator[Path]:
    """A copy of what the checkout has under version control or could have, as it stands now; gone after the block."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, capture_output=True, check=True, text=True).stdout.split("\0")
    with tempfile.TemporaryDirectory(prefix="belcanto-mutations-") as folder:
        copy = Path(folder) / "checkout"
        for name in filter(None, names):
            if (root / name).is_file() and not name.startswith(SHARED):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(root / name, copy / name)
        for name in SHARED:
            if (root / name).exists():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                (copy / name).symlink_to((root / name).resolve(), target_is_directory=True)
        yield copy


@contextmanager
def made(root: Path, patch: Patch) -> Iterator[None]:
    """The patch stands in the tree below `root` for the time of the block."""
    path = root / patch.file
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(patch.old, patch.new), encoding="utf-8")
    try:
        yield
    finally:
        path.write_text(text, encoding="utf-8")


def run_tests(root: Path, tests: Sequence[str], limit_s: float, shared_dir: Path) -> tuple[int | None, str]:
    """pytest's exit status, None where it took longer than `limit_s`, and what it says of that.

    No bytecode is kept: a patch of the same length within the same second would not be noticed.
    """
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
    environment = {"SHARED_DIR": str(shared_dir), **os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        run = subprocess.run(
            command, cwd=root, env=environment, capture_output=True, text=True, errors="replace", timeout=limit_s, check=False
        )
    except subprocess.TimeoutExpired:
        return None, f"no end within {limit_s:.0f} s"
    return run.returncode, told((run.stdout + run.stderr).strip().splitlines()) or f"exit status {run.returncode}"


def told(lines: Sequence[str]) -> str:
    """Of what pytest wrote: the first test that failed, else the last line."""
    return next((line for line in lines if line.startswith(("FAILED", "ERROR"))), lines[-1] if lines else "")


def tried(root: Path, patch: Patch, limit_s: float, shared_dir: Path) -> Outcome:
    """What the patch's tests say of it, in the copy at `root`. Only tests that ran to a failure have noticed it."""
    with made(root, patch):
        status, reason = run_tests(root, patch.tests, limit_s, shared_dir)
    if status == FAILED:
        return Outcome(patch, KILLED)
    return Outcome(patch, SURVIVED) if status == PASSED else Outcome(patch, UNTRIED, reason)


def try_all(patches: Sequence[Patch], limit_s: float, root: Path = ROOT) -> Iterator[Outcome]:
    """One outcome after the other; a patch whose tests do not pass without it is untried."""
    shared_dir = root.parent / "shared"
    unpatched: dict[tuple[str, ...], tuple[int | None, str]] = {}
    with copied(root) as copy:
        for patch in patches:
            if reason := mistake(copy, patch):  # before its tests, which may take minutes
                yield Outcome(patch, UNTRIED, reason)
                continue
            if patch.tests not in unpatched:
                unpatched[patch.tests] = run_tests(copy, patch.tests, limit_s, shared_dir)
            status, reason = unpatched[patch.tests]
            if status == PASSED:
                yield tried(copy, patch, limit_s, shared_dir)
            else:
                yield Outcome(patch, UNTRIED, f"without any patch: {reason}")
