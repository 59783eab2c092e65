"""The end of an account: the rows by which it was known go, then at once all that its person has."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.accounts.models import Account, AccountCode, AccountIdentity, AccountSession, Passkey
from app.accounts.service import check_not_last, get_account
from app.accounts.sessions import end_sessions
from app.database import writing
from app.services.leaving import erase_everything
from app.settings import AppSettings

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
        person_id, ended = account.person_id, end_sessions(session, account_id)
        for model in OF_ACCOUNT:
            session.execute(delete(model).where(model.account_id == account_id))
        session.execute(delete(Account).where(Account.id == account_id))
    erase_everything(session, settings, person_id)
    return ended
