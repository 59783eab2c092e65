"""Tokens for a person's own programs: what each may do, for how long, and who asks with one.

A token is `belcanto_` and 256 random bits, so that whoever searches code for secrets finds one that was left there; only its
SHA-256 is kept, and it is shown once, when it is made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import Account
from app.database import writing
from app.errors import AppError, LimitReached, NotFound, Refused
from app.models import now
from app.services.library import lock_person
from app.services.people import ensure_person
from app.services.titles import clean_title
from app.token_models import NAME_LENGTH, ApiToken
from app.unguessable import hash_of, new_token

BEGIN = "belcanto_"
#: What a token may be allowed: to look and download, to upload, order and change, to delete, to show films to others, and to talk
#: with avatars.
SCOPES = ("read", "make", "delete", "share", "talk")
#: For how many days a token may hold, as the page offers it.
DAYS = (7, 30, 90, 365)
MOST_DAYS = DAYS[-1]
USUAL_DAYS = 90
MOST_TOKENS = 50


class TokenRefused(AppError):
    """No token, or none any more."""

    status = 401
    slug = "token-refused"


class TokenMayNot(AppError):
    """The token is good, but not for this."""

    status = 403
    slug = "token-may-not"


@dataclass(frozen=True)
class NewToken:
    """A token that was just made, with its text, which is known this once."""

    token: ApiToken
    text: str


def create_token(session: Session, person_id: str, name: str, scopes: Collection[str], days: int = USUAL_DAYS) -> NewToken:
    """A token for a program of the person's, which holds for so many days.

    Raises Refused for an empty name, without a scope or with one that is unknown, and for a number of days that is not 1 to
    `MOST_DAYS`; LimitReached where the person has `MOST_TOKENS`.
    """
    title = clean_title(name, NAME_LENGTH)
    if not title:
        raise Refused("app.title_empty")
    if not scopes or not set(scopes) <= set(SCOPES):
        raise Refused("app.token_scopes")
    if not 1 <= days <= MOST_DAYS:
        raise Refused("app.token_days", most=MOST_DAYS)
    ensure_person(session, person_id)
    text = BEGIN + new_token()
    with writing(session):
        lock_person(session, person_id)
        forget_expired_tokens(session, person_id)
        count = session.scalar(select(func.count()).select_from(ApiToken).where(ApiToken.person_id == person_id)) or 0
        if count >= MOST_TOKENS:
            raise LimitReached("app.too_many_tokens", most=MOST_TOKENS)
        token = ApiToken(person_id=person_id, name=title, secret_sha256=hash_of(text))
        token.scopes = " ".join(scope for scope in SCOPES if scope in scopes)
        token.created_at = now()
        token.expires_at = token.created_at + timedelta(days=days)
        session.add(token)
    return NewToken(token, text)


def list_tokens(session: Session, person_id: str) -> Sequence[ApiToken]:
    """The person's tokens that hold, the newest first."""
    query = select(ApiToken).where(ApiToken.person_id == person_id, ApiToken.expires_at > now())
    return session.scalars(query.order_by(ApiToken.created_at.desc(), ApiToken.id)).all()


def revoke_token(session: Session, person_id: str, token_id: str) -> None:
    """Take a token back, at once. Raises NotFound."""
    with writing(session):
        mine = (ApiToken.id == token_id, ApiToken.person_id == person_id, ApiToken.expires_at > now())
        if session.execute(delete(ApiToken).where(*mine).returning(ApiToken.id)).first() is None:
            raise NotFound("app.no_such_token")


def use_token(session: Session, text: str, scope: str, accounts_on: bool) -> str:
    """Who asks with that token for something of that scope.

    Raises TokenRefused where it is none, has ended, or its account is disabled or gone; TokenMayNot where it lacks the scope.
    """
    token = find_token(session, text, accounts_on)
    if token is None:
        raise TokenRefused("app.token_refused")
    if scope not in token.scopes.split():
        raise TokenMayNot("app.token_may_not", scope=scope)
    person_id, today = token.person_id, now().date()
    if token.used_on != today:
        with writing(session):
            token.used_on = today
    session.commit()
    return person_id


def find_token(session: Session, text: str, accounts_on: bool) -> ApiToken | None:
    """The token of that text, if it holds and is somebody's who may come in. Nothing is written down."""
    held = (ApiToken.secret_sha256 == hash_of(text), ApiToken.expires_at > now())
    token = session.scalars(select(ApiToken).where(*held)).one_or_none()
    return None if token is None or (accounts_on and not has_open_account(session, token.person_id)) else token


def has_open_account(session: Session, person_id: str) -> bool:
    """Whether the person has an account that is not disabled."""
    query = select(Account.id).where(Account.person_id == person_id, Account.disabled_at.is_(None))
    return session.scalars(query).first() is not None


def forget_expired_tokens(session: Session, person_id: str | None = None) -> None:
    """Drop those that hold no more, of one person or of all. Inside a transaction that writes."""
    query = delete(ApiToken).where(ApiToken.expires_at <= now())
    session.execute(query if person_id is None else query.where(ApiToken.person_id == person_id))
