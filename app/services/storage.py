"""How much a person keeps, by kind, and of how much: what `quotas` counts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Executable, func, select
from sqlalchemy.orm import Session

from app.models import Asset, Work
from app.settings import AppSettings
from pipeline.work_kinds import kinds_of_films

#: What the library calls the kinds of files.
KINDS = {"sound": "songs", "picture": "pictures", "film": "clips"}


@dataclass(frozen=True)
class Kept:
    """Things of one kind: how many, and their bytes."""

    count: int = 0
    size_bytes: int = 0


@dataclass(frozen=True)
class Storage:
    """What a person keeps. kinds: by the library's names. given_bytes, made_bytes: of songs, pictures and films that were given,
    and of what was made of them; of each so much may be kept. deleted_bytes: of what can still be brought back, which is in
    nobody's way.
    """

    kinds: dict[str, Kept]
    given_bytes: int
    given_limit_bytes: int
    made_bytes: int
    made_limit_bytes: int
    deleted_bytes: int


def storage_of(session: Session, settings: AppSettings, person_id: str) -> Storage:
    """What the person keeps, by two questions to the database."""
    kinds = {name: Kept() for name in ("films", "works", *KINDS.values())}
    deleted_bytes = 0
    for model in (Asset, Work):
        for kind, is_gone, count, size_bytes in session.execute(sums(model, person_id)):
            name = KINDS[kind] if model is Asset else "films" if kind in kinds_of_films() else "works"
            if is_gone:
                deleted_bytes += int(size_bytes)
            else:
                kinds[name] = Kept(kinds[name].count + count, kinds[name].size_bytes + int(size_bytes))
    return Storage(
        kinds=kinds,
        given_bytes=sum(kinds[name].size_bytes for name in KINDS.values()),
        given_limit_bytes=settings.limits.kept_bytes,
        made_bytes=kinds["films"].size_bytes + kinds["works"].size_bytes,
        made_limit_bytes=settings.limits.film_bytes,
        deleted_bytes=deleted_bytes,
    )


def sums(model: type[Asset] | type[Work], person_id: str) -> Executable:
    """Of each kind, deleted or not: how many rows, and how many bytes."""
    gone = model.deleted_at.is_not(None)
    query = select(model.kind, gone, func.count(), func.coalesce(func.sum(model.size_bytes), 0))
    there = [Asset.has_file] if model is Asset else []
    return query.where(model.person_id == person_id, *there).group_by(model.kind, gone)
