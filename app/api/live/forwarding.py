"""What is asked of the live process for a visitor: whose session it is, and its answers in the visitor's words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, current_app, request

from app.api.context import person_id
from app.errors import NotFound
from app.live.client import Forwarded, LiveDown, LiveRefused, live_client

#: Where the application keeps who opened which session, in `extensions`; the live process knows, too, and is asked only once.
OWNERS = "belcanto_live_owners"
JSON = {"Content-Type": "application/json"}
#: What the live process calls bad is, for a visitor, what can be read but not used.
STATUSES = {400: 422}
#: Statuses by which it tells that we ask it wrongly: nothing that a visitor could mend.
ITS_OWN = (401, 403, 405)


def asked(method: str, path: str, body: Mapping[str, Any] | bytes | None = None) -> Forwarded:
    """Its answer, where it did as it was asked.

    Raises LiveRefused with its message where it did not, MissingError and LiveDown where there is nobody to ask.
    """
    sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    headers = {"Content-Type": "application/octet-stream"} if isinstance(body, bytes) else JSON if body is not None else {}
    return refused_in_our_way(live_client().forward(method, path, sent, headers))


def refused_in_our_way(answer: Forwarded) -> Forwarded:
    """The same answer; a refusal gets the status that the API has for it."""
    if answer.status in ITS_OWN:
        answer.chunks.close()
        raise LiveDown("app.live_down")
    try:
        return answer.checked()
    except LiveRefused as error:
        error.status = 503 if error.status >= 500 else STATUSES.get(error.status, error.status)
        raise


def done(method: str, path: str, body: Mapping[str, Any] | bytes | None = None) -> None:
    """Have something done whose answer says no more than that it was."""
    asked(method, path, body).read()


def streamed(path: str, mime: str, headers: Mapping[str, str] | None = None, chunks: Any = None) -> Response:
    """What comes as it comes, handed on piece by piece. chunks: what to hand on in the answer's place, made of its chunks."""
    if request.method == "HEAD":  # nobody is to look at it: none is begun
        return Response(mimetype=mime)
    forwarded = refused_in_our_way(live_client().forward("GET", path, None, dict(headers or {})))
    content = forwarded.chunks if chunks is None else chunks(forwarded.chunks)
    answer = Response(content, content_type=forwarded.headers.get("content-type", mime), direct_passthrough=True)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def owners() -> dict[str, str]:
    """Who opened which session."""
    known: dict[str, str] = current_app.extensions.setdefault(OWNERS, {})
    return known


def running() -> list[dict[str, Any]]:
    """All sessions that run, as the live process tells them; who opened them is kept in mind."""
    told = asked("GET", "/sessions").json()
    rows: list[dict[str, Any]] = told["sessions"] if isinstance(told, dict) else told
    known = owners()
    known.clear()
    known.update({row["session"]: row["owner"] for row in rows})
    return rows


def path_of(session_id: str, below: str = "") -> str:
    """Where the visitor's session stands with the live process. Raises NotFound where it is somebody else's, or over."""
    if session_id not in owners():
        running()
    if owners().get(session_id) != person_id():
        raise NotFound("app.no_such_session")
    return f"/sessions/{session_id}{below}"
