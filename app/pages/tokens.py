"""Tokens for one's own programs: made, listed, taken back."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, request, url_for
from flask_babel import format_date, gettext, lazy_gettext

from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session
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
    shown = [
        {
            **{"id": each.id, "name": each.name, "until": format_date(each.expires_at, "medium")},
            "may": [SCOPE_WORDS[scope] for scope in each.scopes.split()],
            "used": format_date(each.used_on, "medium") if each.used_on else None,
        }
        for each in tokens.list_tokens(session(), person_id())
    ]
    words = {"scopes": SCOPE_WORDS, "days_offered": tokens.DAYS, "usual_days": tokens.USUAL_DAYS}
    return render_template("programs.html", tokens=shown, **words)


@blueprint.post("/programs")
def create_token() -> Answer:
    """Make one; it is shown this once."""
    form, days = request.form, request.form.get("days", "")
    try:
        wanted = int(days) if days.isdecimal() and len(days) < 5 else 0
        made = tokens.create_token(session(), person_id(), form.get("name", ""), form.getlist("scope"), wanted)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(url_for("pages.programs"), 303)
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
