"""The way in and out: signing in, an account of one's own, another password by a one-time code, signing out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_date, format_datetime, gettext
from werkzeug.wrappers import Response

from app.accounts.codes import find_code
from app.accounts.ending import end
from app.accounts.guarding import let_out, signed_in
from app.accounts.models import Account
from app.accounts.pages.blueprint import blueprint, onward
from app.accounts.passwords import LONGEST, SHORTEST
from app.accounts.proving import count_sign_up, leave, welcome, who_is
from app.accounts.service import reset_password
from app.accounts.service import sign_up as make_account
from app.errors import Refused, retry_header, status_of
from app.pages.context import Answer, session, settings
from app.wording import in_person_words
from core.errors import BelcantoError


def asked_page(template: str, error: BelcantoError | None = None, **values: object) -> Response:
    """A page with a form; with what is wrong, where something was."""
    sentence = in_person_words(error) if error is not None else ""
    shared = {"settings": settings().accounts, "shortest": SHORTEST, "longest": LONGEST, "moment": moment, "day": format_date}
    text = render_template(f"accounts/{template}", problem=sentence, **shared, **values)
    headers: Mapping[str, str] = {} if error is None else retry_header(error)
    return make_response(text, 200 if error is None else status_of(error), headers)


def moment(at: datetime) -> str:
    """Day and time in the visitor's language."""
    return str(format_datetime(at, "short", rebase=False))


def go_in(account: Account, address: str) -> Response:
    """Sign the account in and go on."""
    told = welcome(account)
    if told is not None:
        flash(told, "bad")
    return redirect(address, 303)


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Answer:
    """Name and password."""
    if signed_in() is not None:
        return redirect(onward(), 303)
    name = request.form.get("name", "")
    if request.method == "GET":
        return asked_page("sign_in.html", name=name, next=onward())
    try:
        account = who_is(name, request.form.get("password", ""))
        if account is None:
            raise Refused("app.sign_in_wrong")
    except BelcantoError as error:
        return asked_page("sign_in.html", error, name=name, next=onward())
    return go_in(account, onward())


@blueprint.route("/sign-up", methods=["GET", "POST"])
def sign_up() -> Answer:
    """An account of one's own, by an invitation or, where the operator says so, for anybody."""
    if signed_in() is not None:
        return redirect(onward(), 303)
    code, name = request.values.get("code", ""), request.form.get("name", "")
    invited = bool(code) and find_code(session(), "invitation", code) is not None
    anybody = settings().accounts.sign_up == "open"
    if not invited and not anybody:
        return asked_page("no_sign_up.html", code=code)
    if request.method == "GET":
        return asked_page("sign_up.html", name=name, code=code if invited else "", next=onward())
    try:
        count_sign_up()
        account = make_account(session(), name, request.form.get("password", ""), code if invited else None)
    except BelcantoError as error:
        return asked_page("sign_up.html", error, name=name, code=code if invited else "", next=onward())
    return go_in(account, onward())


@blueprint.route("/new-password", methods=["GET", "POST"])
def new_password() -> Answer:
    """Another password, for whoever has a one-time code of an administrator."""
    code = request.values.get("code", "")
    if find_code(session(), "reset", code) is None:
        return asked_page("no_new_password.html")
    if request.method == "GET":
        return asked_page("new_password.html", code=code)
    try:
        account, ended = reset_password(session(), code, request.form.get("password", ""))
    except BelcantoError as error:
        return asked_page("new_password.html", error, code=code)
    end(ended)
    flash(gettext("The new password holds from now on."), "good")
    return go_in(account, url_for("pages.home"))


@blueprint.post("/sign-out")
def sign_out() -> Answer:
    """Sign out of this browser; what it has open ends."""
    if signed_in() is None:
        let_out()
    else:
        leave()
    flash(gettext("You are signed out."), "good")
    return redirect(url_for("accounts.sign_in"), 303)
