"""The library as a whole: what matches, and what is done with many things at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask import Response, jsonify, request

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, session, settings
from app.api.idempotency import idempotent
from app.api.live.sessions import end_sessions_of
from app.api.media import zip_answer
from app.api.pagination import asked_place, asked_search, asked_state
from app.api.problem import ApiError
from app.services.bundles import files_of
from app.services.chosen import CHOSEN_KINDS, Chosen, chosen_rows, hide_chosen, restore_chosen
from app.services.leaving import erase_everything, everything_files
from app.services.shelf import SHELF_KINDS, Wish, matches_on_shelf

#: Folders of the zip.
FOLDERS = {kind: kind for kind in CHOSEN_KINDS}


@blueprint.get("/library/matches")
def library_matches() -> Response:
    """The ids of all that match in a part of the library, with their sizes."""
    kind = request.args.get("part", "")
    if kind not in SHELF_KINDS:
        raise ApiError(400, f"Say which part of the library: {', '.join(SHELF_KINDS)}.")
    album_id, tag = asked_place()
    wish = Wish(asked_search(), state=asked_state(), album_id=album_id, tag=tag)
    found = matches_on_shelf(session(), person_id(), kind, wish)
    return jsonify({"items": [{"id": row_id, "size_bytes": size_bytes or 0} for row_id, size_bytes in found]})


def chosen_in(body: Mapping[str, Any]) -> Chosen:
    """What the body names, by kind. Raises ApiError 422 where it names nothing."""
    chosen: Chosen = {kind: body.get(kind, ()) for kind in CHOSEN_KINDS}
    if not any(chosen.values()):
        raise ApiError(422, f"Name at least one thing, in {', '.join(CHOSEN_KINDS)}.")
    return chosen


@blueprint.post("/library/zip")
def library_zip() -> Response:
    """The files of what is named, as one that is read while it is sent."""
    files = files_of(settings(), chosen_rows(session(), person_id(), chosen_in(read_body("Chosen"))), FOLDERS)
    return zip_answer(files, "belcanto.zip")


@blueprint.get("/library/everything")
def library_everything() -> Response:
    """All that is kept of the person, as one that is read while it is sent."""
    return zip_answer(everything_files(session(), settings(), person_id()), "belcanto.zip")


@blueprint.delete("/library/everything")
def erase_library() -> Response:
    """Erase it."""
    end_sessions_of(person_id())
    return jsonify({"complete": erase_everything(session(), settings(), person_id())})


@blueprint.post("/library/delete")
@idempotent
def library_delete() -> Response:
    """Delete all of it; it can be brought back together."""
    count, at = hide_chosen(session(), settings(), person_id(), chosen_in(read_body("Chosen")))
    return jsonify({"count": count, "deleted_at": at.isoformat()})


@blueprint.post("/library/restore")
@idempotent
def library_restore() -> Response:
    """Bring back what was deleted together."""
    text = read_body("DeletedMoment")["deleted_at"]
    try:
        at = datetime.fromisoformat(text)
        count = restore_chosen(session(), person_id(), at.astimezone())
    except (ValueError, OverflowError) as error:
        raise ApiError(422, "The moment must be one that POST /library/delete told.", field="deleted_at") from error
    return jsonify({"count": count})
