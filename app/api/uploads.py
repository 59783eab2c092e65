"""Files that come in pieces, so that a broken connection costs only the last piece.

The headers are those of the tus protocol and of the IETF's draft "Resumable Uploads for HTTP": `Upload-Offset`, `Upload-Length`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from flask import Response, jsonify, request, url_for
from sqlalchemy.orm import Session

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.looks import added, settled
from app.api.problem import ApiError
from app.api.shapes import upload_json
from app.errors import WrongOffset
from app.handing_in import hand_in
from app.models import Clip, Given, Picture, Song, Upload
from app.services import uploads as service
from app.services.library import rename_row
from app.wording import in_person_words

#: Types of a piece: one that every tool knows, and that of the tus protocol.
PIECE_TYPES = ("application/octet-stream", "application/offset+octet-stream")


@blueprint.post("/uploads")
@idempotent
def create_upload() -> Response:
    """Begin an upload."""
    asked = read_body("NewUpload")
    upload = service.begin_upload(session(), settings(), person_kept(), asked["kind"], asked["file_name"], asked["size_bytes"])
    answer = with_offset(jsonify(upload_json(upload)), upload)
    answer.status_code = 201
    answer.headers["Location"] = url_for("api.upload", upload_id=upload.id)
    return answer


@blueprint.get("/uploads/<upload_id>")
def upload(upload_id: str) -> Response:
    """How far it is; for HEAD in the headers alone."""
    found = service.standing_upload(session(), settings(), person_id(), upload_id)
    return with_offset(jsonify(upload_json(found)), found)


@blueprint.patch("/uploads/<upload_id>")
def append_upload(upload_id: str) -> Response:
    """The next piece."""
    if request.mimetype not in PIECE_TYPES:
        raise ApiError(415, f"A piece of an upload must have the Content-Type {' or '.join(PIECE_TYPES)}.")
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 19):
        raise ApiError(400, "The header Upload-Offset must say at which byte of the file the piece begins.")
    request.max_content_length = settings().limits.piece_bytes
    piece = request.get_data()
    with place_told():
        appended = service.continue_upload(session(), settings(), person_id(), upload_id, int(offset), piece)
    return with_offset(Response(status=204), appended)


@blueprint.post("/uploads/<upload_id>/finish")
@idempotent
def finish_upload(upload_id: str) -> Response:
    """Make it a song, picture or clip."""
    title = read_body("Finish", needed=False).get("title")
    known, person = settings(), person_id()
    upload = service.standing_upload(session(), known, person, upload_id)

    def finish(own: Session) -> Song | Picture | Clip:
        row = service.finish_upload(own, known, person, upload_id)
        if title:
            row = cast(Song | Picture | Clip, rename_row(own, known, type(row), person, row.id, title))
        return row

    with place_told():
        if upload.result_id is not None or upload.received_bytes != upload.size_bytes:  # there is nothing to look at
            return added(finish(session()))
        return settled(hand_in(cast(Given, upload.kind), upload_id, finish))


@blueprint.delete("/uploads/<upload_id>")
def delete_upload(upload_id: str) -> tuple[str, int]:
    """Drop it."""
    service.abandon_upload(session(), settings(), person_id(), upload_id)
    return "", 204


def with_offset(answer: Response, upload: Upload) -> Response:
    """The answer with the headers that say how far the upload is."""
    answer.headers["Upload-Offset"] = str(upload.received_bytes)
    answer.headers["Upload-Length"] = str(upload.size_bytes)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@contextmanager
def place_told() -> Iterator[None]:
    """Where an upload stands at another byte, the answer says at which, for the program too."""
    try:
        yield
    except WrongOffset as error:
        at = error.received_bytes
        raise ApiError(
            409, in_person_words(error), {"Upload-Offset": str(at)}, received_bytes=at, code=error.message.code
        ) from error
