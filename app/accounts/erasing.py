"""The end of an account: what its person has is destroyed at once, then the rows by which the account was known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.joining import tables_of_persons
from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.accounts.service import check_not_last, get_account
from app.accounts.sessions import end_sessions
from app.database import writing
from app.models import ACTIVE_STATES, Asset, IdempotencyKey, Job, Person, Upload, Work
from app.notices.models import NoticeAddress
from app.services.erasure import mark_erased, scrub
from app.services.hiding import erase
from app.services.jobs import request_cancel
from app.services.keeping import remove_uploads
from app.services.library import lock_person
from app.services.releasing import release_files
from app.settings import AppSettings
from app.shelf_models import Album, AlbumAsset, AlbumWork

#: Rows that belong to an account.
OF_ACCOUNT = (AccountSession, AccountCode, AccountIdentity, Passkey)


def erase_account(session: Session, settings: AppSettings, account_id: str) -> Sequence[str]:
    """Erase the account and all that it has; the ids of the sessions that ended. Raises NotFound, and Conflict for the last
    administrator.

    What a job is at work on goes with the job's end, which is asked for: the next sweep sees to it.
    """
    with writing(session):
        account = get_account(session, account_id)
        check_not_last(session, account)
        ended = end_sessions(session, account_id)
        lock_person(session, account.person_id)
        dropped = erase_things(session, account.person_id)
        for model in OF_ACCOUNT:
            session.execute(delete(model).where(model.account_id == account_id))
        session.execute(delete(Account).where(Account.id == account_id))
        mark_erased(settings)
    remove_uploads(settings, dropped)
    release_files(session, settings, account.person_id)
    forget_person(session, account.person_id)
    scrub(session, settings, at_once=True)
    return ended


def erase_things(session: Session, person_id: str) -> Sequence[str]:
    """Let all that the person has be destroyed at the next chance; the ids of unfinished uploads. Inside a transaction that
    writes."""
    for job in session.scalars(select(Job).where(Job.person_id == person_id, Job.state.in_(ACTIVE_STATES))).all():
        request_cancel(session, job)
    for work in session.scalars(select(Work).where(Work.person_id == person_id)).all():
        erase(work)
    for asset in session.scalars(select(Asset).where(Asset.person_id == person_id)).all():
        erase(asset)
    albums = select(Album.id).where(Album.person_id == person_id)
    for linked in (AlbumAsset, AlbumWork):
        session.execute(delete(linked).where(linked.album_id.in_(albums)).execution_options(synchronize_session=False))
    dropped = session.scalars(select(Upload.id).where(Upload.person_id == person_id)).all()
    for owned in (Album, Upload, NoticeAddress):
        session.execute(delete(owned).where(owned.person_id == person_id).execution_options(synchronize_session=False))
    return dropped


def forget_person(session: Session, person_id: str) -> None:
    """Drop the person's own row, which tells nothing but that there was somebody, unless something still hangs on it."""
    with writing(session):
        for table in tables_of_persons():
            if session.execute(select(table.c.person_id).where(table.c.person_id == person_id).limit(1)).first() is not None:
                return
        session.execute(delete(IdempotencyKey).where(IdempotencyKey.person_id == person_id))
        session.execute(delete(Person).where(Person.id == person_id))
