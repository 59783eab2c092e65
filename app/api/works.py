"""Works of any kind: what kinds there are, works ordered, looked at, given out. Films have addresses of their own besides."""

from __future__ import annotations

import mimetypes

from flask import Response, jsonify, request, url_for

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.consent import take_consent
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.media import media_file
from app.api.pagination import answer_page, asked_limit, asked_search, asked_sort, asked_within
from app.api.positions import queue_positions
from app.api.problem import ApiError
from app.api.shapes import kind_json, work_json
from app.models import Work
from app.services import works as service
from app.services.glimpses import MIME, glimpse_file
from pipeline.work_kinds import KINDS, kind_named


@blueprint.get("/kinds")
def kinds() -> Response:
    """The kinds of work that can be ordered."""
    return jsonify({"kinds": [kind_json(kind) for kind in KINDS if kind.turn == "fair"]})


@blueprint.get("/works")
def works() -> Response:
    """A page of the works, of one kind where it is named."""
    kind = None
    if (name := request.args.get("kind")) is not None and (kind := kind_named(name)) is None:
        raise ApiError(400, f"There is no kind of work of that name; there are {', '.join(kind.name for kind in KINDS)}.")
    wanted = (asked_search(), request.args.get("cursor"), asked_limit(), kind)
    page = service.list_works(session(), person_id(), *wanted, sort=asked_sort(), within=asked_within(Work))
    positions = queue_positions(session())
    return answer_page([work_json(work, positions) for work in page.items], page.next_cursor)


@blueprint.post("/works")
@idempotent
def order_work() -> Response:
    """Order a work: 202 and the job's address while it is being made; 200 and the work's where it is there already."""
    asked = read_body("NewWork")
    kind = kind_named(asked["kind"])
    if kind is None or kind.turn != "fair":
        raise ApiError(422, f"There is no kind of work called {asked['kind'][:40]}; GET /kinds tells them.", field="kind")
    take_consent(asked, *(asset_id for role, asset_id in asked["inputs"].items() if role in kind.shows))
    order = (person_kept(), kind, asked["inputs"], asked.get("options", {}))
    work, created = service.order_work(session(), settings(), *order)
    answer = jsonify({"work": work_json(work, queue_positions(session())), "created": created})
    there = work.job.state == "done"
    answer.status_code = 200 if there else 202
    answer.headers["Location"] = url_for("api.work", work_id=work.id) if there else url_for("api.job", job_id=work.job.id)
    return answer


@blueprint.get("/works/<work_id>")
def work(work_id: str) -> Response:
    """One work."""
    return jsonify(work_json(service.get_work(session(), person_id(), work_id), queue_positions(session())))


@blueprint.get("/works/<work_id>/files/<role>")
def work_file(work_id: str, role: str) -> Response:
    """A file that was made, by its role."""
    work = service.get_work(session(), person_id(), work_id)
    path = service.work_file(settings(), work, role)
    return media_file(path, mimetypes.guess_type(path.name)[0] or "application/octet-stream", work.title)


@blueprint.get("/works/<work_id>/glimpse")
def work_glimpse(work_id: str) -> Response:
    """A few silent seconds of its film, small; made when they are first asked for."""
    work = service.get_work(session(), person_id(), work_id)
    session().commit()  # nothing is held while it is made
    return media_file(glimpse_file(settings(), work), MIME, work.title)


@blueprint.get("/works/<work_id>/thumbnail")
def work_thumbnail(work_id: str) -> Response:
    """The picture, or a frame of the film, that it was made of, small and upright."""
    work = service.get_work(session(), person_id(), work_id)
    return media_file(service.thumb_file(settings(), work), "image/jpeg", work.title)


@blueprint.patch("/works/<work_id>")
def rename_work(work_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    service.rename_work(session(), settings(), person_id(), work_id, title)
    return jsonify(work_json(service.get_work(session(), person_id(), work_id), queue_positions(session())))


@blueprint.delete("/works/<work_id>")
def delete_work(work_id: str) -> tuple[str, int]:
    """Delete it; it can be brought back for a day."""
    service.hide_work(session(), settings(), person_id(), work_id)
    return "", 204


@blueprint.post("/works/<work_id>/restore")
@idempotent
def restore_work(work_id: str) -> Response:
    """Bring it back."""
    return jsonify(work_json(service.restore_work(session(), person_id(), work_id), queue_positions(session())))


@blueprint.post("/works/<work_id>/erase")
@idempotent
def erase_work(work_id: str) -> tuple[str, int]:
    """Destroy it now."""
    service.delete_work(session(), settings(), person_id(), work_id)
    return "", 204
