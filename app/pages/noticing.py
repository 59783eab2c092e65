"""Notices when a film is ready: a browser asks for them, and asks for no more."""

from __future__ import annotations

from flask import request
from flask_babel import get_locale
from werkzeug.wrappers import Response

from app.errors import NotFound
from app.notices.encryption import BrowserKeys
from app.notices.sending import sender_of, service_at
from app.pages.blueprint import blueprint
from app.pages.context import person_id, session, settings
from app.services.notices import add_address, remove_address

#: The longest address of a browser that is taken, in characters.
LONGEST = 2000


@blueprint.post("/notices")
def ask_for_notices() -> Response:
    """Tell this browser from now on. Raises InputError for an address or keys that are none."""
    if sender_of(settings()) is None:
        raise NotFound("app.no_such_page")
    endpoint, p256dh, auth = (request.form.get(name, "")[: LONGEST + 1] for name in ("endpoint", "p256dh", "auth"))
    service_at(endpoint if len(endpoint) <= LONGEST else "")
    BrowserKeys.from_text(p256dh, auth)
    language = str(get_locale() or "en").partition("_")[0]
    add_address(session(), person_id(), endpoint, (p256dh, auth), language)
    return Response(status=204)


@blueprint.post("/notices/end")
def end_notices() -> Response:
    """Tell this browser no more."""
    remove_address(session(), person_id(), request.form.get("endpoint", ""))
    return Response(status=204)
