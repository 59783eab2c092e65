"""What is made of a finished film: shapes, loops, motion, stems."""

from __future__ import annotations

import mimetypes

from flask import Response, jsonify, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import media_file
from app.api.shapes import Json, course_json
from app.models import Job
from app.services import exports as service
from app.services.works import get_work

#: When whoever asked for something may look for it.
RETRY_AFTER_S = "1"
#: Endings that not every system knows.
MIMES = {
    ".flac": "audio/flac",
    ".webp": "image/webp",
    ".csv": "text/csv",
    ".json": "application/json",
    ".lrc": "text/plain",
    ".srt": "application/x-subrip",
}


@blueprint.post("/works/<work_id>/exports")
@idempotent
def make_export(work_id: str) -> Response:
    """Have it made, if it is not there yet."""
    asked = read_body("NewExport")
    job = service.ask_export(session(), settings(), person_kept(), work_id, asked["kind"], asked.get("options", {}))
    answer = jsonify(export_json(job))
    answer.status_code = 200 if job.state == "done" else 202
    answer.headers["Location"] = url_for("api.export", work_id=work_id, export_id=job.id)
    answer.headers["Retry-After"] = RETRY_AFTER_S
    return answer


@blueprint.get("/works/<work_id>/exports")
def exports(work_id: str) -> Response:
    """What is there or on its way, newest first."""
    work = get_work(session(), person_id(), work_id)
    return jsonify({"items": [export_json(job) for job in service.standing_exports(settings(), work)]})


@blueprint.get("/works/<work_id>/exports/<export_id>")
def export(work_id: str, export_id: str) -> Response:
    """How far it is."""
    return jsonify(export_json(service.get_export(session(), person_id(), work_id, export_id)))


@blueprint.get("/works/<work_id>/exports/<export_id>/files/<role>")
def export_file(work_id: str, export_id: str, role: str) -> Response:
    """A file of it."""
    job = service.get_export(session(), person_id(), work_id, export_id)
    path = service.export_file(settings(), job, role)
    mime = MIMES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    title = get_work(session(), person_id(), work_id).title
    return media_file(path, mime, title if len(job.files) == 1 else f"{title} {role}")


def export_json(job: Job) -> Json:
    """An `Export`."""
    work_id, export_id = job.work_id, job.id
    return {
        "id": job.id,
        "kind": job.kind,
        "options": job.options,
        **course_json(job),
        "figures": job.result or {},
        "links": {
            "self": url_for("api.export", work_id=work_id, export_id=export_id),
            "files": {role: url_for("api.export_file", work_id=work_id, export_id=export_id, role=role) for role in job.files},
        },
    }
