"""Passkeys: what the script asks for and brings, and the forms by which they are called otherwise and taken away."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.accounts import passkeys
from app.accounts.guarding import account, is_proved, own_session, signed_in
from app.accounts.pages.blueprint import blueprint, for_signed_in, onward
from app.accounts.pages.own import own_page
from app.accounts.proving import welcome
from app.accounts.sessions import prove
from app.errors import Refused, retry_header, status_of
from app.pages.context import Answer, session, settings
from app.wording import in_person_words
from core.errors import BelcantoError


def wrong(error: BelcantoError) -> Response:
    """What went wrong, for the script to say."""
    answer = jsonify(problem=in_person_words(error))
    answer.status_code = status_of(error)
    answer.headers.update(retry_header(error))
    return answer


def body() -> dict[str, Any]:
    """The request's JSON object; an empty one where it is none."""
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


@blueprint.post("/account/passkeys/options")
@for_signed_in
def passkey_options() -> Response:
    """What the browser is asked for, to make a passkey."""
    try:
        if not is_proved():
            raise Refused("app.sign_in_again")
        return jsonify(passkeys.options_to_register(session(), settings().accounts, account()))
    except BelcantoError as error:
        return wrong(error)


@blueprint.post("/account/passkeys")
@for_signed_in
def add_passkey() -> Response:
    """Keep the passkey that the browser made."""
    given = body()
    try:
        if not is_proved():
            raise Refused("app.sign_in_again")
        passkeys.register(session(), settings().accounts, account(), given.get("credential"), str(given.get("name", "")))
    except BelcantoError as error:
        return wrong(error)
    flash(gettext("The passkey is kept; from now on you can sign in with it."), "good")
    return jsonify(next=url_for("accounts.own"))


@blueprint.post("/account/passkeys/<passkey_id>/rename")
@for_signed_in
def rename_passkey(passkey_id: str) -> Answer:
    """Call it otherwise."""
    try:
        passkeys.rename(session(), account().id, passkey_id, request.form.get("name", ""))
    except Refused as error:
        return own_page(error, "passkeys")
    return redirect(url_for("accounts.own"), 303)


@blueprint.post("/account/passkeys/<passkey_id>/remove")
@for_signed_in
def remove_passkey(passkey_id: str) -> Answer:
    """Take it away."""
    if not is_proved():
        flash(gettext("Show once more that it is you; then press the button again."), "good")
        return redirect(url_for("accounts.prove_again", next=url_for("accounts.own")), 303)
    passkeys.remove(session(), account(), passkey_id)
    flash(gettext("The passkey is taken away; delete it on your device, too."), "good")
    return redirect(url_for("accounts.own"), 303)


@blueprint.post("/sign-in/passkey/options")
def sign_in_options() -> Response:
    """What the browser is asked for, to sign in."""
    return jsonify(passkeys.options_to_sign_in(settings().accounts))


@blueprint.post("/sign-in/passkey")
def sign_in_by_passkey() -> Response:
    """Sign in with what the browser has signed; whoever is signed in already shows by it once more who they are."""
    try:
        found = passkeys.sign_in(session(), settings().accounts, body().get("credential"))
        user = signed_in()
        if user is not None and user.account.id != found.id:
            raise Refused("app.passkey_wrong")
    except BelcantoError as error:
        return wrong(error)
    if user is not None:
        prove(session(), own_session())
    elif (told := welcome(found)) is not None:
        flash(told, "bad")
    return jsonify(next=onward())
