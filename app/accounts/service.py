"""Accounts: made, found, changed, disabled. A name is compared folded, so that no two look alike."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.codes import use_code
from app.accounts.models import NAME_LENGTH, Account, Role
from app.accounts.passwords import check_new, fits, hashed, is_outdated
from app.accounts.sessions import end_sessions
from app.database import writing
from app.errors import Conflict, NotFound, Refused
from app.models import Person, new_id, now
from app.services.origins import origin_of

SHORTEST_NAME = 3


def clean_name(name: str) -> str:
    """The name as it is kept: composed, without blanks about it. Raises Refused for one that is too short, too long or unseen."""
    cleaned = " ".join(unicodedata.normalize("NFKC", name).split())
    hidden = any(unicodedata.category(sign)[0] == "C" for sign in cleaned)
    if hidden or not SHORTEST_NAME <= len(cleaned) <= NAME_LENGTH or len(fold_name(cleaned)) > NAME_LENGTH:
        raise Refused("app.account_name_unusable", least=SHORTEST_NAME, most=NAME_LENGTH)
    return cleaned


def fold_name(name: str) -> str:
    """The name as it is compared."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold()).split())


def find_account(session: Session, name: str) -> Account | None:
    """The account of that name, however it is written."""
    return session.scalars(select(Account).where(Account.folded == fold_name(name)[: NAME_LENGTH + 1])).one_or_none()


def get_account(session: Session, account_id: str) -> Account:
    """The account. Raises NotFound."""
    account = session.get(Account, account_id, populate_existing=True)
    if account is None:
        raise NotFound("app.no_such_account")
    return account


def add_account(session: Session, name: str, password_hash: str | None, role: Role = "user") -> Account:
    """A new account with a person of its own, who has nothing yet; inside a transaction that writes. Raises Conflict."""
    cleaned = clean_name(name)
    if find_account(session, cleaned) is not None:
        raise Conflict("app.account_name_taken")
    person = Person(id=new_id(), origin=origin_of(session))
    session.add(person)
    session.flush()
    account = Account(id=new_id(), person_id=person.id, name=cleaned, folded=fold_name(cleaned), role=role)
    account.password_hash, account.created_at = password_hash, now()
    session.add(account)
    try:
        session.flush()
    except IntegrityError as error:  # made in between
        raise Conflict("app.account_name_taken") from error
    return account


def sign_up(session: Session, name: str, password: str, invitation: str | None) -> Account:
    """An account with a password. invitation: the code that is used up for it; None where anybody may come in.

    Raises Refused for a name or a password that can't be used or an invitation that is not good, Conflict for a taken name.
    """
    check_new(password, clean_name(name))
    kept = hashed(password)  # before the database is held: it takes its time
    with writing(session):
        role: Role = "user"
        if invitation is not None:
            role = "administrator" if use_code(session, "invitation", invitation).role == "administrator" else "user"
        return add_account(session, name, kept, role)


def by_password(session: Session, name: str, password: str) -> Account | None:
    """Whose name and password these are; None for all else, after the same time. Kept anew where that was done as of old."""
    account = find_account(session, name)
    session.commit()  # nothing is held while the hash is made
    right = fits(account.password_hash if account is not None else None, password)
    if account is None or not right or account.disabled_at is not None:
        return None
    if account.password_hash is not None and is_outdated(account.password_hash):
        kept = hashed(password)
        with writing(session):
            account.password_hash = kept
    return account


def change_password(session: Session, account: Account, password: str, but: str | None = None) -> Sequence[str]:
    """Another password; signs out everywhere, `but` for the session of that id. The ids of those that ended. Raises Refused."""
    check_new(password, account.name)
    kept = hashed(password)
    with writing(session):
        get_account(session, account.id).password_hash = kept
        return end_sessions(session, account.id, but)


def reset_password(session: Session, code: str, password: str) -> tuple[Account, Sequence[str]]:
    """Another password for whoever has the one-time code. Raises Refused; then the code stays good."""
    check_new(password)
    kept = hashed(password)
    with writing(session):
        account = get_account(session, use_code(session, "reset", code).account_id or "")
        check_new(password, account.name)
        account.password_hash = kept
        return account, end_sessions(session, account.id)


def disable(session: Session, account_id: str, disabled: bool = True) -> Sequence[str]:
    """Let the account sign in no more, or again; the ids of the sessions that ended. Raises NotFound, and Conflict for the last
    administrator."""
    with writing(session):
        account = get_account(session, account_id)
        if disabled:
            check_not_last(session, account)
        account.disabled_at = now() if disabled else None
        return end_sessions(session, account.id) if disabled else ()


def give_role(session: Session, account_id: str, role: Role) -> None:
    """Make the account an administrator's, or a user's. Raises NotFound, and Conflict for the last administrator."""
    with writing(session):
        account = get_account(session, account_id)
        if role == "user":
            check_not_last(session, account)
        account.role = role


def check_not_last(session: Session, account: Account) -> None:
    """Raises Conflict where the account is the only administrator who may sign in."""
    others = select(func.count()).select_from(Account).where(Account.role == "administrator", Account.disabled_at.is_(None))
    if account.role == "administrator" and session.scalars(others.where(Account.id != account.id)).one() == 0:
        raise Conflict("app.last_administrator")
