"""What is done with many things of the library at once: downloaded, deleted, brought back."""

from __future__ import annotations

from datetime import datetime

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext, ngettext

from app.api.media import zip_answer
from app.models import now
from app.pages.blueprint import blueprint
from app.pages.context import Answer, person_id, safe_address, session, settings
from app.pages.shelf import KIND_NAMES, wish_of
from app.services.bundles import files_of
from app.services.chosen import CHOSEN_KINDS, Chosen, ChosenKind, chosen_rows, hide_chosen, restore_chosen
from app.services.shelf import SHELF_KINDS, ids_on_shelf
from app.wording import in_person_words
from core.errors import BelcantoError

#: Category of the message that offers to bring back what was deleted together.
UNDO_MANY = "undo_many"


def chosen_in_form() -> Chosen:
    """What was ticked; of a kind of which all that match are meant, those besides."""
    form = request.form
    ticked: dict[ChosenKind, list[str]] = {kind: form.getlist(kind) for kind in CHOSEN_KINDS}
    for kind in SHELF_KINDS:
        if kind in form.getlist("all"):
            ticked["works" if kind == "films" else kind] += ids_on_shelf(session(), person_id(), kind, wish_of(form))
    return ticked


def back() -> Answer:
    """To the page that the form came from."""
    return redirect(safe_address(request.form.get("next"), url_for("pages.library")), 303)


@blueprint.post("/library/chosen/zip")
def download_chosen() -> Answer:
    """The files of what was chosen, as one."""
    try:
        return zip_of(chosen_in_form())
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return back()


def zip_of(chosen: Chosen) -> Response:
    """The zip as an answer that is read from the files while it is sent. Raises NotFound and LimitReached."""
    rows = chosen_rows(session(), person_id(), chosen)
    folders: dict[ChosenKind, str] = {kind: str(KIND_NAMES["films" if kind == "works" else kind]) for kind in CHOSEN_KINDS}
    files = files_of(settings(), rows, folders)
    return zip_answer(files, f"Belcanto {now():%Y-%m-%d}.zip")


@blueprint.post("/library/chosen/delete")
def delete_chosen() -> Answer:
    """Delete what was chosen, for a day so that it can be brought back."""
    try:
        count, at = hide_chosen(session(), settings(), person_id(), chosen_in_form())
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return back()
    if count:
        flash({"count": count, "at": at.isoformat()}, UNDO_MANY)  # type: ignore[arg-type]  # the session keeps JSON
    else:
        flash(gettext("Tick something first."), "bad")
    return back()


@blueprint.post("/library/chosen/restore")
def restore_many() -> Answer:
    """Bring back what was deleted together."""
    try:
        count = restore_chosen(session(), person_id(), moment_of(request.form.get("at", "")))
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(ngettext("%(num)d is back.", "%(num)d are back.", count), "good")
    return back()


def moment_of(text: str) -> datetime:
    """The moment that the text tells; for what is none, one at which nothing was deleted."""
    try:
        return datetime.fromisoformat(text).astimezone(now().tzinfo)
    except (ValueError, OverflowError):
        return datetime.min.replace(tzinfo=now().tzinfo)
