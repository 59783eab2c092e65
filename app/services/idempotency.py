"""Requests that bear a key are carried out once: the same again gets the same answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from app.database import writing
from app.errors import Conflict, Refused
from app.models import IdempotencyKey, now
from app.services.library import lock_person
from app.services.people import ensure_person

MAX_KEY_CHARACTERS = 200
#: After how long a request that never got an answer may be tried again: its server was killed.
UNANSWERED = timedelta(minutes=5)


@dataclass(frozen=True)
class StoredAnswer:
    """What the first request was answered."""

    status: int
    body: dict[str, Any]


def begin_request(session: Session, person_id: str, key: str, request: bytes) -> StoredAnswer | None:
    """The answer that the request got before; None where it is the first: carry it out, then call `answer_request`.

    request: what makes the request: method, path and body. Raises Refused for a key that stood for another request, or is too
    long; Conflict while the first one is at work.
    """
    if not key or len(key) > MAX_KEY_CHARACTERS:
        raise Refused("app.key_length", count=MAX_KEY_CHARACTERS)
    digest = hashlib.sha256(request).hexdigest()
    ensure_person(session, person_id)
    with writing(session):
        lock_person(session, person_id)
        row = session.get(IdempotencyKey, (person_id, key), populate_existing=True)
        if row is not None and row.request_hash != digest:
            raise Refused("app.key_used_otherwise")
        if row is not None and row.response_status is not None:
            return StoredAnswer(row.response_status, row.response_json or {})
        if row is not None and row.created_at > now() - UNANSWERED:
            raise Conflict("app.same_request_under_way")
        if row is None:
            row = IdempotencyKey(person_id=person_id, key=key, request_hash=digest)
            session.add(row)
        row.created_at = now()
    return None


def answer_request(session: Session, person_id: str, key: str, status: int, body: dict[str, Any]) -> None:
    """Keep the answer for the same request coming again."""
    with writing(session):
        row = session.get(IdempotencyKey, (person_id, key))
        if row is not None:
            row.response_status, row.response_json = status, body


def forget_request(session: Session, person_id: str, key: str) -> None:
    """Let the request be tried again: it failed for a reason that may pass."""
    with writing(session):
        row = session.get(IdempotencyKey, (person_id, key))
        if row is not None and row.response_status is None:
            session.delete(row)
