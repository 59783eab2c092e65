"""The library: films, songs and pictures; search, rename, delete and bring back, and ordering several films at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import format_datetime, gettext, ngettext
from sqlalchemy.orm import Session

from app.forms import RenameForm
from app.library_texts import for_library
from app.models import Clip, Picture, Song, Work
from app.option_words import said
from app.pages.blueprint import blueprint
from app.pages.consenting import take_consent
from app.pages.context import Answer, person_id, safe_address, session, settings
from app.pages.made_of import made_of, pictured
from app.pages.shelf import asked_shelf, shown_shelf
from app.pages.view import DrawnFace, drawn_faces
from app.pages.works import address_of_another, again_words, kinds_with_pages
from app.services import clips, films, pictures, songs, works
from app.services.consent import any_lacks_consent
from app.services.glimpses import has_glimpse
from app.services.hiding import hidden_things
from app.services.orders import meant_face
from app.services.queue_order import waiting_jobs
from app.services.works import delete_work, hide_work, restore_work
from app.settings import AppSettings
from app.texts import for_scripts
from app.wording import in_person_words
from core.errors import BelcantoError
from pipeline.work_kinds import kind_named

#: Category of the message that offers to bring back what was just deleted.
UNDO = "undo"


@blueprint.get("/library")
def library() -> Answer:
    """Everything that the person has, as far as it is asked for."""
    return render_template(
        "library.html",
        **shown_shelf(asked_shelf()),
        kinds=kinds_with_pages().values(),
        said=said,
        ticked_songs=request.args.getlist("song"),
        ticked_pictures=request.args.getlist("picture"),
        deleted=hidden_things(session(), person_id()),
        waiting=waiting_jobs(session(), person_id()),
        when=lambda at: format_datetime(at, "medium", rebase=False),
        made_of=made_of,
        work_title=work_title,
        pictured=pictured,
        again=address_of_another,
        again_words=again_words,
        open_faces=open_faces,
        consent_lacks=any_lacks_consent(session(), person_id()),
        has_glimpse=has_glimpse,
        script_texts={**for_scripts(), **for_library()},
    )


def work_title(work: Work) -> str:
    """What kind of work it is; empty where this program does not know it."""
    kind = kind_named(work.kind)
    return said(kind.title) if kind is not None else ""


def open_faces(picture: Picture) -> list[DrawnFace]:
    """The faces among which the person must choose; none where it is clear who sings."""
    return [face for face in drawn_faces(picture) if face.ok] if meant_face(picture.faces_as(picture.drawing)) is None else []


@blueprint.post("/library/order")
def order_many() -> Answer:
    """Order a film of every ticked song with every ticked picture."""
    chosen = {"song": request.form.getlist("songs"), "picture": request.form.getlist("pictures")}
    texts = {each: request.form.get(f"face-{each}", "") for each in chosen["picture"]}
    faces = {each: int(text) for each, text in texts.items() if text.isascii() and text.isdecimal()}
    ticked: dict[str, Any] = {**chosen, **{f"face-{each}": face for each, face in faces.items()}}
    back = url_for("pages.library", **ticked)
    if not (chosen["song"] and chosen["picture"]):
        flash(gettext("Tick at least one song and one picture."), "bad")
        return redirect(back, 303)
    try:
        take_consent(*(pictures.get_picture(session(), person_id(), each) for each in chosen["picture"]))
        ordered = films.order_many(session(), settings(), person_id(), chosen["song"], chosen["picture"], faces=faces)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
        return redirect(back, 303)
    new = sum(created for _, created in ordered)
    text = (
        ngettext("%(num)d film is ordered.", "%(num)d films are ordered.", new)
        if new
        else gettext("All these films are there already.")
    )
    flash(text, "good")
    return redirect(url_for("pages.library"), 303)


def renamers() -> dict[str, Callable[..., object]]:
    """What gives each kind of thing another title."""
    return {
        "songs": songs.rename_song,
        "pictures": pictures.rename_picture,
        "clips": clips.rename_clip,
        "films": works.rename_work,
        "works": works.rename_work,
    }


@blueprint.post("/library/<any(songs, pictures, clips, films, works):kind>/<item_id>/rename")
def rename(kind: str, item_id: str) -> Answer:
    """Give a song, picture, clip or film another title."""
    back, form = safe_address(request.form.get("next"), url_for("pages.library")), RenameForm()
    if not form.validate_on_submit():
        flash(" ".join(str(error) for error in form.title.errors), "bad")
        return redirect(back, 303)
    change = renamers()[kind]
    try:
        change(session(), settings(), person_id(), item_id, form.title.data or "")
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("Renamed."), "good")
    return redirect(back, 303)


@blueprint.post("/library/<any(songs, pictures, clips, films, works):kind>/<item_id>/delete")
def delete(kind: str, item_id: str) -> Answer:
    """Delete a song, picture, clip or film, for a day so that it can be brought back. Films that were made of it stay."""
    try:
        row = hide(kind, item_id)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash({"title": row.title, "kind": kind, "item_id": item_id}, UNDO)  # type: ignore[arg-type]  # the session keeps JSON
    return back_from_change()


def hide(kind: str, item_id: str) -> Song | Picture | Clip | Work:
    """Delete it, whatever it is. Raises NotFound."""
    if kind in ("films", "works"):
        return hide_work(session(), settings(), person_id(), item_id)
    if kind == "songs":
        return songs.hide_song(session(), person_id(), item_id)
    if kind == "clips":
        return clips.hide_clip(session(), person_id(), item_id)
    return pictures.hide_picture(session(), person_id(), item_id)


@blueprint.post("/library/<any(songs, pictures, clips, films, works):kind>/<item_id>/restore")
def restore(kind: str, item_id: str) -> Answer:
    """Bring back what was deleted."""
    restorers: dict[str, Callable[[Session, str, str], Song | Picture | Clip | Work]] = {
        "songs": songs.restore_song,
        "pictures": pictures.restore_picture,
        "clips": clips.restore_clip,
        "films": restore_work,
        "works": restore_work,
    }
    try:
        row = restorers[kind](session(), person_id(), item_id)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("“%(title)s” is back.", title=row.title), "good")
    return back_from_change()


@blueprint.post("/library/<any(songs, pictures, clips, films, works):kind>/<item_id>/erase")
def erase(kind: str, item_id: str) -> Answer:
    """Destroy it now, deleted before or not."""
    removers: dict[str, Callable[[Session, AppSettings, str, str], None]] = {
        "songs": songs.delete_song,
        "pictures": pictures.delete_picture,
        "clips": clips.delete_clip,
        "films": delete_work,
        "works": delete_work,
    }
    try:
        removers[kind](session(), settings(), person_id(), item_id)
    except BelcantoError as error:
        flash(in_person_words(error), "bad")
    else:
        flash(gettext("It is erased for good."), "good")
    return back_from_change()


def back_from_change() -> Answer:
    """To the page that the form came from."""
    return redirect(safe_address(request.form.get("next"), url_for("pages.library")), 303)
