"""The head of a film in 3D, as a GLB file."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import media_file
from app.api.problem import ApiError
from app.api.shapes import head_json
from app.services import heads as service
from media.glb import GLB_MIME

#: When whoever asked for a head may look for it.
RETRY_AFTER_S = "1"


@blueprint.post("/films/<film_id>/head")
@idempotent
def make_head(film_id: str) -> Response:
    """Have it made, if it is not there yet."""
    job = service.ask_head(session(), settings(), person_kept(), film_id)
    answer = jsonify(head_json(job))
    answer.status_code = 200 if job.state == "done" else 202
    answer.headers["Location"] = url_for("api.head", film_id=film_id)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


@blueprint.get("/films/<film_id>/head")
def head(film_id: str) -> Response:
    """How far it is."""
    return jsonify(head_json(service.get_head(session(), person_id(), film_id)))


@blueprint.get("/films/<film_id>/head/file")
def head_file(film_id: str) -> Response:
    """The GLB file."""
    job = service.get_head(session(), person_id(), film_id)
    if job.state != "done":
        raise ApiError(409, "This head is not there yet; its state says how far it is.", state=job.state)
    return media_file(service.head_file(settings(), job), GLB_MIME, service.film_of(session(), person_id(), film_id).title)
