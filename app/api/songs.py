"""The songs of a person."""

from __future__ import annotations

from flask import Response, jsonify, request, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body, read_file
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import media_file
from app.api.pagination import answer_page, asked_limit, asked_search
from app.api.shapes import song_json
from app.services import songs as service


@blueprint.get("/songs")
def songs() -> Response:
    """A page of the songs."""
    page = service.list_songs(session(), person_id(), asked_search(), request.args.get("cursor"), asked_limit())
    return answer_page([song_json(song) for song in page.items], page.next_cursor)


@blueprint.post("/songs")
@idempotent
def add_song() -> tuple[Response, int, dict[str, str]]:
    """Take a song from a form."""
    stream, name = read_file(settings().limits.song_bytes)
    song = service.add_song_stream(session(), settings(), person_kept(), stream, name)
    return jsonify(song_json(song)), 201, {"Location": url_for("api.song", song_id=song.id)}


@blueprint.get("/songs/<song_id>")
def song(song_id: str) -> Response:
    """One song."""
    return jsonify(song_json(service.get_song(session(), person_id(), song_id)))


@blueprint.patch("/songs/<song_id>")
def rename_song(song_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    return jsonify(song_json(service.rename_song(session(), settings(), person_id(), song_id, title)))


@blueprint.delete("/songs/<song_id>")
def delete_song(song_id: str) -> tuple[str, int]:
    """Delete it."""
    service.delete_song(session(), settings(), person_id(), song_id)
    return "", 204


@blueprint.get("/songs/<song_id>/file")
def song_file(song_id: str) -> Response:
    """The song itself."""
    song = service.get_song(session(), person_id(), song_id)
    return media_file(service.song_file(settings(), song), song.mime, song.title)


@blueprint.get("/songs/<song_id>/waveform")
def song_waveform(song_id: str) -> Response:
    """Its peaks. They never change, so a browser may keep them."""
    song = service.get_song(session(), person_id(), song_id)
    answer = jsonify({"duration_s": song.duration_s, "peaks": song.waveform})
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
