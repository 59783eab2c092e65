"""What administrators see and do: counts, invitations, accounts that may come in no more. Never what anybody has."""

from __future__ import annotations

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from app.accounts.addresses import address_of
from app.accounts.codes import make_code, open_invitations, withdraw
from app.accounts.counts import counted_accounts, queue_length
from app.accounts.ending import end
from app.accounts.erasing import erase_account
from app.accounts.guarding import account, is_proved, need_administrator
from app.accounts.pages.blueprint import blueprint, for_signed_in
from app.accounts.pages.signing import asked_page
from app.accounts.service import disable, get_account
from app.pages.context import Answer, session, settings
from app.watching.living import living_workers
from app.wording import in_person_words
from core.errors import BelcantoError


def administration_page(link: str = "", link_for: str = "") -> Response:
    """The page. link: one that was just made, which is shown this once; link_for: for whom, or empty for an invitation."""
    codes, queue, rows = open_invitations(session()), queue_length(session()), counted_accounts(session())
    values = {"accounts": rows, "invitations": codes, "queue": queue, "link": link, "link_for": link_for, "own": account()}
    values["workers"] = living_workers(session())
    return asked_page("administration.html", None, **values)


@blueprint.get("/administration")
@for_signed_in
def administration() -> Answer:
    """Accounts, invitations, the queue's length."""
    need_administrator()
    return administration_page()


@blueprint.post("/administration/invitations")
@for_signed_in
def invite() -> Answer:
    """A new invitation; its link is shown once."""
    need_administrator()
    role = request.form.get("role", "")
    if role == "administrator" and not is_proved():
        return ask_first()
    code = make_code(session(), "invitation", role="administrator" if role == "administrator" else "user")
    return administration_page(address_of(settings(), "sign-up", code))


@blueprint.post("/administration/invitations/<code_id>/withdraw")
@for_signed_in
def withdraw_invitation(code_id: str) -> Answer:
    """Take an invitation back."""
    need_administrator()
    withdraw(session(), code_id)
    flash(gettext("The invitation is taken back."), "good")
    return redirect(url_for("accounts.administration"), 303)


@blueprint.post("/administration/accounts/<account_id>/<any(disable, enable, delete, reset):what>")
@for_signed_in
def change_account(account_id: str, what: str) -> Answer:
    """Disable or enable an account, delete it with all that it has, or make a link for another password."""
    need_administrator()
    if not is_proved():
        return ask_first()
    name = get_account(session(), account_id).name
    if what == "reset":
        code = make_code(session(), "reset", account_id)
        return administration_page(address_of(settings(), "new-password", code), name)
    done: dict[str, tuple[Callable[[], object], str]] = {
        "disable": (lambda: end(disable(session(), account_id)), gettext("%(name)s can sign in no more.", name=name)),
        "enable": (lambda: disable(session(), account_id, False), gettext("%(name)s can sign in again.", name=name)),
        "delete": (
            lambda: end(erase_account(session(), settings(), account_id)),
            gettext("The account %(name)s is deleted, with all that it had.", name=name),
        ),
    }
    act, told = done[what]
    try:
        act()
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(told, "good")
    return redirect(url_for("accounts.administration"), 303)


def ask_first() -> Response:
    """Whoever has not shown for a while who they are does so first, and then presses the button again."""
    flash(gettext("Show once more that it is you; then press the button again."), "good")
    return redirect(url_for("accounts.prove_again", next=url_for("accounts.administration")), 303)
