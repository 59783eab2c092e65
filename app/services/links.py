"""Links to films: made by their owner for a time, taken back at will, opened by whoever has them.

A link holds 256 random bits (OWASP ASVS 3.2.2 asks for 64), of which only the SHA-256 is kept, so it can't be told again: it is
shown once, when it is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.link_models import ShareLink
from app.models import Work, now
from app.services.library import get_own, lock_person
from app.services.works import work_file
from app.settings import AppSettings
from app.unguessable import hash_of, new_token
from core.errors import BelcantoError

#: For how many days a link may hold, as the pages offer it.
DAYS = (1, 7, 30, 365)
MOST_DAYS = DAYS[-1]
USUAL_DAYS = 7
#: Links that one film may have at the same time.
MOST_LINKS = 20
#: The role of a film among a work's files.
FILM = "film"


@dataclass(frozen=True)
class NewLink:
    """A link that was just made, with its secret, which is known this once."""

    link: ShareLink
    secret: str


def create_link(
    session: Session, settings: AppSettings, person_id: str, work_id: str, days: int = USUAL_DAYS, download: bool = False
) -> NewLink:
    """A link to the person's film, which holds for so many days. download: who has it may save the film, too.

    Raises NotFound, Refused where there is no film to show (yet) or for a number of days that is not 1 to `MOST_DAYS`,
    LimitReached where the film has `MOST_LINKS` already.
    """
    if not 1 <= days <= MOST_DAYS:
        raise Refused("app.link_days", most=MOST_DAYS)
    work = get_own(session, Work, person_id, work_id)
    film_of(settings, work)
    secret = new_token()
    with writing(session):
        lock_person(session, person_id)
        forget_expired(session, person_id)
        count = session.scalar(select(func.count()).select_from(ShareLink).where(ShareLink.work_id == work_id)) or 0
        if count >= MOST_LINKS:
            raise LimitReached("app.too_many_links", most=MOST_LINKS)
        link = ShareLink(person_id=person_id, work_id=work_id, secret_sha256=hash_of(secret), download=download)
        link.created_at = now()
        link.expires_at = link.created_at + timedelta(days=days)
        session.add(link)
    return NewLink(link, secret)


def list_links(session: Session, person_id: str, work_id: str) -> Sequence[ShareLink]:
    """The links to the person's film that hold, the newest first. Raises NotFound."""
    get_own(session, Work, person_id, work_id)
    query = select(ShareLink).where(ShareLink.person_id == person_id, ShareLink.work_id == work_id, ShareLink.expires_at > now())
    return session.scalars(query.order_by(ShareLink.created_at.desc(), ShareLink.id)).all()


def revoke_link(session: Session, person_id: str, link_id: str) -> str:
    """Take a link back, at once; the id of its film. Raises NotFound."""
    with writing(session):
        link = session.get(ShareLink, link_id)
        if link is None or link.person_id != person_id or link.expires_at <= now():
            raise NotFound("app.no_such_link")
        work_id = link.work_id
        session.delete(link)
    return work_id


def shared_film(session: Session, settings: AppSettings, secret: str) -> ShareLink:
    """The link of that secret.

    Raises NotFound, with the same words, where it was taken back, has expired, was never there, or its film is gone or made anew.
    """
    link = session.scalars(select(ShareLink).where(ShareLink.secret_sha256 == hash_of(secret))).one_or_none()
    if link is None or link.expires_at <= now() or link.work.deleted_at is not None:
        raise NotFound("app.no_such_link")
    try:
        film_of(settings, link.work)
    except BelcantoError as error:
        raise NotFound("app.no_such_link") from error
    return link


def film_of(settings: AppSettings, work: Work) -> Path:
    """The film's file. Raises Refused where the work holds none (yet)."""
    if FILM not in work.files:
        raise Refused("app.nothing_to_share")
    try:
        return work_file(settings, work, FILM)
    except NotFound as error:
        raise Refused("app.nothing_to_share") from error


def count_opening(session: Session, link: ShareLink) -> None:
    """Count that its page was opened."""
    with writing(session):
        session.execute(update(ShareLink).where(ShareLink.id == link.id).values(opened=ShareLink.opened + 1))


def forget_expired(session: Session, person_id: str | None = None) -> None:
    """Drop the rows of links that hold no more, of one person or of all. Inside a transaction that writes."""
    query = delete(ShareLink).where(ShareLink.expires_at <= now())
    session.execute(query if person_id is None else query.where(ShareLink.person_id == person_id))
