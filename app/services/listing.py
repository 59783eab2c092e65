"""Lists by the page: newest first, searched by title. A cursor says where the next page begins, and new rows shift nothing."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from sqlalchemy import Select, and_, or_
from sqlalchemy.orm import Session

from app.errors import Refused
from app.models import Clip, Picture, Song, Work
from app.services.titles import fold

Row = TypeVar("Row", Song, Picture, Clip, Work)
MAX_PAGE = 200


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, newest first, and the cursor of those after them; None at the end."""

    items: Sequence[Row]
    next_cursor: str | None


def list_page(session: Session, query: Select[Row], model: type[Row], search: str, cursor: str | None, limit: int) -> Page[Row]:
    """One page of the query. Raises Refused for a cursor that was not made here."""
    limit = max(1, min(limit, MAX_PAGE))
    for word in fold(search).split():
        query = query.where(model.search_text.contains(word, autoescape=True))
    if cursor:
        at, row_id = read_cursor(cursor)
        query = query.where(or_(model.created_at < at, and_(model.created_at == at, model.id < row_id)))
    rows = session.scalars(query.order_by(model.created_at.desc(), model.id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    return Page(rows[:limit], make_cursor(rows[limit - 1].created_at, rows[limit - 1].id) if more else None)


def make_cursor(at: datetime, row_id: str) -> str:
    """The cursor of what comes after the row of that time and id."""
    return base64.urlsafe_b64encode(f"{at.isoformat()} {row_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, str]:
    """When the row was made, and its id. Raises Refused."""
    try:
        text = base64.urlsafe_b64decode(cursor.encode() + b"=" * (-len(cursor) % 4)).decode()
        at, row_id = text.split(" ")
        return datetime.fromisoformat(at).astimezone(UTC), row_id
    except (ValueError, binascii.Error, OverflowError) as error:
        raise Refused("app.no_such_place_in_list") from error
