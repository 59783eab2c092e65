"""What a person deletes is hidden for a day, in which it can be brought back; then a sweep destroys it, or the person at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import Session

from app.errors import NotFound
from app.models import Asset, Clip, Picture, Song, Work, now
from app.settings import AppSettings
from pipeline.work_kinds import kinds_of_films
from pipeline.works.song_to_film import SONG_TO_FILM

Owned = TypeVar("Owned", Asset, Song, Picture, Clip, Work)
HiddenKind = Literal["films", "works", "songs", "pictures", "clips"]
#: How long what was deleted can be brought back.
UNDO = timedelta(days=1)


def is_hidden(model: type[Owned]) -> ColumnElement[bool]:
    """That a row was deleted and can still be brought back."""
    hidden = and_(model.deleted_at.is_not(None), model.erase_at > now())
    return hidden if model is Work else and_(hidden, model.has_file)  # type: ignore[attr-defined]


def is_due(model: type[Owned]) -> ColumnElement[bool]:
    """That a row was deleted and its time has come."""
    return and_(model.deleted_at.is_not(None), model.erase_at <= now())


def hide(row: Asset | Work, at: datetime | None = None) -> None:
    """Delete the row so that it can be brought back. Inside a transaction that writes."""
    row.deleted_at = at or now()
    row.erase_at = row.deleted_at + UNDO


def erase(row: Asset | Work) -> None:
    """Let the row be destroyed at the next chance. Inside a transaction that writes."""
    row.deleted_at = row.deleted_at or now()
    row.erase_at = now()


def bring_back(row: Asset | Work) -> None:
    """Undo `hide`. Inside a transaction that writes."""
    row.deleted_at = row.erase_at = None


def get_hidden(session: Session, model: type[Owned], person_id: str, row_id: str) -> Owned:
    """The person's row that can be brought back. Raises NotFound."""
    query = select(model).where(model.id == row_id, model.person_id == person_id, is_hidden(model))
    row = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound("app.nothing_to_bring_back")
    return row


@dataclass(frozen=True)
class Hidden:
    """Something deleted that can be brought back. kind: where the library has it. until: when it is erased. film: whether it
    is a film that was made, of whatever kind."""

    kind: HiddenKind
    id: str
    title: str
    deleted_at: datetime
    until: datetime
    film: bool = False


def hidden_things(session: Session, person_id: str, limit: int = 50) -> list[Hidden]:
    """What the person deleted within the last day, at most `limit` of each kind, the last first."""
    found = [
        *(hidden_work(row) for row in list_hidden(session, Work, person_id, limit)),
        *(hidden("songs", row) for row in list_hidden(session, Song, person_id, limit)),
        *(hidden("pictures", row) for row in list_hidden(session, Picture, person_id, limit)),
        *(hidden("clips", row) for row in list_hidden(session, Clip, person_id, limit)),
    ]
    return sorted(found, key=lambda each: each.until, reverse=True)


def kind_of_work(work: Work) -> Literal["films", "works"]:
    """Under which address the library has it."""
    return "films" if work.kind == SONG_TO_FILM.name else "works"


def hidden_work(work: Work) -> Hidden:
    """What is told of a hidden work."""
    return replace(hidden(kind_of_work(work), work), film=work.kind in kinds_of_films())


def hidden(kind: HiddenKind, row: Song | Picture | Clip | Work) -> Hidden:
    """What is told of a hidden row."""
    return Hidden(kind, row.id, row.title, row.deleted_at or now(), row.erase_at or now())


def list_hidden(session: Session, model: type[Owned], person_id: str, limit: int = 50) -> Sequence[Owned]:
    """The person's rows that can be brought back, those that were deleted last first."""
    query = select(model).where(model.person_id == person_id, is_hidden(model))
    return session.scalars(query.order_by(model.deleted_at.desc(), model.id).limit(limit)).all()


def make_way(session: Session, settings: AppSettings, person_id: str, size_bytes: int) -> None:
    """Let hidden assets go for good, first those that were deleted first, where they take the room of new ones.

    Inside a transaction that writes; `release_files` then destroys them. Thus what is hidden is never in anybody's way, and
    deleting makes no room beyond what one may keep.
    """
    rows = session.scalars(select(Asset).where(Asset.person_id == person_id, Asset.has_file)).all()
    excess = sum(row.size_bytes for row in rows) + size_bytes - settings.limits.kept_bytes
    for row in sorted((row for row in rows if row.deleted_at is not None), key=lambda row: row.deleted_at or now()):
        if excess <= 0:
            return
        erase(row)
        excess -= row.size_bytes


def make_way_for_works(session: Session, settings: AppSettings, person_id: str) -> None:
    """The same for works, whose size is known only when they are made: hidden ones go while the rest is too much."""
    rows = session.scalars(select(Work).where(Work.person_id == person_id, Work.size_bytes.is_not(None))).all()
    excess = sum(row.size_bytes or 0 for row in rows) - settings.limits.film_bytes
    for row in sorted((row for row in rows if row.deleted_at is not None), key=lambda row: row.deleted_at or now()):
        if excess <= 0:
            return
        erase(row)
        excess -= row.size_bytes or 0
