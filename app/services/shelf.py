"""The library as one: what of it is shown, how much of each kind there is, and the ids of all that match."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, selectinload

from app.models import Clip, Job, JobState, Picture, Song, Work
from app.services.albums import lies_in
from app.services.listing import Page, Sort, has_word, list_page, search_words
from app.services.tags import has_tag
from pipeline.work_kinds import kinds_of_films

#: Parts of the library: films that were made, all other works, and what was given.
ShelfKind = Literal["films", "works", "songs", "pictures", "clips"]
SHELF_KINDS: tuple[ShelfKind, ...] = get_args(ShelfKind)
MODELS: Mapping[ShelfKind, Any] = {"films": Work, "works": Work, "songs": Song, "pictures": Picture, "clips": Clip}
#: Ids that are told at once.
MOST_IDS = 2000


@dataclass(frozen=True)
class Wish:
    """What of the library is wanted, and in which order. state: of works alone; what was given has none."""

    search: str = ""
    sort: Sort = "newest"
    state: JobState | None = None
    album_id: str = ""
    tag: str = ""


def conditions(kind: ShelfKind, person_id: str, wish: Wish) -> list[ColumnElement[bool]]:
    """That a row is the person's, of that kind, not deleted, and as it is wanted."""
    model = MODELS[kind]
    wanted = [model.person_id == person_id, model.deleted_at.is_(None)]
    wanted += [has_word(model, word) for word in search_words(wish.search)]
    wanted += within(model, wish.album_id, wish.tag)
    if model is Work:
        wanted.append(Work.kind.in_(kinds_of_films()) if kind == "films" else Work.kind.not_in(kinds_of_films()))
        if wish.state is not None:
            wanted.append(state_of_work() == wish.state)
    return wanted


def within(model: Any, album_id: str, tag: str) -> list[ColumnElement[bool]]:
    """That a row lies in the album and bears the tag, as far as these are given."""
    return [*([lies_in(model, album_id)] if album_id else []), *([has_tag(model, tag)] if tag else [])]


def state_of_work() -> ColumnElement[str]:
    """How far a work is: the state of the newest job that makes it, as `Work.job` finds it."""
    newest = select(Job.state).where(Job.work_id == Work.id, Job.kind == Work.kind).order_by(Job.queued_at.desc(), Job.id)
    return newest.limit(1).correlate(Work).scalar_subquery()


def list_shelf(session: Session, person_id: str, kind: ShelfKind, wish: Wish, cursor: str | None, limit: int) -> Page[Any]:
    """One page of that part of the library. Raises Refused for a cursor that was not made here, or for another order."""
    model = MODELS[kind]
    query: Select[Any] = select(model).where(*conditions(kind, person_id, wish))
    if model is Work:
        query = query.options(selectinload(Work.jobs)).execution_options(populate_existing=True)
    return list_page(session, query, model, "", cursor, limit, wish.sort)


def count_shelf(session: Session, person_id: str, wish: Wish) -> dict[ShelfKind, int]:
    """How many there are of each kind that are as it is wanted, by one question to the database."""
    counts = [
        select(func.count()).select_from(MODELS[kind]).where(*conditions(kind, person_id, wish)).scalar_subquery()
        for kind in SHELF_KINDS
    ]
    return dict(zip(SHELF_KINDS, session.execute(select(*counts)).one(), strict=True))


def matches_on_shelf(session: Session, person_id: str, kind: ShelfKind, wish: Wish) -> Sequence[tuple[str, int | None]]:
    """Id and bytes of all that match, at most `MOST_IDS`, newest first."""
    model = MODELS[kind]
    query = select(model.id, model.size_bytes).where(*conditions(kind, person_id, wish))
    rows = session.execute(query.order_by(model.created_at.desc(), model.id.desc()).limit(MOST_IDS)).all()
    return [(row_id, size_bytes) for row_id, size_bytes in rows]


def ids_on_shelf(session: Session, person_id: str, kind: ShelfKind, wish: Wish) -> Sequence[str]:
    """The ids of all that match, at most `MOST_IDS`, newest first."""
    return [row_id for row_id, _ in matches_on_shelf(session, person_id, kind, wish)]
