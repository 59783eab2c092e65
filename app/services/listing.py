"""Lists by the page, searched and sorted. A cursor says behind which row the next page begins, so new rows shift nothing."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast, get_args

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Clip, Picture, Song, Work, WorkInput
from app.services.titles import forms
from app.shelf_models import AssetTag, WorkTag

Row = TypeVar("Row", Song, Picture, Clip, Work)
GivenRow = TypeVar("GivenRow", Song, Picture, Clip)
#: By when they came, by name, the longest first, the largest first.
Sort = Literal["newest", "oldest", "name", "length", "size"]
SORTS: tuple[Sort, ...] = get_args(Sort)
MAX_PAGE = 200
#: So much of a title is sorted by, in characters.
SORTED_CHARACTERS = 80
#: Words of a search that are looked for.
MOST_WORDS = 12
ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
Value = str | int | float | datetime
#: Conditions that narrow a list beside its search, as that a row lies in an album.
Within: TypeAlias = Sequence[ColumnElement[bool]]


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows in their order, and the cursor of those after them; None at the end."""

    items: Sequence[Row]
    next_cursor: str | None


@dataclass(frozen=True)
class Lists(Generic[GivenRow]):
    """Lists the songs, pictures or films that somebody gave, by calling it."""

    model: type[GivenRow]

    def __call__(
        self,
        session: Session,
        person_id: str,
        search: str = "",
        cursor: str | None = None,
        limit: int = 50,
        sort: Sort = "newest",
        within: Within = (),
    ) -> Page[GivenRow]:
        """A page of the person's that hold every word of `search`. Raises Refused for a cursor that is unknown in that order."""
        query = select(self.model).where(self.model.person_id == person_id, self.model.deleted_at.is_(None))
        return list_page(session, query, self.model, search, cursor, limit, sort, within)


def list_page(
    session: Session,
    query: Select[Row],
    model: type[Row],
    search: str,
    cursor: str | None,
    limit: int,
    sort: Sort = "newest",
    within: Within = (),
) -> Page[Row]:
    """One page of the query, of those rows that are `within`. Raises Refused for a cursor not made here, or for another order."""
    limit = max(1, min(limit, MAX_PAGE))
    query = query.where(*(has_word(model, word) for word in search_words(search)), *within)
    key, falls = sort_key(model, sort), sort in ("newest", "length", "size")
    if cursor:
        value, row_id = read_place(cursor, sort, type_of_key(model, sort))
        beyond = key < value if falls else key > value
        query = query.where(or_(beyond, and_(key == value, model.id < row_id if falls else model.id > row_id)))
    order = (key.desc(), model.id.desc()) if falls else (key.asc(), model.id.asc())
    rows = session.execute(query.add_columns(key).order_by(*order).limit(limit + 1)).unique().all()
    more = len(rows) > limit
    return Page([row[0] for row in rows[:limit]], make_place(rows[limit - 1][1], rows[limit - 1][0].id, sort) if more else None)


def search_words(search: str) -> list[str]:
    """The words that are looked for, each once."""
    return list(dict.fromkeys(search.replace("\0", " ").split()))[:MOST_WORDS]


def has_word(model: Any, word: str) -> ColumnElement[bool]:
    """That a row's title, one of its tags, or what is said or sung in it holds the word.

    What is known of the words of a song or clip stands in the works that were made of it.
    """

    def holds(text: Any) -> ColumnElement[bool]:
        return or_(*(text.contains(form, autoescape=True) for form in forms(word)))

    if model is Work:
        worn = exists().where(WorkTag.work_id == Work.id, holds(WorkTag.folded))
        return or_(holds(Work.search_text), holds(Work.words_text), worn)
    worn = exists().where(AssetTag.asset_id == model.id, holds(AssetTag.folded))
    if model is Picture:
        return or_(holds(model.search_text), worn)
    of_it = (WorkInput.asset_id == model.id, WorkInput.work_id == Work.id, Work.deleted_at.is_(None))
    return or_(holds(model.search_text), worn, exists().where(*of_it, holds(Work.words_text)))


def sort_key(model: Any, sort: Sort) -> ColumnElement[Any]:
    """What rows are sorted by. Pictures, which have no length, are sorted by their age instead."""
    if sort == "name":
        return func.substr(model.search_text, 1, SORTED_CHARACTERS)
    if sort == "size":
        return func.coalesce(model.size_bytes, 0)
    if sort == "length" and model is Work:
        return func.coalesce(model.figures["duration_s"].as_float(), -1.0)
    if sort == "length" and model is not Picture:
        return func.coalesce(model.duration_s, -1.0)
    made: ColumnElement[datetime] = model.created_at.expression
    return made


def type_of_key(model: type[Row], sort: Sort) -> type:
    """The type of what rows are sorted by."""
    if sort == "length":
        return datetime if model is Picture else float
    return {"name": str, "size": int}.get(sort, datetime)


def make_place(value: Value, row_id: str, sort: Sort) -> str:
    """The cursor of what comes after the row of that id, by whose value the list is sorted."""
    kept = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([sort, kept, row_id]).encode()).decode().rstrip("=")


def read_place(cursor: str, sort: Sort, of: type) -> tuple[Value, str]:
    """The row's value, which is of that type, and its id. Raises Refused, also where the cursor is of another order."""
    try:
        made_for, value, row_id = json.loads(base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)))
        if made_for != sort or not ID.fullmatch(row_id):
            raise ValueError(cursor)
        return checked_value(value, of), row_id
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Refused("app.no_such_place_in_list") from error


def checked_value(value: object, of: type) -> Value:
    """The value, if it is of that type, and one that rows have. Raises ValueError."""
    if of is datetime and isinstance(value, str):
        return datetime.fromisoformat(value).astimezone(UTC)
    if of is str and isinstance(value, str) and len(value) <= SORTED_CHARACTERS and "\0" not in value:
        value.encode()  # no database takes surrogates
        return value
    if of is int and type(value) is int and 0 <= value < 2**63:
        return value
    if of is float and type(value) in (int, float) and math.isfinite(value):  # type: ignore[arg-type]
        return float(value)  # type: ignore[arg-type]
    raise ValueError(value)


def make_cursor(at: datetime, row_id: str) -> str:
    """The cursor of what comes after the row of that time and id."""
    return make_place(at, row_id, "newest")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """When the row was made, and its id. Raises Refused."""
    value, row_id = read_place(cursor, "newest", datetime)
    return cast(datetime, value), row_id
