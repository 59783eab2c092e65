"""Who asks, where accounts are on: Flask-Login finds the account by the session's token, and a gate keeps others out.

The token stands in Flask's signed cookie, in the place where Flask-Login keeps a user's id; what it says counts only as long as
the database has a session for it. It is new at every sign-in, and all that the cookie held before goes, so that nobody can hand
somebody a session to sign in with (session fixation).
"""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.guesses import Guesses
from app.accounts.models import Account, AccountSession
from app.accounts.sessions import find_session, is_fresh, open_session
from app.context import EXTENSION, AppParts, app_settings, bearer_token, db_session
from app.errors import AppError, NotFound
from app.models import new_id
from app.services.tokens import find_token
from app.settings import AppSettings

#: Where the application keeps its `Guesses`, in `extensions`.
GUESSES = "belcanto_guesses"
#: Addresses that anybody may open: what is read before one has an account, files of ours, and what shows health.
OPEN = {
    *("static", "bootstrap.static", "health.healthz", "health.readyz", "health.metrics"),
    *("pages.home", "pages.about", "pages.guide", "pages.language", "pages.welcome"),
    *("pages.shared", "pages.shared_file"),  # whoever has a link needs no account
    *("pages.manifest", "pages.service_worker", "pages.offline"),
    *("api.openapi", "api.docs"),
}
#: Of those, files that are the same for everybody: nobody is asked who they are.
FILES = ("static", "bootstrap.static")
#: Of accounts, what is for those who are signed in; all else there is the way in.
ACCOUNTS_BLUEPRINT = "accounts"
#: What the cookie keeps when somebody signs in or out.
KEPT = ("language",)


class NotSignedIn(AppError):
    """The server wants to know who asks."""

    status = 401
    slug = "not-signed-in"


class SignedIn(UserMixin):
    """Whoever is signed in, for Flask-Login: the account, and the session by which it is known."""

    def __init__(self, token: str, row: AccountSession, account: Account) -> None:
        self.token, self.session, self.account = token, row, account

    def get_id(self) -> str:
        """What Flask-Login keeps in the cookie: the token."""
        return self.token


def register_accounts(app: Flask, settings: AppSettings) -> None:
    """Give the application its gate, where accounts are on, and every template who is signed in."""
    app.context_processor(lambda: {"signed_in": signed_in(), "accounts_on": settings.accounts.on})
    if not settings.accounts.on:
        return
    app.config["PERMANENT_SESSION_LIFETIME"] = settings.accounts.longest
    app.extensions[GUESSES] = Guesses.of(settings)
    manager = LoginManager()
    manager.session_protection = None  # the token is bound to nothing that changes on the way, such as an address
    manager.user_loader(load)
    manager.init_app(app)
    app.before_request(keep_gate)
    if settings.accounts.issuer:
        from app.accounts.openid import register_openid  # with it come packages that no other server needs

        register_openid(app, settings.accounts)


def load(token: str) -> SignedIn | None:
    """Whoever has the session of that token."""
    found = find_session(db_session(), app_settings().accounts, token)
    return None if found is None else SignedIn(token, *found)


def signed_in() -> SignedIn | None:
    """Whoever asks; None where nobody is signed in, or accounts are off."""
    if not app_settings().accounts.on:
        return None
    return cast(SignedIn, current_user._get_current_object()) if current_user.is_authenticated else None


def is_known(app: Flask) -> bool:
    """Whether the request's cookie or token is that of somebody who may come in, as far as that can be told without writing
    anything: asked on the server's loop, before a body is taken.

    True where the database does not answer: the request itself tells so then.
    """
    parts: AppParts = app.extensions[EXTENSION]
    try:
        with parts.database.session() as own:
            if (token := bearer_token()) is not None:
                return find_token(own, token, accounts_on=True) is not None
            return find_session(own, parts.settings.accounts, str(session.get("_user_id", "")), note=False) is not None
    except SQLAlchemyError:
        return True


def keep_gate() -> Response | None:
    """Say whose things are spoken of in this request; send whoever must sign in first to do so."""
    if request.endpoint in FILES or g.get("by_token"):  # a program, for which `app.bearer` has said who asks
        return None
    user = signed_in()
    if user is not None:
        g.person_id, g.by_account = user.account.person_id, True
        return None
    g.person_id = new_id()  # somebody who has nothing, and of whom nothing is kept
    if is_open(request.endpoint):
        return None
    if request.path.startswith("/api/"):
        raise NotSignedIn("app.sign_in_first")
    onward = request.script_root + request.full_path.rstrip("?") if request.method in ("GET", "HEAD") else None
    return cast(Response, redirect(url_for("accounts.sign_in", next=onward), 303))


def is_open(endpoint: str | None) -> bool:
    """Whether anybody may open it. What is at no address is told to everybody alike."""
    if endpoint is None or endpoint in OPEN:
        return True
    view = current_app.view_functions[endpoint]
    return endpoint.startswith(f"{ACCOUNTS_BLUEPRINT}.") and not getattr(view, "for_signed_in", False)


def account() -> Account:
    """The account of whoever asks. Raises RuntimeError where nobody is signed in: such views stand behind the gate."""
    user = signed_in()
    if user is None:
        raise RuntimeError("the view is not behind the gate")
    return user.account


def own_session() -> AccountSession:
    """The session by which whoever asks is known."""
    user = signed_in()
    if user is None:
        raise RuntimeError("the view is not behind the gate")
    return user.session


def need_administrator() -> None:
    """Raises NotFound for all but administrators: others need not know that there is something."""
    user = signed_in()
    if user is None or user.account.role != "administrator":
        raise NotFound("app.no_such_page")


def is_proved() -> bool:
    """Whether whoever asks has shown a short while ago who they are."""
    return is_fresh(own_session())


def let_in(who: Account) -> None:
    """Sign the account in with this browser."""
    forget_cookie()
    token = open_session(db_session(), who, request.headers.get("User-Agent", "")[:400])
    user = load(token)
    if user is None:  # disabled in between
        raise NotSignedIn("app.sign_in_first")
    login_user(user)
    session.permanent = True
    g.person_id = who.person_id


def let_out() -> None:
    """Sign this browser out: the cookie forgets it. The session's row is ended by `ending.end`."""
    logout_user()
    forget_cookie()


def forget_cookie() -> None:
    """Drop all that the cookie holds, but the language."""
    kept = {name: session[name] for name in KEPT if name in session}
    session.clear()
    session.update(kept)
    session.permanent = bool(kept)


def guesses() -> Guesses:
    """The application's counters of tries."""
    made: Guesses = current_app.extensions[GUESSES]
    return made
