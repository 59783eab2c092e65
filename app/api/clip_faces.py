"""The people in a person's clips."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request, url_for

from app.api.blueprint import blueprint
from app.api.context import person_id, session, settings
from app.api.media import small_picture
from app.api.problem import ApiError
from app.api.shapes import Json
from app.models import Job
from app.services import film_faces as service
from app.wording import kept_in_words
from core.options import read_options
from pipeline.works.film_faces import PartOfClip

#: When whoever asked for people who are being found may ask again.
RETRY_AFTER_S = "2"


def asked_part() -> dict[str, Any]:
    """The part of the clip that the address names. Raises InputError where that is none."""
    return vars(PartOfClip(**read_options(PartOfClip, {name: request.args.get(name) for name in ("start_s", "duration_s")})))


@blueprint.get("/clips/<clip_id>/faces")
def clip_faces(clip_id: str) -> Response:
    """Who is in the clip. Whoever asks first has them found, and asks again; they never change afterwards."""
    job = service.ask_faces(session(), settings(), person_id(), clip_id, **asked_part())
    if job.state == "failed":
        raise ApiError(503, kept_in_words(job.failure))
    if job.state == "done":
        return jsonify(faces_json(job))
    answer = jsonify({"state": job.state, "share": job.share})
    answer.status_code = 202
    answer.headers["Location"] = url_for("api.clip_faces", clip_id=clip_id, **part_in_address(job))
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


@blueprint.get("/clips/<clip_id>/faces/<number>/thumbnail")
def clip_face_thumbnail(clip_id: str, number: str) -> Response:
    """One of these people."""
    job = service.find_faces(session(), person_id(), clip_id, **asked_part())
    return small_picture(service.picture_of_face(settings(), job, number), number, f"{job.id}-{number}" if job else number)


def faces_json(job: Job) -> Json:
    """A `FilmFaces`."""
    found, clip_id = service.faces_found(job), service.clip_of(job).id
    part = part_in_address(job)
    faces = [
        {
            **{name: face[name] for name in ("number", "seen", "clear", "best_s", "human", "chosen")},
            "reason": kept_in_words(face["reason"]) or None,
            "links": {"thumbnail": url_for("api.clip_face_thumbnail", clip_id=clip_id, number=face["number"], **part)},
        }
        for face in found["faces"]
    ]
    told = {name: found[name] for name in ("start_s", "duration_s")}
    return {"clip_id": clip_id, **told, "faces": faces, "notes": [kept_in_words(note) for note in job.notes]}


def part_in_address(job: Job) -> dict[str, Any]:
    """The part that it looks at, as an address has it: nothing of what is the whole clip's."""
    return {name: f"{value:.10g}" for name, value in job.options.items() if value}
