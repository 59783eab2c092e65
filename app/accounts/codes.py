"""Codes that are good for one thing once: an invitation, or another password. Whoever has one needs nothing else."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.accounts.models import AccountCode, Purpose, Role
from app.database import writing
from app.errors import NotFound, Refused
from app.models import now
from app.unguessable import hash_of, new_token

#: How long each is good.
GOOD_FOR: dict[Purpose, timedelta] = {"invitation": timedelta(days=7), "reset": timedelta(hours=24)}


def make_code(session: Session, purpose: Purpose, account_id: str | None = None, role: Role = "user") -> str:
    """A new code. Of those for another password of one account, the newest alone is good."""
    code = new_token()
    with writing(session):
        if account_id is not None:
            session.execute(delete(AccountCode).where(AccountCode.account_id == account_id))
        expires_at = now() + GOOD_FOR[purpose]
        session.add(
            AccountCode(purpose=purpose, code_hash=hash_of(code), role=role, account_id=account_id, expires_at=expires_at)
        )
    return code


def find_code(session: Session, purpose: Purpose, code: str) -> AccountCode | None:
    """The row of a code that is good."""
    query = select(AccountCode).where(AccountCode.purpose == purpose, AccountCode.code_hash == hash_of(code))
    return session.scalars(query.where(AccountCode.expires_at > now())).one_or_none()


def use_code(session: Session, purpose: Purpose, code: str) -> AccountCode:
    """Use it up, inside a transaction that writes: of two who come at once, one gets it. Raises Refused where it is not good."""
    row = find_code(session, purpose, code)
    gone = delete(AccountCode).where(AccountCode.code_hash == hash_of(code)).returning(AccountCode.id)
    if row is None or session.execute(gone.execution_options(synchronize_session=False)).first() is None:
        raise Refused("app.code_not_good")
    session.expunge(row)
    return row


def open_invitations(session: Session) -> list[AccountCode]:
    """The invitations that are good, those that end first before the others."""
    query = select(AccountCode).where(AccountCode.purpose == "invitation", AccountCode.expires_at > now())
    return list(session.scalars(query.order_by(AccountCode.expires_at, AccountCode.id)))


def withdraw(session: Session, code_id: str) -> None:
    """Take an invitation back. Raises NotFound."""
    with writing(session):
        mine = (AccountCode.id == code_id, AccountCode.purpose == "invitation")
        if session.execute(delete(AccountCode).where(*mine).returning(AccountCode.id)).first() is None:
            raise NotFound("app.no_such_invitation")


def forget_old_codes(session: Session) -> None:
    """Drop those whose time is over."""
    with writing(session):
        session.execute(delete(AccountCode).where(AccountCode.expires_at <= now()))
