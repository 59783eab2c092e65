"""The wizard's preview: the form as it stands, asked for by a script; what comes back is what the API tells of a preview."""

from __future__ import annotations

from flask import Response, jsonify, redirect, request, url_for
from flask_babel import gettext

from app.errors import retry_header, status_of
from app.forms import order_form
from app.models import Job
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, read_part
from app.pages.context import Answer, person_id, session, settings
from app.pages.framing import singer_of
from app.pages.wizard import film_before, lyrics_of, order_options
from app.services import pictures, songs
from app.services.previews import ask_preview, is_quick
from app.wording import in_person_words
from core.errors import BelcantoError
from core.work import Turn


@blueprint.post("/order/preview")
def preview() -> Answer:
    """Have three seconds made of the film that the form would order: where to look for them, or why that can't be.

    With `ahead` among the fields nobody has asked yet: they are made while nothing else waits, so that a click finds them, or
    not at all where making them takes long.
    """
    try:
        job = asked_preview()
    except BelcantoError as error:
        return refused(in_person_words(error), status_of(error), retry_header(error))
    if isinstance(job, str):
        return refused(job, 422)
    # somebody looks at it, perhaps in another window: it is not this page's
    if job is None or ("ahead" in request.form and job.turn == "soon"):
        return "", 204
    return redirect(url_for("api.preview", preview_id=job.id), 303)


def asked_preview() -> Job | str | None:
    """The preview's job, what is wrong with the form, or none where it is not worth to begin it ahead.

    Raises NotFound, and whatever an order of the film would.
    """
    choice, form = Choice.from_mapping(request.form), order_form()
    song = songs.get_song(session(), person_id(), choice.song or "")
    picture = pictures.get_picture(session(), person_id(), choice.picture or "")
    part, singer = read_part(choice, song.duration_s), singer_of(picture, choice)
    if part.problem:
        return part.problem
    if singer is None:
        return gettext("Choose the face that sings.")
    if not form.validate_on_submit():
        return " ".join(str(each) for errors in form.errors.values() for each in errors)
    turn: Turn = "idle" if "ahead" in request.form else "soon"
    options = order_options(part, singer, form, lyrics_of(choice, song, film_before(choice)))
    if turn == "idle" and not is_quick(options, picture.drawing):
        return None
    return ask_preview(session(), settings(), person_id(), song.id, picture.id, options, turn)


def refused(sentence: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """The sentence as the API's problems have it, for the same script."""
    answer = jsonify({"detail": sentence})
    answer.status_code = status
    answer.headers.update(headers or {})
    return answer
