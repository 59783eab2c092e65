"""The songs of a person."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body, read_file
from app.api.context import person_id, session, settings
from app.api.idempotency import idempotent
from app.api.looks import settled
from app.api.media import media_file
from app.api.pagination import answer_page, asked_limit, asked_search, asked_sort, asked_within
from app.api.problem import ApiError
from app.api.shapes import intensity_json, song_json
from app.handing_in import check_reception, hand_in_stream
from app.models import Song
from app.services import songs as service
from app.services.emotions import ask_emotion, emotion_found, part_of_job
from app.services.inspecting import measure
from app.services.options import film_options
from app.services.phrases import ask_phrases
from app.wording import kept_in_words

#: When whoever asked for something that is being found may ask again.
RETRY_AFTER_S = "2"


@blueprint.get("/songs")
def songs() -> Response:
    """A page of the songs."""
    wanted = (asked_search(), request.args.get("cursor"), asked_limit(), asked_sort(), asked_within(Song))
    page = service.list_songs(session(), person_id(), *wanted)
    return answer_page([song_json(song) for song in page.items], page.next_cursor)


@blueprint.post("/songs")
@idempotent
def add_song() -> Response:
    """Take a song from a form."""
    check_reception()
    stream, name = read_file(settings().limits.song_bytes)
    return settled(hand_in_stream("song", stream, name))


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
    """Delete it; it can be brought back for a day."""
    service.hide_song(session(), person_id(), song_id)
    return "", 204


@blueprint.post("/songs/<song_id>/restore")
@idempotent
def restore_song(song_id: str) -> Response:
    """Bring it back."""
    return jsonify(song_json(service.restore_song(session(), person_id(), song_id)))


@blueprint.post("/songs/<song_id>/erase")
@idempotent
def erase_song(song_id: str) -> tuple[str, int]:
    """Destroy it now."""
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


@blueprint.get("/songs/<song_id>/levels")
def song_levels(song_id: str) -> Response:
    """How loud it is, where it clips, and its shape in fine steps. They never change, so a browser may keep them."""
    song = service.get_song(session(), person_id(), song_id)
    path = service.song_file(settings(), song)
    session().rollback()  # nothing is held while it is measured
    answer = jsonify(measure(settings(), song, path))
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


@blueprint.get("/songs/<song_id>/phrases")
def song_phrases(song_id: str) -> Response:
    """Where its singer begins and rests. Whoever asks first has it found, and asks again; it never changes afterwards."""
    job = ask_phrases(session(), settings(), person_id(), song_id)
    if job.state == "failed":
        raise ApiError(503, kept_in_words(job.failure))
    if job.state == "done":
        return jsonify({"phrases": (job.result or {})["phrases"]})
    answer = jsonify({"state": job.state})
    answer.status_code = 202
    answer.headers["Location"] = url_for("api.song_phrases", song_id=song_id)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


@blueprint.get("/songs/<song_id>/intensity")
def song_intensity(song_id: str) -> Response:
    """How strongly it feels, over its time. Whoever asks first has it found, and asks again; it never changes afterwards."""
    asked = film_options({name: request.args.get(name) for name in ("start_s", "duration_s")})
    job = ask_emotion(session(), settings(), person_id(), song_id, asked.start_s, asked.duration_s)
    if job.state == "failed":
        raise ApiError(503, kept_in_words(job.failure))
    start_s, duration_s = part_of_job(job)
    if job.state == "done":
        return jsonify(intensity_json(start_s, duration_s, emotion_found(job)))
    answer = jsonify({"state": job.state})
    answer.status_code = 202
    part: dict[str, Any] = {"start_s": f"{start_s:.10g}", "duration_s": f"{duration_s:.10g}"}
    answer.headers["Location"] = url_for("api.song_intensity", song_id=song_id, **part)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer
