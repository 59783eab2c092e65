"""A film made again without leaving its page, and its takes side by side: films of the same song or the same picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import flash, jsonify, redirect, request, url_for

from app.errors import status_of
from app.forms import OrderForm, form_values, order_form
from app.models import Work
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, Part, read_part
from app.pages.context import Answer, person_id, session, settings
from app.pages.previews import refused
from app.pages.view import how_made
from app.services import films
from app.wording import in_person_words
from core.errors import BelcantoError

#: The options of the fold on the film's page; all others stand in the order.
OFFERED = ("expressiveness", "head_motion", "style", "look", "lyrics_style", "lyrics_track")
#: How many of the person's films are looked through for takes, newest first.
LOOKED_AT = 100


@dataclass(frozen=True)
class Take:
    """Another film to be seen beside this one. lead_s: how much later it begins in the song of both; 0 of another song."""

    film: Work
    made: str
    lead_s: float


def again_form(film: Work) -> OrderForm:
    """The options of the fold as the film was made."""
    form = order_form(form_values(film.options))
    for name in OFFERED:
        form[name].id = f"again-{name}"
        form[name].label.field_id = form[name].id
    return form


def takes_of(film: Work) -> list[Take]:
    """The person's other films of the same song or the same picture that are ready, newest first."""
    others = films.list_films(session(), person_id(), limit=LOOKED_AT).items
    return [
        Take(each, how_made(each), lead_s(film, each))
        for each in others
        if each.id != film.id and each.file_name and (each.song.id == film.song.id or each.picture.id == film.picture.id)
    ]


def lead_s(film: Work, other: Work) -> float:
    """How much later the other begins in the song that both sing."""
    if film.song.id != other.song.id:
        return 0.0
    return float(other.options.get("start_s") or 0.0) - float(film.options.get("start_s") or 0.0)


@blueprint.post("/films/<film_id>/again")
def make_film_again(film_id: str) -> Answer:
    """Order the film again with the fold's changes: its page, or for the page's script where to look for it."""
    wants_json = request.accept_mimetypes.best == "application/json"
    before = films.get_film(session(), person_id(), film_id)
    part = read_part(Choice(start=request.form.get("start"), end=request.form.get("end")), before.song.duration_s)
    if part.problem:
        return told_why_not(part.problem, 422, film_id, wants_json)
    try:
        film, created = films.make_again(session(), settings(), person_id(), film_id, changes_of(before, part))
    except BelcantoError as error:
        return told_why_not(in_person_words(error), status_of(error), film_id, wants_json)
    if not wants_json:
        return redirect(url_for("pages.film", film_id=film.id), 303)
    told: dict[str, Any] = {"film": film.id, "title": film.title, "made": how_made(film), "created": created}
    told |= {"lead_s": lead_s(before, film)}
    links = {"page": url_for("pages.film", film_id=film.id), "file": url_for("api.film_file", film_id=film.id)}
    return jsonify({**told, "links": {**links, "job": url_for("api.job", job_id=film.job.id)}})


def told_why_not(sentence: str, status: int, film_id: str, as_json: bool) -> Answer:
    """Why there will be no film: for the page's script, or above the page of the film that is."""
    if as_json:
        return refused(sentence, status)
    flash(sentence, "bad")
    return redirect(url_for("pages.film", film_id=film_id), 303)


def changes_of(film: Work, part: Part) -> dict[str, Any]:
    """What the fold changes: its options, and the part of the song."""
    form = order_form()
    changes: dict[str, Any] = {name: form[name].data for name in OFFERED}
    changes |= {"start_s": part.start_s, "duration_s": part.duration_s}
    if (float(film.options.get("start_s") or 0.0), film.options.get("duration_s")) != (part.start_s, part.duration_s):
        changes["intensity"] = None  # key points lie in the part that was
    return changes
