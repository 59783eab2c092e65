"""The second step's moving picture: asked for by a script as soon as a picture is shown, and looked for until it is there."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, url_for

from app.api.media import media_file
from app.errors import retry_header, status_of
from app.models import Job
from app.pages.blueprint import blueprint
from app.pages.choice import Choice, engine_of_kind
from app.pages.context import Answer, person_id, session, settings
from app.pages.framing import singer_of
from app.pages.previews import refused
from app.services import pictures
from app.services.greetings import MIME, ask_greeting, get_greeting, greeting_file
from app.services.options import film_options
from app.wording import in_person_words, kept_in_words
from core.errors import BelcantoError


@blueprint.post("/image/greeting")
def greeting() -> Answer:
    """Have the chosen face of the picture greet; nothing where no face is chosen yet, or where that would take long."""
    choice = Choice.from_mapping(request.form)
    try:
        picture = pictures.get_picture(session(), person_id(), choice.picture or "")
        singer = singer_of(picture, choice)
        if singer is None:
            return "", 204
        engine = {"engine": name} if (name := engine_of_kind(choice.kind)) else {}
        job = ask_greeting(session(), settings(), person_id(), picture.id, film_options({**engine, **singer}))
    except BelcantoError as error:
        return refused(in_person_words(error), status_of(error), retry_header(error))
    return ("", 204) if job is None else (jsonify(told(job)), 202)


@blueprint.get("/image/greeting/<greeting_id>")
def greeting_state(greeting_id: str) -> Response:
    """How far it is."""
    return jsonify(told(get_greeting(session(), person_id(), greeting_id)))


@blueprint.get("/image/greeting/<greeting_id>/film")
def greeting_film(greeting_id: str) -> Response:
    """The film of three seconds."""
    job = get_greeting(session(), person_id(), greeting_id)
    return media_file(greeting_file(settings(), job), MIME, job.inputs["portrait"].asset.title)


def told(job: Job) -> dict[str, Any]:
    """What the script is told of it."""
    film = url_for("pages.greeting_film", greeting_id=job.id) if job.state == "done" else None
    at = url_for("pages.greeting_state", greeting_id=job.id)
    return {"state": job.state, "at": at, "film": film, "error": kept_in_words(job.failure) or None}
