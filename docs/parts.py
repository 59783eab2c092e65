"""What Belcanto is made of, and under which licences: packages, model files, scripts of others, media.

`python docs/parts.py licences` writes the page `docs/LICENCES.md` (`--check` writes nothing, and the exit code tells whether it
is up to date); `docs/sbom.py` makes a bill of materials of the same. Packages come from the lock files, each with its licence by
`docs/licences.toml`, which `tests/test_parts.py` holds against what the installed packages say of themselves; model files come
from `weights/registry.toml`.
"""

from __future__ import annotations

import re
import sys
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "LICENCES.md"
#: Lock files, and what needs what they pin.
LOCKS = {
    "requirements.txt": "the program",
    "requirements-neural.txt": "engines that want torch",
    "requirements-training.txt": "training",
    "requirements-scale.txt": "many machines",
    "requirements-test.txt": "tests",
}
PINNED = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Package:
    """A package of a lock file. sha256: of each of its published files, where the lock has them."""

    name: str
    version: str
    licence: str
    needed_by: str
    sha256: tuple[str, ...] = ()


@dataclass(frozen=True)
class Carried:
    """Something of others that rides in a package or in this repository: an ffmpeg, scripts, icons, a font."""

    name: str
    version: str
    licence: str
    where: str
    note: str = ""


def locked(text: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The packages that a lock file pins: name to version and hashes."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    name = ""
    for line in text.splitlines():
        if pinned := PINNED.match(line):
            name = re.sub(r"[-_.]+", "-", pinned[1]).lower()
            found[name] = (pinned[2], ())
        elif name and (digest := HASH.search(line)):
            version, hashes = found[name]
            found[name] = (version, (*hashes, digest[1]))
    return found


@cache
def known() -> dict[str, Any]:
    """What `licences.toml` says."""
    return tomllib.loads((ROOT / "docs" / "licences.toml").read_text(encoding="utf-8"))


def packages() -> list[Package]:
    """All packages by name, each under the first lock that has it. Raises KeyError for one whose licence nobody has looked up."""
    found: dict[str, Package] = {}
    for lock, needed_by in LOCKS.items():
        for name, (version, hashes) in locked((ROOT / lock).read_text(encoding="utf-8")).items():
            if name not in found:
                found[name] = Package(name, version, known()["packages"][name], needed_by, hashes)
    return sorted(found.values(), key=lambda package: package.name)


def carried() -> list[Carried]:
    """What rides in packages and in this repository."""
    return [Carried(name, **row) for name, row in known()["carried"].items()]


def weights() -> dict[str, dict[str, Any]]:
    """The rows of the registry of model files."""
    return tomllib.loads((ROOT / "weights" / "registry.toml").read_text(encoding="utf-8"))


def table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> list[str]:
    """A table of Markdown."""
    return [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]


def page() -> str:
    """The page of all licences. No versions stand there, which the lock files tell."""
    lines = [
        "# What Belcanto is made of",
        "",
        "Belcanto itself is under the [MIT licence](../LICENSE). This page names what it uses of others, and is written by "
        "`python docs/parts.py licences`. Versions and SHA-256 of everything: `make sbom` writes them as a bill of materials "
        "(CycloneDX). The demo's media have [credits](../demo/CREDITS.md) of their own, and so have the networks that we trained "
        "([credits](../weights/trained/CREDITS.md)).",
        "",
    ]
    for needed_by in LOCKS.values():
        rows = [(package.name, package.licence) for package in packages() if package.needed_by == needed_by]
        lines += [f"## Packages for {needed_by}", "", *table(("package", "licence"), rows), ""]
    rows = [(part.name, part.licence, part.where, part.note or " ") for part in carried()]
    lines += ["## Carried in packages or here", "", *table(("part", "licence", "where", "what to mind"), rows), ""]
    rows = [(f"`{name}`", row["origin"], row["licence"], row["use"]) for name, row in sorted(weights().items())]
    lines += [
        "## Model files",
        "",
        "They are fetched, not contained, and checked by their SHA-256 before every use.",
        "",
        *table(("file", "made by", "licence", "use"), rows),
        "",
    ]
    return "\n".join(lines)


def write_page(only_check: bool) -> int:
    """Write the page, or only say whether it is up to date: the exit code."""
    text = page()
    if only_check:
        return int(not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text)
    PAGE.write_text(text, encoding="utf-8")
    return 0


def main(arguments: list[str]) -> int:
    """`licences [--check]`."""
    if arguments in (["licences"], ["licences", "--check"]):
        return write_page("--check" in arguments)
    print("Usage: python docs/parts.py licences [--check]", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
