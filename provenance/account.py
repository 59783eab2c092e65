"""What a film tells of how it was made, as C2PA's manifest has it: nothing in it names a person, a title, a file or a text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from pathlib import Path
from typing import Any

from core.option_kinds import FilePath, Text
from core.options import declared_options
from core.places import program_version
from media.film_writer import DIGITAL_SOURCE_TYPE
from weights.registry import registry

GENERATOR = "Belcanto"
#: Our own assertion: how the film was made; what the person stated before; and C2PA's, by which the invisible mark is found.
MADE, STATED, MARKED = "org.belcanto.made", "org.belcanto.stated", "c2pa.soft-binding"
#: Name of the mark's method, for whoever reads the assertion.
MARK_METHOD = "org.belcanto.mark.1"
#: The film of which a film was made; its own manifest is kept.
PARENT = "parent"
#: Options that say nothing about how a film was made, or name it.
UNTOLD = ("title", "device", "preview")


@dataclass(frozen=True)
class Account:
    """How one film was made.

    recipe: its kind of work. engines: those that drew it. weights: names of the registry's files. options: see `told_options`.
    ingredients: SHA-256 by role. edited: whether it was made of a film, which the ingredient `film` is. stated: what the person
    stated, empty: nothing. number: of the film, as 12 hexadecimal digits. marked: whether its pictures bear it.
    """

    recipe: str
    engines: tuple[str, ...] = ()
    weights: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)
    ingredients: Mapping[str, str] = field(default_factory=dict)
    edited: bool = False
    stated: Mapping[str, Any] = field(default_factory=dict)
    number: str = ""
    marked: bool = False

    def as_json(self) -> dict[str, Any]:
        """The assertion of our own."""
        rows = registry()
        weights = [
            {"name": name, "sha256": rows[name].sha256, "licence": rows[name].licence} for name in self.weights if name in rows
        ]
        told: dict[str, Any] = {"film": self.number, "recipe": self.recipe, "engines": list(self.engines), "weights": weights}
        return told | {"options": dict(self.options), "ingredients": dict(self.ingredients)}


def manifest_of(account: Account, media_type: str, has_parent: bool) -> dict[str, Any]:
    """The manifest's definition for c2pa. has_parent: whether the film that it was made of goes in with it."""
    agent = {"name": GENERATOR, "version": program_version()}
    if account.edited:
        actions = [{"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT]}}] if has_parent else []
        actions.append({"action": "c2pa.edited", "digitalSourceType": DIGITAL_SOURCE_TYPE, "softwareAgent": agent})
        if not has_parent:
            actions.insert(0, {"action": "c2pa.created", "digitalSourceType": DIGITAL_SOURCE_TYPE, "softwareAgent": agent})
    else:
        actions = [{"action": "c2pa.created", "digitalSourceType": DIGITAL_SOURCE_TYPE, "softwareAgent": agent}]
    stated = dict(account.stated) or {"consent": "not stated"}
    assertions: list[dict[str, Any]] = [
        {"label": "c2pa.actions.v2", "data": {"actions": actions}},
        {"label": MADE, "data": account.as_json()},
        {"label": STATED, "data": stated},
    ]
    if account.marked:
        binding = {"alg": MARK_METHOD, "blocks": [{"scope": {}, "value": account.number}]}
        assertions.append({"label": MARKED, "data": binding})
    return {"claim_generator_info": [agent], "title": "Film", "format": media_type, "assertions": assertions}


def told_options(settings: object) -> dict[str, Any]:
    """The declared options of a settings object and of those in it, by their names in JSON, where they are not their defaults.

    Texts are told as their SHA-256, files as that of their bytes; what names the film is not told.
    """
    return dict(sorted(_told(settings)))


def _told(settings: object) -> Iterator[tuple[str, Any]]:
    if isinstance(settings, tuple):
        for each in settings:
            yield from _told(each)
    if not is_dataclass(settings) or isinstance(settings, type):
        return
    declared = {each.field: each for each in declared_options(type(settings))}
    for each in fields(settings):
        value = getattr(settings, each.name)
        option = declared.get(each.name)
        if option is None:
            yield from _told(value)
        elif value != option.default and option.name not in UNTOLD:
            yield option.name, as_told(option.option.kind, option.json(value), value)


def as_told(kind: object, written: Any, value: Any) -> Any:
    """A value of an option without what a person typed, or where it lies on this machine."""
    if isinstance(kind, FilePath) or isinstance(value, Path):
        return {"sha256": file_digest(Path(value))} if Path(value).is_file() else {"folder": True}
    if isinstance(kind, Text) and value is not None:
        return text_digest(str(value))
    return written


def text_digest(text: str) -> dict[str, Any]:
    """A text that is not told: its SHA-256 and how long it is, in characters."""
    return {"sha256": hashlib.sha256(text.encode("utf-8")).hexdigest(), "characters": len(text)}


@cache
def _digest(path: Path, size: int, changed_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def file_digest(path: Path) -> str:
    """SHA-256 of a file's bytes; the same file is read once. Raises OSError."""
    state = path.stat()
    return _digest(path, state.st_size, state.st_mtime_ns)
