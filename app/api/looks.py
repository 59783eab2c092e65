"""Looks at files that were given: the answer is there at once where there is room for waiting, else the address to ask at."""

from __future__ import annotations

import json

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.context import person_id
from app.api.problem import from_belcanto_error
from app.api.shapes import Json, given_json
from app.handing_in import outcome, reception, settle
from app.models import Clip, Picture, Song
from app.services.reception import Ticket

#: When whoever was told to wait may ask again.
RETRY_AFTER_S = "2"


@blueprint.get("/inspections/<inspection_id>")
def inspection(inspection_id: str) -> Response:
    """How far the look at a file is."""
    ticket = reception().find(person_id(), inspection_id)
    answer = jsonify(inspection_json(ticket))
    if ticket.ended_s is None:
        answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


def settled(ticket: Ticket) -> Response:
    """201 with the song, picture or clip, the error that was met, or 202 with the address to ask at where it takes longer."""
    if settle(ticket):
        return added(outcome(ticket))
    answer = jsonify(inspection_json(ticket))
    answer.status_code = 202
    answer.headers["Location"] = url_for("api.inspection", inspection_id=ticket.id)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


def added(row: Song | Picture | Clip) -> Response:
    """201 with the song, picture or clip."""
    answer = jsonify(given_json(row))
    answer.status_code = 201
    answer.headers["Location"] = address_of(type(row).__name__.lower(), row.id)
    return answer


def address_of(kind: str, row_id: str) -> str:
    """Where the song, picture or clip is."""
    if kind == "song":
        return url_for("api.song", song_id=row_id)
    return url_for("api.clip", clip_id=row_id) if kind == "clip" else url_for("api.picture", picture_id=row_id)


def inspection_json(ticket: Ticket) -> Json:
    """An `Inspection`."""
    failed = ticket.error is not None and ticket.ended_s is not None
    return {
        "id": ticket.id,
        "kind": ticket.kind,
        "state": ticket.state,
        "position": reception().position(ticket),
        "result_id": ticket.result_id,
        "problem": json.loads(from_belcanto_error(ticket.error).get_data()) if failed and ticket.error else None,
        "links": {
            "self": url_for("api.inspection", inspection_id=ticket.id),
            "result": address_of(ticket.kind, ticket.result_id) if ticket.result_id else None,
        },
    }
