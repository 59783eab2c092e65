"""What is kept of the visitor: told, taken along as one zip, or erased at once."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask import session as cookie_session
from flask_babel import gettext

from app.api.live.sessions import end_sessions_of
from app.api.media import zip_answer
from app.context import become_somebody_new
from app.models import now
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, session, settings
from app.pages.shelf import KIND_NAMES
from app.services.hiding import UNDO
from app.services.leaving import erase_everything, everything_files
from app.services.storage import storage_of

#: What the cookie keeps when all else is erased: the language, and by what Flask-Login knows who is signed in.
STAYS = ("language", "_user_id", "_fresh", "_id", "_permanent")


@blueprint.get("/your-data")
def your_data() -> Answer:
    """How much is kept, for how long, and the two buttons."""
    storage = storage_of(session(), settings(), person_id())
    hours = int(UNDO.total_seconds() // 3600)
    return render_template("your_data.html", storage=storage, kinds=KIND_NAMES, keep_days=settings().keep_days, undo_hours=hours)


@blueprint.get("/your-data/everything.zip")
def everything() -> Response:
    """All of it."""
    files = everything_files(session(), settings(), person_id())
    return zip_answer(files, f"Belcanto {now():%Y-%m-%d}.zip")


@blueprint.post("/your-data/erase")
def erase_all() -> Answer:
    """Erase all of it, where the box is ticked."""
    if request.form.get("sure") != "1":
        flash(gettext("Tick the box first; erasing can't be undone."), "bad")
        return redirect(url_for("pages.your_data"), 303)
    end_sessions_of(person_id())
    if erase_everything(session(), settings(), person_id()):
        said = gettext("Everything of yours is erased.")
    else:
        said = gettext("Everything of yours is erased but what was just being made; that goes as soon as it has been stopped.")
    kept = {name: cookie_session[name] for name in STAYS if name in cookie_session}
    cookie_session.clear()
    cookie_session.update(kept)
    if settings().accounts.on:
        said = " ".join((said, gettext("Your account stays; on its page it can be deleted, too.")))
    flash(said, "good")
    become_somebody_new()
    return redirect(url_for("pages.home"), 303)
