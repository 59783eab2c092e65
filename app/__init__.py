"""The web interface: `create_app` puts it together. It knows the pipeline; nothing knows it."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping

from flask import Flask, Response, request, session
from flask_babel import Babel
from flask_bootstrap import Bootstrap5
from flask_wtf import CSRFProtect

from app.accounts.ending import register_ending
from app.accounts.guarding import register_accounts
from app.bearer import register_bearer
from app.context import HOST_PREFIX, register_context
from app.database import Database
from app.error_pages import register_errors
from app.given_files import HidingRequest
from app.handing_in import register_reception
from app.headers import register_headers
from app.job_wiring import register_queue
from app.languages import LANGUAGES
from app.migrations.upgrade import upgrade
from app.notices.sending import sender_of
from app.rates import register_address_rates, register_person_rates
from app.services.keeping import sweep
from app.serving.bridge import REFUSED
from app.settings import MEGABYTE, AppSettings, begin_vault
from app.static_files import register_static_files
from app.watching.requests import register_requests
from core.places import ROOT

#: Rooms of the interface, each with a `blueprint`, and whether its forms carry a mark against requests from other sites.
BLUEPRINTS = {"app.pages": True, "app.api": False, "app.health": False}
#: Those that are there where accounts are on.
ACCOUNT_BLUEPRINTS = {"app.accounts.pages": True}
#: Pages that other programs send files to: they have no mark, and look where a request comes from instead.
UNMARKED = ("app.pages.sharing.share",)


def create_app(settings: AppSettings | None = None) -> Flask:
    """The application, its database brought to the present form and what a killed server left behind swept away.

    settings: those of the environment where none are given. Raises InputError for an environment that says what is not accepted.
    """
    settings = settings or AppSettings.from_environment()
    database = Database(settings)
    upgrade(database.engine, settings)
    begin_vault(settings)
    with database.session() as rows:
        sweep(rows, settings)
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.request_class = HidingRequest
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        SESSION_COOKIE_NAME=(HOST_PREFIX if settings.secure_cookies else "") + "belcanto_session",
        SESSION_COOKIE_PATH="/",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        MAX_CONTENT_LENGTH=max(settings.limits.song_bytes, settings.limits.picture_bytes, settings.limits.clip_bytes) + MEGABYTE,
        BOOTSTRAP_SERVE_LOCAL=True,
        WTF_CSRF_TIME_LIMIT=None,  # a page may stay open over night
        BABEL_DEFAULT_LOCALE=settings.locale,
        BABEL_TRANSLATION_DIRECTORIES=str(ROOT / "app" / "translations"),
    )
    sender_of(settings)  # a key that can't be read is told now, not on a page
    register_requests(app)
    register_context(app, settings, database)
    register_queue(app, settings, database)
    register_reception(app, settings)
    register_errors(app)
    register_headers(app)
    register_static_files(app)
    register_address_rates(app, settings)
    register_bearer(app)
    register_accounts(app, settings)
    register_person_rates(app, settings)
    register_ending(app, database)
    app.before_request(refuse_untaken)
    Bootstrap5(app)
    Babel(app, locale_selector=lambda: language_of_visitor(settings))
    register_blueprints(app, CSRFProtect(app), BLUEPRINTS | (ACCOUNT_BLUEPRINTS if settings.accounts.on else {}))
    return app


def refuse_untaken() -> None:
    """Answer with the error that the server met while it took the request's body."""
    if (refused := request.environ.get(REFUSED)) is not None:
        raise refused


def language_of_visitor(settings: AppSettings) -> str:
    """The language chosen on the page (`session["language"]`), else the best that the browser asks for."""
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    return request.accept_languages.best_match(list(LANGUAGES)) or settings.locale


def register_blueprints(app: Flask, csrf: CSRFProtect, blueprints: Mapping[str, bool]) -> None:
    """Those rooms that are there. The API guards itself, by where a request comes from."""
    for name, marked in blueprints.items():
        if importlib.util.find_spec(name) is None:
            continue
        blueprint = getattr(importlib.import_module(name), "blueprint", None)
        if blueprint is None:
            continue
        app.register_blueprint(blueprint)
        if not marked:
            csrf.exempt(blueprint)
    for view in UNMARKED:
        csrf.exempt(view)

    @app.after_request
    def _by_language(answer: Response) -> Response:
        answer.vary.update(("Accept-Language", "Cookie"))
        return answer
