"""Albums and tags on the library's page: made, renamed, taken apart, and given to many things at once."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext, ngettext

from app.pages.blueprint import blueprint
from app.pages.choosing import back, chosen_in_form
from app.pages.context import Answer, person_id, session, settings
from app.services import albums
from app.services.tags import change_tags, read_tags
from app.wording import in_person_words
from core.errors import BelcantoError


@blueprint.post("/library/albums")
def create_album() -> Answer:
    """A new album, or the one of that name."""
    try:
        album = albums.create_album(session(), settings(), person_id(), request.form.get("title", ""))
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return back()
    return redirect(url_for("pages.library", album=album.id), 303)


@blueprint.post("/library/albums/<album_id>/rename")
def rename_album(album_id: str) -> Answer:
    """Another name for it."""
    try:
        albums.rename_album(session(), settings(), person_id(), album_id, request.form.get("title", ""))
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("Renamed."), "good")
    return back()


@blueprint.post("/library/albums/<album_id>/delete")
def delete_album(album_id: str) -> Answer:
    """Take it apart; what lies in it stays."""
    try:
        title = albums.delete_album(session(), person_id(), album_id)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("The album “%(title)s” is gone; what lay in it is still in your library.", title=title), "good")
    return redirect(url_for("pages.library"), 303)


@blueprint.post("/library/chosen/album")
def album_of_chosen() -> Answer:
    """Put what was chosen into the album of the name that was typed, or take it out of it."""
    chosen, out = chosen_in_form(), request.form.get("do") == "out"
    try:
        if not any(chosen.values()):
            flash(gettext("Tick something first."), "bad")
            return back()
        album = albums.create_album(session(), settings(), person_id(), request.form.get("album_title", ""))
        change = albums.empty_album if out else albums.fill_album
        count = change(session(), person_id(), album.id, chosen)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return back()
    if out:
        flash(ngettext("%(num)d is no longer in the album.", "%(num)d are no longer in the album.", count), "good")
    else:
        flash(ngettext("%(num)d is in the album now.", "%(num)d are in the album now.", count), "good")
    return back()


@blueprint.post("/library/chosen/tags")
def tags_of_chosen() -> Answer:
    """Give what was chosen the tags that were typed, or take them off."""
    chosen, words = chosen_in_form(), read_tags(request.form.get("tags", ""))
    add, remove = ([], words) if request.form.get("do") == "off" else (words, [])
    if not any(chosen.values()) or not words:
        flash(gettext("Tick something and type a tag first."), "bad")
        return back()
    try:
        change_tags(session(), person_id(), chosen, add, remove)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("The tags are changed."), "good")
    return back()
