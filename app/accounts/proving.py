"""Names and passwords as they come with a request: each try is counted, by where it comes from and by the browser."""

from __future__ import annotations

from flask import Response, after_this_request, current_app, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from app.accounts.ending import end
from app.accounts.guarding import guesses, let_in, let_out, own_session
from app.accounts.joining import join
from app.accounts.models import NAME_LENGTH, Account
from app.accounts.service import by_password, find_account, fold_name
from app.accounts.sessions import end_session
from app.context import COOKIE_LIFE, app_settings, db_session, forget_person_cookie, read_person, request_origin, safe_cookie
from app.errors import LimitReached
from app.unguessable import hash_of, new_token
from app.wording import in_person_words

#: Shows that somebody has signed in with this browser before: what strangers try elsewhere does not hold them up here.
DEVICE_COOKIE = "belcanto_device"


def devices() -> URLSafeTimedSerializer:
    """Signs the cookies of browsers."""
    return URLSafeTimedSerializer(str(current_app.config["SECRET_KEY"]), salt="belcanto device")


def stamp_of(account: Account) -> str:
    """What a browser's cookie is bound to: another password makes all of them strangers again."""
    return hash_of(f"{account.id} {account.password_hash}")[:16]


def place_of(name: str) -> tuple[str, bool]:
    """From where somebody tries a name, and whether they have signed in with it there before."""
    try:
        stamp, nonce = devices().loads(
            request.cookies.get(safe_cookie(DEVICE_COOKIE), ""), max_age=int(COOKIE_LIFE.total_seconds())
        )
    except (BadSignature, ValueError, TypeError):
        return request_origin() or "", False
    account = find_account(db_session(), name)
    if account is None or stamp_of(account) != stamp:
        return request_origin() or "", False
    return f"device {nonce}", True


def who_is(name: str, password: str) -> Account | None:
    """Whose name and password these are; None for all else. Raises WaitFirst where too many were wrong before."""
    place, is_known = place_of(name)
    attempt = guesses().begin(fold_name(name)[:NAME_LENGTH], place, is_known)
    account = by_password(db_session(), name, password)
    if account is not None:
        attempt.was_right()
    return account


def count_sign_up() -> None:
    """Count that an account is asked for from here. Raises WaitFirst where that were many."""
    guesses().begin("", f"sign-up {request_origin() or ''}", is_known=True)


def welcome(account: Account) -> str | None:
    """Sign the account in with this browser and give it what the browser had before. What to tell where that can't be."""
    let_in(account)
    remember_device(account)
    told = None
    visitor_id = read_person()
    if visitor_id is not None:
        try:
            join(db_session(), app_settings(), visitor_id, account)
            forget_person_cookie()
        except LimitReached as error:
            told = in_person_words(error)
    return told


def remember_device(account: Account) -> None:
    """Let this browser be known as one that has signed in."""
    value = devices().dumps([stamp_of(account), new_token()])

    @after_this_request
    def _set(answer: Response) -> Response:
        name, secure = safe_cookie(DEVICE_COOKIE), app_settings().secure_cookies
        answer.set_cookie(name, value, max_age=COOKIE_LIFE, httponly=True, samesite="Lax", secure=secure)
        return answer


def leave() -> None:
    """Sign out here; what this session has open ends."""
    row = own_session()
    end_session(db_session(), row.account_id, row.id)
    end([row.id])
    let_out()
