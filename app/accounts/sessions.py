"""Where an account is signed in. A browser's cookie bears a token, the database its hash: what ends here ends everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Account, AccountSession
from app.accounts.settings import AccountSettings
from app.database import writing
from app.errors import NotFound
from app.models import now
from app.unguessable import hash_of, new_token

#: How often it is written down that a session is in use.
NOTED_EVERY = timedelta(minutes=5)
#: For so long after having shown who one is, what is grave may be done.
FRESH = timedelta(minutes=15)
#: How browsers and systems call themselves, and how they are called; the first that fits.
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iOS", "iPad": "iOS", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}


def open_session(session: Session, account: Account, agent: str) -> str:
    """Sign the account in with a browser that calls itself so; the token for its cookie, which nobody had before."""
    token = new_token()
    with writing(session):
        session.add(AccountSession(account_id=account.id, token_hash=hash_of(token), browser=browser_of(agent)))
        session.get_one(Account, account.id).seen_on = now().date()
    return token


def find_session(
    session: Session, settings: AccountSettings, token: str, note: bool = True
) -> tuple[AccountSession, Account] | None:
    """The session of that token and its account, unless its time is over or the account was disabled.

    note: whether to write down that it is used.
    """
    query = select(AccountSession, Account).join(Account, AccountSession.account_id == Account.id)
    found = session.execute(query.where(AccountSession.token_hash == hash_of(token))).one_or_none()
    if found is None:
        return None
    row, account = found
    if account.disabled_at is not None or is_over(row, settings):
        return None
    if note and now() - row.seen_at > NOTED_EVERY:
        with writing(session):
            row.seen_at, account.seen_on = now(), now().date()
    return row, account


def is_over(row: AccountSession, settings: AccountSettings) -> bool:
    """Whether its time is over."""
    return now() - row.seen_at > settings.idle or now() - row.created_at > settings.longest


def is_fresh(row: AccountSession) -> bool:
    """Whether it was shown a short while ago who they are."""
    return now() - row.proved_at < FRESH


def prove(session: Session, row: AccountSession) -> None:
    """It was shown just now."""
    with writing(session):
        row.proved_at = now()


def sessions_of(session: Session, settings: AccountSettings, account_id: str) -> list[AccountSession]:
    """Where the account is signed in, the last used first."""
    query = select(AccountSession).where(AccountSession.account_id == account_id)
    rows = session.scalars(query.order_by(AccountSession.seen_at.desc(), AccountSession.id))
    return [row for row in rows if not is_over(row, settings)]


def end_session(session: Session, account_id: str, session_id: str) -> str:
    """Sign out there; its id. Raises NotFound, also where it is somebody else's."""
    mine = (AccountSession.id == session_id, AccountSession.account_id == account_id)
    with writing(session):
        if session.execute(delete(AccountSession).where(*mine).returning(AccountSession.id)).first() is None:
            raise NotFound("app.no_such_signed_in")
    return session_id


def end_sessions(session: Session, account_id: str, but: str | None = None) -> Sequence[str]:
    """Sign out everywhere, `but` for the session of that id; the ids of those that ended."""
    query = delete(AccountSession).where(AccountSession.account_id == account_id)
    if but is not None:
        query = query.where(AccountSession.id != but)
    with writing(session):
        return session.scalars(query.returning(AccountSession.id)).all()


def live_sessions(session: Session, session_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are still signed in, of accounts that are not disabled."""
    query = select(AccountSession.id).join(Account, AccountSession.account_id == Account.id)
    return set(session.scalars(query.where(AccountSession.id.in_(session_ids), Account.disabled_at.is_(None))))


def forget_old_sessions(session: Session, settings: AccountSettings) -> None:
    """Drop those whose time is over."""
    over = or_(AccountSession.seen_at < now() - settings.idle, AccountSession.created_at < now() - settings.longest)
    with writing(session):
        session.execute(delete(AccountSession).where(over))


def browser_of(agent: str) -> str:
    """Browser and system in a few words, of how a browser calls itself; empty where it is none that is known."""
    named = [next((name for sign, name in known.items() if sign in agent), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, named))
