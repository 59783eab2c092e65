"""A set of takes on disk, as anyone with a phone records it: who speaks, how it feels, the sound and the face's curves.

    SET/<speaker>/<style>/<take>.wav (.flac, .m4a, ...)    the sound, of any kind that a song may be
    SET/<speaker>/<style>/<take>.csv                       the curves of the same moment on: Live Link Face or MetaHuman
    SET/<speaker>/<style>/<take>.truth.npz                 only in made sets: `saliency` (T,) at 30 Hz in [0, 1]
    SET/set.toml                                           `licence`, `source`, and `[split]` with `test` and `validation`

A split names speakers, or takes as `speaker/style/take`. A part that it does not name is drawn: 70 % of the takes are for
training, 20 % for validation and 10 % for the test, style by style; where there are three speakers or more it is speakers. A set
may be all test.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import InputError
from core.messages import as_written
from motion.emotion.styles import STYLES

SET_FILE, CURVES_SUFFIX, TRUTH_SUFFIX = "set.toml", ".csv", ".truth.npz"
SOUND_SUFFIXES = (".wav", ".flac", ".m4a", ".mp3", ".ogg", ".opus", ".aac", ".aif", ".aiff", ".mp4", ".mov")
#: Names of the parts, and of the takes or speakers so many are drawn for validation and test.
PARTS = ("training", "validation", "test")
VALIDATION_SHARE, TEST_SHARE = 0.2, 0.1
#: From so many speakers on whole speakers are held out.
SPEAKERS_TO_HOLD_OUT = 3


@dataclass(frozen=True)
class Take:
    """A sound with its curves. name: `speaker/style/take`, without ending; truth: only where a made set knows it."""

    name: str
    speaker: str
    style: str
    sound: Path
    curves: Path
    truth: Path | None = None


@dataclass(frozen=True)
class TakeSet:
    """A set. left_out: for every file that can't be used a sentence. facts: what set.toml says, such as the licence."""

    folder: Path
    takes: tuple[Take, ...]
    left_out: tuple[str, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def parts(self) -> dict[str, tuple[Take, ...]]:
        """The takes of each of `PARTS`. Raises InputError where the split names nobody of the set, or nothing is left."""
        return split(self.takes, self.facts.get("split", {}))


def read_set(folder: Path) -> TakeSet:
    """The takes of a set, in order of their names. Raises InputError where the folder or its set.toml is none."""
    if not folder.is_dir():
        raise InputError(as_written(f"{folder} is no folder; name one with SPEAKER/STYLE/TAKE.wav and TAKE.csv."))
    takes: list[Take] = []
    left_out: list[str] = []
    for style_folder in sorted(path for path in folder.glob("*/*") if path.is_dir() and not path.name.startswith(".")):
        if style_folder.name not in STYLES:
            where = f"{style_folder.parent.name}/{style_folder.name}"
            left_out.append(f"{where} is not a style; the styles are {', '.join(STYLES)}.")
            continue
        found, lonely = _takes_in(style_folder)
        takes += found
        left_out += lonely
    return TakeSet(folder, tuple(takes), tuple(left_out), _facts(folder / SET_FILE))


def _takes_in(folder: Path) -> tuple[list[Take], list[str]]:
    """The takes of one speaker in one style, and sentences for what lacks its other half."""
    speaker, style = folder.parent.name, folder.name
    files = sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    sounds: dict[str, Path] = {}
    lonely: list[str] = []
    for path in files:
        if path.suffix.lower() in SOUND_SUFFIXES:
            if path.stem in sounds:
                lonely.append(f"{speaker}/{style}/{path.name}: there is {sounds[path.stem].name} too; keep one of them.")
            sounds.setdefault(path.stem, path)
    curves = {path.stem: path for path in files if path.suffix.lower() == CURVES_SUFFIX}
    lonely += [f"{speaker}/{style}/{sounds[stem].name} has no curves beside it." for stem in sounds.keys() - curves.keys()]
    lonely += [f"{speaker}/{style}/{curves[stem].name} has no sound beside it." for stem in curves.keys() - sounds.keys()]
    takes = []
    for stem in sorted(sounds.keys() & curves.keys()):
        truth = folder / f"{stem}{TRUTH_SUFFIX}"
        name = f"{speaker}/{style}/{stem}"
        takes.append(Take(name, speaker, style, sounds[stem], curves[stem], truth if truth.is_file() else None))
    return takes, sorted(lonely)


def _facts(path: Path) -> dict[str, Any]:
    """What set.toml says; nothing where there is none."""
    if not path.is_file():
        return {}
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(as_written(f"{path} can't be read as TOML: {error}.")) from error
    named = facts.get("split", {})
    known = isinstance(named, dict) and named.keys() <= {"validation", "test", "training"}
    if not known or not all(isinstance(names, list) and all(isinstance(each, str) for each in names) for names in named.values()):
        raise InputError(as_written(f"{path}: [split] holds lists of names under validation and test, and no more."))
    return facts


def split(takes: Sequence[Take], named: Mapping[str, Sequence[str]]) -> dict[str, tuple[Take, ...]]:
    """The takes of each part: as `named` says, then drawn, the same every time. Raises as `TakeSet.parts`."""
    parts: dict[str, list[Take]] = {part: [] for part in PARTS}
    rest = list(takes)
    for part in PARTS:
        for name in named.get(part, ()):
            chosen = [take for take in rest if name in (take.speaker, take.name)]
            if not any(name in (take.speaker, take.name) for take in takes):
                raise InputError(as_written(f"The split names {name} for {part}, but the set has no such speaker or take."))
            parts[part] += chosen
            rest = [take for take in rest if take not in chosen]
    missing = [part for part in PARTS[1:] if part not in named]
    for take, part in zip(rest, _drawn(rest, missing), strict=True):
        parts[part].append(take)
    all_test = len(parts["test"]) == len(takes) > 0
    if not all_test and not (parts["training"] and parts["validation"]):
        raise InputError(as_written(f"{len(takes)} takes leave none for training or for validation; three are needed at least."))
    return {part: tuple(chosen) for part, chosen in parts.items()}


def _drawn(takes: Sequence[Take], parts: Sequence[str]) -> list[str]:
    """The part of each take, of training and `parts`."""
    speakers = sorted({take.speaker for take in takes}, key=_by_chance)
    if len(speakers) >= SPEAKERS_TO_HOLD_OUT:
        of_speaker = dict(zip(speakers, _shared_out(len(speakers), parts), strict=True))
        return [of_speaker[take.speaker] for take in takes]
    of_take: dict[str, str] = {}
    for names in _grouped(takes, lambda take: take.style).values():
        ordered = sorted((take.name for take in names), key=_by_chance)
        of_take |= dict(zip(ordered, _shared_out(len(ordered), parts), strict=True))
    return [of_take[take.name] for take in takes]


def _grouped(takes: Iterable[Take], key: Callable[[Take], str]) -> dict[str, list[Take]]:
    groups: dict[str, list[Take]] = {}
    for take in takes:
        groups.setdefault(key(take), []).append(take)
    return groups


def _by_chance(name: str) -> str:
    """A place that has to do with the name alone, so that a take stays in its part when others come."""
    return hashlib.sha256(name.encode()).hexdigest()


def _shared_out(count: int, parts: Sequence[str]) -> list[str]:
    """So many parts, at least one of each where there are three or more."""
    least = 1 if count >= len(PARTS) else 0
    shares = {"validation": VALIDATION_SHARE, "test": TEST_SHARE}
    drawn = [part for part in parts for _ in range(max(least, round(shares[part] * count)))]
    return [*drawn[:count], *["training"] * (count - len(drawn))]
