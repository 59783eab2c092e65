"""One's own account: the password, where one is signed in, and its end."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.accounts.ending import end
from app.accounts.erasing import erase_account
from app.accounts.guarding import account, is_proved, let_in, let_out, own_session
from app.accounts.openid import identities_of
from app.accounts.pages.blueprint import blueprint, for_signed_in, onward
from app.accounts.pages.signing import asked_page
from app.accounts.passkeys import passkeys_of
from app.accounts.proving import remember_device, who_is
from app.accounts.service import change_password, check_not_last
from app.accounts.sessions import end_session, end_sessions, prove, sessions_of
from app.errors import Refused
from app.pages.context import Answer, session, settings
from core.errors import BelcantoError


def own_page(error: BelcantoError | None = None, wrong: str = "") -> Response:
    """The page. wrong: which of its forms the error belongs to."""
    signed = sessions_of(session(), settings().accounts, account().id)
    keys, known = passkeys_of(session(), account().id), identities_of(session(), account().id)
    values = {"account": account(), "here_id": own_session().id, "signed": signed, "passkeys": keys, "identities": known}
    return asked_page("own.html", error, wrong=wrong, **values)


@blueprint.get("/account")
@for_signed_in
def own() -> Answer:
    """Name, password, where one is signed in."""
    return own_page()


def check_old(password: str) -> None:
    """Raises Refused where it is not the account's password, WaitFirst where too many were wrong. Who has none needs none, if
    they have shown a short while ago who they are."""
    if account().password_hash is None and is_proved():
        return
    if account().password_hash is None:
        raise Refused("app.sign_in_again")
    if who_is(account().name, password) is None:
        raise Refused("app.old_password_wrong")
    prove(session(), own_session())


@blueprint.post("/account/password")
@for_signed_in
def change_own_password() -> Answer:
    """Another password: all other browsers are signed out, and this one gets a new session."""
    try:
        check_old(request.form.get("old", ""))
        ended = change_password(session(), account(), request.form.get("password", ""))
    except BelcantoError as error:
        return own_page(error, "password")
    end(ended)
    mine = account()
    let_in(mine)
    remember_device(mine)
    flash(gettext("The new password holds from now on; all other browsers are signed out."), "good")
    return redirect(url_for("accounts.own"), 303)


@blueprint.post("/account/sessions/<login_id>/end")
@for_signed_in
def end_own_session(login_id: str) -> Answer:
    """Sign another browser out."""
    end([end_session(session(), account().id, login_id)])
    if login_id == own_session().id:
        let_out()
        return redirect(url_for("accounts.sign_in"), 303)
    flash(gettext("That browser is signed out."), "good")
    return redirect(url_for("accounts.own"), 303)


@blueprint.post("/account/sessions/end")
@for_signed_in
def end_own_sessions() -> Answer:
    """Sign out everywhere, here too."""
    end(end_sessions(session(), account().id))
    let_out()
    flash(gettext("You are signed out everywhere."), "good")
    return redirect(url_for("accounts.sign_in"), 303)


@blueprint.post("/account/delete")
@for_signed_in
def delete_own() -> Answer:
    """Erase the account and all that it has."""
    try:
        check_old(request.form.get("old", ""))
        check_not_last(session(), account())
    except BelcantoError as error:
        return own_page(error, "delete")
    end(erase_account(session(), settings(), account().id))
    let_out()
    flash(gettext("Your account is deleted, with all that it had."), "good")
    return redirect(url_for("pages.home"), 303)


@blueprint.route("/prove", methods=["GET", "POST"])
@for_signed_in
def prove_again() -> Answer:
    """Show once more who one is, before something grave."""
    if request.method == "GET":
        return asked_page("prove.html", next=onward())
    try:
        check_old(request.form.get("old", ""))
    except BelcantoError as error:
        return asked_page("prove.html", error, next=onward())
    return redirect(onward(), 303)
