"""Where visitors want to be told that a film is ready: their browsers, by the addresses that push services gave to these."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.database import writing
from app.notices.models import NoticeAddress
from app.services.people import ensure_person

#: Browsers of one person that are told; a further one takes the place of the oldest.
MOST = 10


def add_address(session: Session, person_id: str, endpoint: str, keys: tuple[str, str], language: str) -> None:
    """Tell that browser from now on. keys: its `p256dh` and `auth`. One that is known gets what is new."""
    ensure_person(session, person_id)
    with writing(session):
        key = key_of(endpoint)
        session.execute(delete(NoticeAddress).where(NoticeAddress.key == key))
        p256dh, auth = keys
        made = NoticeAddress(person_id=person_id, key=key, endpoint=endpoint, p256dh=p256dh, auth=auth, language=language)
        session.add(made)
        session.flush()
        for old in addresses_of(session, person_id)[MOST:]:
            session.delete(old)


def remove_address(session: Session, person_id: str, endpoint: str) -> None:
    """Tell that browser of the person's no more."""
    with writing(session):
        mine = (NoticeAddress.person_id == person_id, NoticeAddress.key == key_of(endpoint))
        session.execute(delete(NoticeAddress).where(*mine))


def forget_address(session: Session, address_id: str) -> None:
    """The browser is gone."""
    with writing(session):
        session.execute(delete(NoticeAddress).where(NoticeAddress.id == address_id))


def addresses_of(session: Session, person_id: str) -> Sequence[NoticeAddress]:
    """The person's browsers, the newest first."""
    query = select(NoticeAddress).where(NoticeAddress.person_id == person_id)
    return session.scalars(query.order_by(NoticeAddress.created_at.desc(), NoticeAddress.id)).all()


def key_of(endpoint: str) -> str:
    """What tells addresses apart, however long they are."""
    return hashlib.sha256(endpoint.encode()).hexdigest()
