"""Visitors. A row is made only when somebody keeps something."""

from __future__ import annotations

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.database import writing
from app.models import Person
from app.services.origins import origin_of


def ensure_person(session: Session, person_id: str) -> None:
    """Make the visitor's row unless it is there; commits."""
    if session.get(Person, person_id) is not None:
        return
    try:
        with writing(session):
            if session.get(Person, person_id) is None:
                session.add(Person(id=person_id, origin=origin_of(session)))
    except IntegrityError:  # made in between
        if session.get(Person, person_id) is None:
            raise
