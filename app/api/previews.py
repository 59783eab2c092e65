"""Previews: three seconds of a film before it is ordered."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import media_file
from app.api.problem import ApiError
from app.api.shapes import preview_json
from app.services import previews as service
from app.services.options import film_options

#: When whoever asked for a preview may look for it.
RETRY_AFTER_S = "1"


@blueprint.post("/previews")
@idempotent
def make_preview() -> Response:
    """Have one made; it takes the place of the person's last one."""
    asked = read_body("NewPreview")
    options = film_options(asked.get("options", {}))
    job = service.ask_preview(session(), settings(), person_kept(), asked["song_id"], asked["picture_id"], options)
    answer = jsonify(preview_json(job))
    answer.status_code = 200 if job.state == "done" else 202
    answer.headers["Location"] = url_for("api.preview", preview_id=job.id)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


@blueprint.get("/previews/<preview_id>")
def preview(preview_id: str) -> Response:
    """How far it is."""
    return jsonify(preview_json(service.get_preview(session(), person_id(), preview_id)))


@blueprint.delete("/previews/<preview_id>")
def delete_preview(preview_id: str) -> tuple[str, int]:
    """Let it go; one in the making is cancelled."""
    service.delete_preview(session(), settings(), person_id(), preview_id)
    return "", 204


@blueprint.get("/previews/<preview_id>/file")
def preview_file(preview_id: str) -> Response:
    """The film of three seconds."""
    job = service.get_preview(session(), person_id(), preview_id)
    if job.state != "done":
        raise ApiError(409, "This preview is not there yet; its state says how far it is.", state=job.state)
    return media_file(service.preview_file(settings(), job), service.MIME, job.inputs["song"].asset.title)
