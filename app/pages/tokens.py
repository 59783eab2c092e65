"""Tokens for one's own programs: made, listed, taken back."""

from __future__ import annotations

from collections.abc import Collection

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, lazy_gettext

from app.errors import status_of
from app.pages.blueprint import blueprint
from app.pages.context import Answer, asked_days, person_id, session
from app.services import tokens
from app.wording import in_person_words
from core.errors import BelcantoError

#: What each scope lets a program do.
SCOPE_WORDS = {
    "read": lazy_gettext("look at everything and download it"),
    "make": lazy_gettext("upload, order films and change things"),
    "delete": lazy_gettext("delete and erase"),
    "share": lazy_gettext("make links to films for others"),
    "talk": lazy_gettext("talk with avatars"),
}


@blueprint.get("/programs")
def programs() -> Answer:
    """Those that hold, and a form for another."""
    return programs_page("", ("read",), tokens.USUAL_DAYS)


def programs_page(name: str, scopes: Collection[str], days: int) -> str:
    """The page, with that in its form."""
    shown = [
        {
            **{"id": each.id, "name": each.name, "until": format_date(each.expires_at, "medium")},
            "may": [SCOPE_WORDS[scope] for scope in each.scopes.split()],
            "used": format_date(each.used_on, "medium") if each.used_on else None,
        }
        for each in tokens.list_tokens(session(), person_id())
    ]
    asked = {"name": name, "chosen": scopes, "days": days if days in tokens.DAYS else tokens.USUAL_DAYS}
    return render_template("programs.html", tokens=shown, asked=asked, scopes=SCOPE_WORDS, days_offered=tokens.DAYS)


@blueprint.post("/programs")
def create_token() -> Answer:
    """Make one; it is shown this once."""
    form, wanted = request.form, asked_days()
    try:
        made = tokens.create_token(session(), person_id(), form.get("name", ""), form.getlist("scope"), wanted)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return programs_page(form.get("name", ""), form.getlist("scope"), wanted), status_of(error)
    until = format_date(made.token.expires_at, "long")
    page = make_response(render_template("token.html", token=made.token, text=made.text, until=until))
    page.headers["Cache-Control"] = "private, no-store"
    return page


@blueprint.post("/programs/<token_id>/revoke")
def revoke_token(token_id: str) -> Answer:
    """Take one back."""
    tokens.revoke_token(session(), person_id(), token_id)
    flash(gettext("The token is taken back; programs that have it are refused from now on."), "good")
    return redirect(url_for("pages.programs"), 303)
