"""What a request brings along, under short names."""

from __future__ import annotations

from app.context import app_settings, current_person_id, database, db_session
from app.services.people import ensure_person

__all__ = ["database", "person_id", "person_kept", "session", "settings"]

settings = app_settings
session = db_session
person_id = current_person_id


def person_kept() -> str:
    """Who asks, with a row in the database, as whoever keeps something needs one."""
    ensure_person(session(), person_id())
    return person_id()
