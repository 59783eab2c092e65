"""What a request has at hand: settings, a session of the database, and who the visitor is.

The visitor is known by a signed cookie of long life. Its id is made at the first visit; its row, only when something is kept.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, current_app, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer
from sqlalchemy.orm import Session

from app.client_address import origin_of_address, parsed
from app.database import Database
from app.models import new_id, now
from app.services.origins import come_from
from app.settings import AppSettings

EXTENSION = "belcanto"
PERSON_COOKIE = "belcanto_person"
#: Begins the names of cookies that browsers take over HTTPS from this very host alone (RFC 6265bis, 4.1.3.2).
HOST_PREFIX = "__Host-"
#: Browsers keep no cookie longer.
COOKIE_LIFE = timedelta(days=400)
#: After how long a cookie is set anew, so that who comes back now and then is never forgotten.
COOKIE_REFRESH = timedelta(days=14)
PERSON_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class AppParts:
    """What `create_app` made."""

    settings: AppSettings
    database: Database
    people: URLSafeTimedSerializer
    origin_key: str


def parts() -> AppParts:
    """The parts of the application that answers."""
    made: AppParts = current_app.extensions[EXTENSION]
    return made


def app_settings() -> AppSettings:
    """The application's settings."""
    return parts().settings


def database() -> Database:
    """The database, for work that outlives the request, such as a stream: open a session of one's own there."""
    return parts().database


def db_session() -> Session:
    """The request's session; closed at its end."""
    if "db_session" not in g:
        g.db_session = parts().database.session()
        come_from(g.db_session, request_origin())
    session: Session = g.db_session
    return session


def request_origin() -> str | None:
    """Where the request comes from, as limits count it; the server has heard already what trusted proxies say of that."""
    return origin_of_address(parsed(request.remote_addr or ""), parts().origin_key)


def current_person_id() -> str:
    """The visitor's id; a new visitor gets one, and the cookie with the answer."""
    if "person_id" not in g:
        g.person_id = read_person() or new_id()
    person_id: str = g.person_id
    return person_id


def safe_cookie(name: str) -> str:
    """What the cookie is called here: where cookies go over HTTPS alone, no neighbouring host may set it."""
    return HOST_PREFIX + name if app_settings().secure_cookies else name


def read_person() -> str | None:
    """The id in the request's cookie, if we signed it. A server that has HTTPS since a while knows the name of before, too."""
    name = safe_cookie(PERSON_COOKIE)
    text = request.cookies.get(name) or request.cookies.get(PERSON_COOKIE, "")
    try:
        person_id, signed_at = parts().people.loads(text, return_timestamp=True)
    except BadSignature:
        return None
    if not isinstance(person_id, str) or not PERSON_ID.fullmatch(person_id):
        return None
    g.person_cookie_fresh = name in request.cookies and now() - signed_at < COOKIE_REFRESH
    return person_id


def give_person_cookie(answer: Response) -> Response:
    """Set the cookie where the visitor is new, or the cookie old. With accounts no cookie is the key to anything."""
    settings = app_settings()
    if g.pop("person_cookie_done", False):
        for name in {PERSON_COOKIE, safe_cookie(PERSON_COOKIE)}:
            answer.delete_cookie(name, secure=settings.secure_cookies, httponly=True, samesite="Lax")
    elif "person_id" in g and not settings.accounts.on and not g.get("person_cookie_fresh", False):
        answer.set_cookie(
            safe_cookie(PERSON_COOKIE),
            parts().people.dumps(g.person_id),
            max_age=COOKIE_LIFE,
            httponly=True,
            samesite="Lax",
            secure=settings.secure_cookies,
        )
    return answer


def bearer_token() -> str | None:
    """What a program shows; None where it is none that asks, but a browser."""
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    return text.strip() if scheme.lower() == "bearer" else None


def become_somebody_new() -> None:
    """From now on the visitor is nobody that we know: the cookie gets another id with the answer. An account stays what it is."""
    if app_settings().accounts.on:
        return
    g.person_id, g.person_cookie_fresh = new_id(), False


def forget_person_cookie() -> None:
    """Have the browser drop the cookie with the answer: what it was the key to is an account's now."""
    g.person_cookie_done = True


def close_session(error: BaseException | None) -> None:
    """Give the request's session back."""
    session = g.pop("db_session", None)
    if session is not None:
        session.close()


def register_context(app: Flask, settings: AppSettings, base: Database) -> None:
    """Give the application its parts."""
    people = URLSafeTimedSerializer(settings.secret_key(), salt="belcanto person")
    app.extensions[EXTENSION] = AppParts(settings, base, people, f"origin {settings.secret_key()}")
    app.after_request(give_person_cookie)
    app.teardown_appcontext(close_session)
