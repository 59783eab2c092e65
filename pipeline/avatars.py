"""Films that an engine of lips has prepared once for many sounds, as the stage cache keeps them: listed, and deleted.

An avatar belongs to the content of its film: a film that was changed is prepared anew, and the old avatar goes when it is unused
for longest, or is deleted here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError
from pipeline.cache import StageCache

#: The stage in which engines keep what they made of a person, and the file that says whose it is.
LIPS, FACTS_NAME = "lips", "avatar.json"
ALL = "all"
#: Letters of an avatar's name that are shown; as many as tell it are enough to delete it.
SHOWN_LETTERS = 12


@dataclass(frozen=True)
class AvatarFacts:
    """film: the file's name when it was prepared. person: the face's number in it. engine: its name. duration_s: of the part that
    was prepared."""

    film: str
    person: int
    engine: str
    duration_s: float

    def write(self, folder: Path) -> None:
        """Into the folder of what was prepared."""
        (folder / FACTS_NAME).write_text(json.dumps(asdict(self)), encoding="utf-8")


@dataclass(frozen=True)
class Avatar:
    """id: its key in the cache. facts: None where an earlier program prepared it. size_bytes: on disk. used: when last."""

    id: str
    facts: AvatarFacts | None
    size_bytes: int
    used: datetime

    def as_json(self) -> dict[str, object]:
        """For `--json`; times are UTC, ISO 8601."""
        told = dict.fromkeys(AvatarFacts.__dataclass_fields__) if self.facts is None else asdict(self.facts)
        return {"id": self.id, **told, "size_bytes": self.size_bytes, "used": self.used.isoformat(timespec="seconds")}


def avatars(cache: StageCache) -> list[Avatar]:
    """All that are kept, the one used last first."""
    found = [
        Avatar(each.key, facts_of(each.folder), each.size_bytes, datetime.fromtimestamp(each.used_s, UTC))
        for each in cache.kept(LIPS)
    ]
    return sorted(found, key=lambda avatar: avatar.used, reverse=True)


def facts_of(folder: Path) -> AvatarFacts | None:
    """What the folder says of its film; None where it does not."""
    try:
        told = json.loads((folder / FACTS_NAME).read_text(encoding="utf-8"))
        return AvatarFacts(str(told["film"]), int(told["person"]), str(told["engine"]), float(told["duration_s"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


@dataclass(frozen=True)
class Deletion:
    """deleted, in_use: names of avatars that are gone, and of those that a film is being made with and that stayed."""

    deleted: Sequence[str]
    in_use: Sequence[str]


def delete_avatars(cache: StageCache, which: str) -> Deletion:
    """Delete the avatar whose name begins with `which`, or `all`. Raises InputError where no avatar, or several, are named so."""
    known = [each.id for each in avatars(cache)]
    named = known if which == ALL else [each for each in known if which and each.startswith(which)]
    if which != ALL and len(named) != 1:
        raise InputError("pipeline.no_such_avatar" if not named else "pipeline.avatars_named_alike", name=which)
    gone = [each for each in named if cache.remove(LIPS, each)]
    return Deletion(gone, [each for each in named if each not in gone])
