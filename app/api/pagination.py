"""Lists in pages: the request's limit and cursor, and the answer with its Link header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from flask import Response, jsonify, request, url_for

from app.api.problem import ApiError
from app.api.schema_parts import STATES
from app.models import JobState
from app.services.listing import SORTS, Sort, Within
from app.services.shelf import within

DEFAULT_LIMIT = 20
MAX_LIMIT = 100
#: Parameters that hold for all pages of a list.
KEPT = ("limit", "q", "sort", "state", "kind", "album", "tag")


def asked_limit() -> int:
    """How many rows the request wants. Raises ApiError 400 for what is no number from 1 to 100."""
    text = request.args.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MAX_LIMIT):
        raise ApiError(400, f"The limit must be a number from 1 to {MAX_LIMIT}.")
    return int(text)


def asked_search() -> str:
    """What the titles are searched for. Raises ApiError 400 where it is far too long."""
    text = request.args.get("q", "")
    if len(text) > 200:
        raise ApiError(400, "The search has more than 200 characters; give fewer.")
    return text.replace("\0", " ")  # which no database searches for


def asked_sort() -> Sort:
    """The order that is wanted. Raises ApiError 400 for one that there is not."""
    text = request.args.get("sort", SORTS[0])
    if text not in SORTS:
        raise ApiError(400, f"There is no order of that name; there are {', '.join(SORTS)}.")
    return text


def asked_state() -> JobState | None:
    """The state that works are wanted in. Raises ApiError 400 for one that there is not."""
    text = request.args.get("state")
    if text is not None and text not in STATES:
        raise ApiError(400, f"There is no state of that name; there are {', '.join(STATES)}.")
    return cast(JobState | None, text)


def asked_place() -> tuple[str, str]:
    """The id of the album and the tag that are named; empty where none is."""
    album_id, tag = (request.args.get(name, "").replace("\0", " ") for name in ("album", "tag"))
    return album_id, tag


def asked_within(model: Any) -> Within:
    """That a row of the model lies in the album and bears the tag, as far as they are named."""
    return within(model, *asked_place())


def answer_page(items: Sequence[dict[str, object]], next_cursor: str | None) -> Response:
    """`{items, next_cursor}` with a Link header to the next page where there is one."""
    answer = jsonify({"items": list(items), "next_cursor": next_cursor})
    if next_cursor:
        kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in KEPT}
        address = url_for(str(request.endpoint), cursor=next_cursor, **kept)
        answer.headers["Link"] = f'<{address}>; rel="next"'
    return answer
