"""Signing in by an organisation: there and back. Who is signed in already has the account known by it as well."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask import session as cookie
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.accounts import openid
from app.accounts.guarding import is_proved, signed_in
from app.accounts.pages.blueprint import blueprint, onward
from app.accounts.pages.own import own_page
from app.accounts.pages.signing import asked_page, go_in
from app.errors import NotFound, Refused
from app.pages.context import Answer, safe_address, session, settings
from core.errors import BelcantoError

#: What the cookie keeps while somebody is away: where they wanted to go, their invitation, whether the account is to be linked.
AWAY = "openid_away"


@blueprint.get("/sign-in/organisation")
def ask_organisation() -> Answer:
    """Send the visitor there."""
    if not settings().accounts.issuer:
        raise NotFound("app.no_such_page")
    linking = signed_in() is not None
    try:
        if linking and not is_proved():
            raise Refused("app.sign_in_again")
        answer = openid.ask(settings().accounts, back_here())
    except BelcantoError as error:
        return own_page(error, "organisation") if linking else asked_page("sign_in.html", error, name="", next=onward())
    cookie[AWAY] = {"next": onward(), "code": request.args.get("code", "")[:100], "link": linking}
    return answer


def back_here() -> str:
    """The address that the organisation sends people back to."""
    public = settings().accounts.public_url
    return public + url_for("accounts.organisation_answers") if public else url_for(".organisation_answers", _external=True)


@blueprint.get("/sign-in/organisation/back")
def organisation_answers() -> Answer:
    """They are back: sign them in, or link the account."""
    if not settings().accounts.issuer:
        raise NotFound("app.no_such_page")
    away, user = cookie.pop(AWAY, {}), signed_in()
    address = safe_address(away.get("next"), url_for("pages.home"))
    try:
        identity = openid.answered(settings().accounts)
        if bool(away.get("link")) != (user is not None):
            raise Refused("app.organisation_refused")
        if user is not None:
            openid.link(session(), user.account, identity)
            flash(gettext("From now on you can sign in by your organisation."), "good")
            return redirect(url_for("accounts.own"), 303)
        return let_in_by(identity, away.get("code") or None, address)
    except BelcantoError as error:
        return own_page(error, "organisation") if user else asked_page("sign_in.html", error, name="", next=address)


def let_in_by(identity: openid.Identity, invitation: str | None, address: str) -> Response:
    """Sign in the account of that identity, or a new one. Raises Refused."""
    account = openid.account_of(session(), identity)
    if account is None:
        account = openid.make_account(session(), settings().accounts, identity, invitation)
    elif account.disabled_at is not None:
        raise Refused("app.identity_unknown")
    return go_in(account, address)
