"""The pictures of a person, each with the faces that were found in it."""

from __future__ import annotations

from flask import Response, jsonify, request

from app.api.blueprint import blueprint
from app.api.bodies import read_body, read_file
from app.api.context import person_id, session, settings
from app.api.idempotency import idempotent
from app.api.looks import settled
from app.api.media import media_file
from app.api.pagination import answer_page, asked_limit, asked_search, asked_sort, asked_within
from app.api.shapes import picture_json
from app.handing_in import check_reception, hand_in_cut, hand_in_stream
from app.models import Picture
from app.services import pictures as service
from pipeline.picture_cut import PictureCut


@blueprint.get("/pictures")
def pictures() -> Response:
    """A page of the pictures."""
    wanted = (asked_search(), request.args.get("cursor"), asked_limit(), asked_sort(), asked_within(Picture))
    page = service.list_pictures(session(), person_id(), *wanted)
    return answer_page([picture_json(picture) for picture in page.items], page.next_cursor)


@blueprint.post("/pictures")
@idempotent
def add_picture() -> Response:
    """Take a picture from a form."""
    check_reception()
    stream, name = read_file(settings().limits.picture_bytes)
    return settled(hand_in_stream("picture", stream, name))


@blueprint.get("/pictures/<picture_id>")
def picture(picture_id: str) -> Response:
    """One picture."""
    return jsonify(picture_json(service.get_picture(session(), person_id(), picture_id)))


@blueprint.patch("/pictures/<picture_id>")
def rename_picture(picture_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    return jsonify(picture_json(service.rename_picture(session(), settings(), person_id(), picture_id, title)))


@blueprint.delete("/pictures/<picture_id>")
def delete_picture(picture_id: str) -> tuple[str, int]:
    """Delete it; it can be brought back for a day."""
    service.hide_picture(session(), person_id(), picture_id)
    return "", 204


@blueprint.post("/pictures/<picture_id>/restore")
@idempotent
def restore_picture(picture_id: str) -> Response:
    """Bring it back."""
    return jsonify(picture_json(service.restore_picture(session(), person_id(), picture_id)))


@blueprint.post("/pictures/<picture_id>/erase")
@idempotent
def erase_picture(picture_id: str) -> tuple[str, int]:
    """Destroy it now."""
    service.delete_picture(session(), settings(), person_id(), picture_id)
    return "", 204


@blueprint.post("/pictures/<picture_id>/cut")
@idempotent
def cut_picture(picture_id: str) -> Response:
    """A new picture out of it."""
    wanted = PictureCut.from_json(read_body("Cut"))
    return settled(hand_in_cut(service.get_picture(session(), person_id(), picture_id), wanted))


@blueprint.get("/pictures/<picture_id>/file")
def picture_file(picture_id: str) -> Response:
    """The picture as it was given."""
    picture = service.get_picture(session(), person_id(), picture_id)
    return media_file(service.picture_file(settings(), picture), picture.mime, picture.title)


@blueprint.get("/pictures/<picture_id>/thumbnail")
def picture_thumbnail(picture_id: str) -> Response:
    """The picture small and upright, in a format that every browser shows."""
    picture = service.get_picture(session(), person_id(), picture_id)
    return media_file(service.thumb_file(settings(), picture), "image/jpeg", picture.title)
