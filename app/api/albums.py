"""Albums and tags of the library."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.library import chosen_in
from app.api.shapes import Json, time_text
from app.services import albums as service
from app.services.tags import WORD_CHARACTERS, change_tags, suggested_tags
from app.shelf_models import Album


def album_json(album: Album, count: int) -> Json:
    """An `Album`."""
    links = {"self": url_for("api.rename_album", album_id=album.id)}
    return {"id": album.id, "title": album.title, "count": count, "created_at": time_text(album.created_at), "links": links}


def counted_json(album: Album) -> Json:
    """An `Album`, with how much lies in it now."""
    counts = {each.album.id: each.count for each in service.list_albums(session(), person_id())}
    return album_json(album, counts.get(album.id, 0))


@blueprint.get("/albums")
def albums() -> Response:
    """All albums."""
    return jsonify({"items": [album_json(each.album, each.count) for each in service.list_albums(session(), person_id())]})


@blueprint.post("/albums")
@idempotent
def create_album() -> tuple[Response, int]:
    """A new album, or the one of that name."""
    album = service.create_album(session(), settings(), person_kept(), read_body("NewTitle")["title"])
    return jsonify(counted_json(album)), 201


@blueprint.patch("/albums/<album_id>")
def rename_album(album_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    return jsonify(counted_json(service.rename_album(session(), settings(), person_id(), album_id, title)))


@blueprint.delete("/albums/<album_id>")
def delete_album(album_id: str) -> tuple[str, int]:
    """Take it apart."""
    service.delete_album(session(), person_id(), album_id)
    return "", 204


@blueprint.post("/albums/<album_id>/add")
@idempotent
def fill_album(album_id: str) -> Response:
    """Put things into it."""
    service.fill_album(session(), person_id(), album_id, chosen_in(read_body("Chosen")))
    return jsonify(counted_json(service.get_album(session(), person_id(), album_id)))


@blueprint.post("/albums/<album_id>/remove")
@idempotent
def empty_album(album_id: str) -> Response:
    """Take things out of it."""
    service.empty_album(session(), person_id(), album_id, chosen_in(read_body("Chosen")))
    return jsonify(counted_json(service.get_album(session(), person_id(), album_id)))


@blueprint.get("/tags")
def tags() -> Response:
    """The tags that begin so."""
    begin = request.args.get("begin", "").replace("\0", " ")[:WORD_CHARACTERS]
    found = suggested_tags(session(), person_id(), begin)
    return jsonify({"items": [{"tag": word, "count": count} for _, word, count in found]})


@blueprint.post("/library/tags")
@idempotent
def change_library_tags() -> Response:
    """Give many things tags, and take tags off them."""
    body = read_body("TagChange")
    count = change_tags(session(), person_id(), chosen_in(body["chosen"]), body.get("add", ()), body.get("remove", ()))
    return jsonify({"count": count})
