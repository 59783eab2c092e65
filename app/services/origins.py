"""From where the person acts for whom a session was opened, so that limits hold for an address too, whatever cookies it shows."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

#: Where a session keeps it.
ORIGIN = "origin"


def come_from(session: Session, origin: str | None) -> None:
    """Say from where the session's person acts; see `app.client_address`."""
    session.info[ORIGIN] = origin


def origin_of(session: Session) -> str | None:
    """From where the session's person acts; None where nobody has said so, as in a worker: then no limit counts by origin."""
    origin: str | None = session.info.get(ORIGIN)
    return origin


def lock_origin(session: Session) -> None:
    """One transaction at a time writes for an origin; on SQLite that is so anyway."""
    origin = origin_of(session)
    if origin is not None and session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(int(origin[:15], 16))))
