"""Lists in pages: the request's limit and cursor, and the answer with its Link header (RFC 8288)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify, request, url_for

from app.api.problem import ApiError

DEFAULT_LIMIT = 20
MAX_LIMIT = 100


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


def answer_page(items: Sequence[dict[str, object]], next_cursor: str | None) -> Response:
    """`{items, next_cursor}` with a Link header to the next page where there is one."""
    answer = jsonify({"items": list(items), "next_cursor": next_cursor})
    if next_cursor:
        kept: dict[str, Any] = {name: value for name, value in request.args.items() if name in ("limit", "q", "state")}
        address = url_for(str(request.endpoint), cursor=next_cursor, **kept)
        answer.headers["Link"] = f'<{address}>; rel="next"'
    return answer
