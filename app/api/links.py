"""Links by which others see a film."""

from __future__ import annotations

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, session, settings
from app.api.shapes import Json, time_text
from app.link_models import ShareLink
from app.services import links as service


@blueprint.get("/works/<work_id>/links")
def links(work_id: str) -> Response:
    """Those that hold."""
    return jsonify({"items": [link_json(link) for link in service.list_links(session(), person_id(), work_id)]})


@blueprint.post("/works/<work_id>/links")
def create_link(work_id: str) -> tuple[Response, int]:
    """A new one; its address is told this once."""
    asked = read_body("NewLink")
    days, download = asked.get("days", service.USUAL_DAYS), asked.get("download", False)
    made = service.create_link(session(), settings(), person_id(), work_id, days, download)
    answer = jsonify({**link_json(made.link), "address": url_for("pages.shared", secret=made.secret, _external=True)})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer, 201


@blueprint.delete("/links/<link_id>")
def revoke_link(link_id: str) -> tuple[str, int]:
    """Take it back."""
    service.revoke_link(session(), person_id(), link_id)
    return "", 204


def link_json(link: ShareLink) -> Json:
    """A `ShareLink`."""
    return {
        **{"id": link.id, "created_at": time_text(link.created_at), "expires_at": time_text(link.expires_at)},
        **{"download": link.download, "opened": link.opened},
        "links": {"self": url_for("api.revoke_link", link_id=link.id), "work": url_for("api.work", work_id=link.work_id)},
    }
