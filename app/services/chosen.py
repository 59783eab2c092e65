"""Many things of the library at once: found as the person's own, deleted together, and brought back together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, TypeAlias, get_args

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from app.database import writing
from app.errors import LimitReached, NotFound
from app.models import ACTIVE_STATES, Clip, Picture, Song, Work, now
from app.services.hiding import bring_back, hide, is_hidden
from app.services.jobs import request_cancel
from app.services.library import lock_person, not_found
from app.services.releasing import release_files
from app.settings import AppSettings

#: Films and other works are one; what was given has its kind.
ChosenKind = Literal["works", "songs", "pictures", "clips"]
CHOSEN_KINDS: tuple[ChosenKind, ...] = get_args(ChosenKind)
MODELS: Mapping[ChosenKind, Any] = {"works": Work, "songs": Song, "pictures": Picture, "clips": Clip}
#: Ids by kind.
Chosen: TypeAlias = Mapping[ChosenKind, Sequence[str]]
Row: TypeAlias = Work | Song | Picture | Clip
MOST_CHOSEN = 2000
#: Ids that one question to the database names.
IDS_AT_ONCE = 500


def chosen_rows(session: Session, person_id: str, chosen: Chosen) -> list[Row]:
    """The rows, in the order in which they were chosen, each once.

    Raises NotFound where one is deleted or not the person's, LimitReached where more than `MOST_CHOSEN` are chosen.
    """
    wanted = {kind: list(dict.fromkeys(chosen.get(kind, ()))) for kind in CHOSEN_KINDS}
    if sum(map(len, wanted.values())) > MOST_CHOSEN:
        raise LimitReached("app.most_chosen", count=MOST_CHOSEN)
    found: list[Row] = []
    for kind, ids in wanted.items():
        model = MODELS[kind]
        rows = {row.id: row for some in batches(ids) for row in own_rows(session, model, person_id, some)}
        if len(rows) != len(ids):
            raise not_found(model)
        found += [rows[each] for each in ids]
    return found


def own_rows(session: Session, model: Any, person_id: str, ids: Sequence[str]) -> Sequence[Row]:
    """Those of the rows that are the person's and not deleted, as the database has them now."""
    query = select(model).where(model.id.in_(ids), model.person_id == person_id, model.deleted_at.is_(None))
    if model is Work:
        query = query.options(selectinload(Work.jobs))
    return session.scalars(query.execution_options(populate_existing=True)).all()


def batches(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    """The ids, `IDS_AT_ONCE` at a time."""
    return (ids[begin : begin + IDS_AT_ONCE] for begin in range(0, len(ids), IDS_AT_ONCE))


def hide_chosen(session: Session, settings: AppSettings, person_id: str, chosen: Chosen) -> tuple[int, datetime]:
    """Delete all of it for a day, or nothing where a part of it is not there; the making of works is cancelled.

    Gives how many they were, and the moment that they share, by which they are brought back together. Raises as `chosen_rows`.
    """
    with writing(session):
        lock_person(session, person_id)
        rows, at = chosen_rows(session, person_id, chosen), now()
        for row in rows:
            hide(row, at)
            if isinstance(row, Work):
                for job in [job for job in row.jobs if job.kind == row.kind and job.state in ACTIVE_STATES]:
                    request_cancel(session, job)
    release_files(session, settings, person_id)
    return len(rows), at


def restore_chosen(session: Session, person_id: str, at: datetime) -> int:
    """Bring back all that was deleted at that moment and is still there; gives how many they were. Raises NotFound for none."""
    count = 0
    with writing(session):
        lock_person(session, person_id)
        for model in MODELS.values():
            hidden = select(model).where(model.person_id == person_id, model.deleted_at == at, is_hidden(model))
            for row in session.scalars(hidden.execution_options(populate_existing=True)):
                bring_back(row)
                count += 1
    if not count:
        raise NotFound("app.nothing_to_bring_back")
    return count
