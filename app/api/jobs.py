"""The jobs of a person: looked at, listened to, cancelled."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, jsonify, request, stream_with_context
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import contains_eager

from app.api.blueprint import blueprint
from app.api.context import database, person_id, session, settings
from app.api.idempotency import idempotent
from app.api.pagination import answer_page, asked_limit
from app.api.positions import queue_positions
from app.api.problem import ApiError
from app.api.schemas import STATES
from app.api.shapes import Json, job_json
from app.api.sse import Event, Streams, last_event_id, stream
from app.models import FINAL_STATES, Film, Job
from app.services import films as service
from app.services.events import events_since
from app.services.listing import make_cursor, read_cursor

EVENTS_AT_ONCE = 1000
#: The streams of this process.
STREAMS = Streams()


@blueprint.get("/jobs")
def jobs() -> Response:
    """A page of the jobs."""
    limit, state = asked_limit(), request.args.get("state")
    query = select(Job).join(Job.film).options(contains_eager(Job.film))
    query = query.where(Job.person_id == person_id(), Film.deleted_at.is_(None))
    if state is not None:
        if state not in STATES:
            raise ApiError(400, f"There is no state of that name; there are {', '.join(STATES)}.")
        query = query.where(Job.state == state)
    if cursor := request.args.get("cursor"):
        at, row_id = read_cursor(cursor)
        query = query.where(or_(Job.queued_at < at, and_(Job.queued_at == at, Job.id < row_id)))
    rows = session().scalars(query.order_by(Job.queued_at.desc(), Job.id.desc()).limit(limit + 1)).all()
    next_cursor = make_cursor(rows[limit - 1].queued_at, rows[limit - 1].id) if len(rows) > limit else None
    positions = queue_positions(session())
    return answer_page([job_json(job, positions) for job in rows[:limit]], next_cursor)


@blueprint.get("/jobs/<job_id>")
def job(job_id: str) -> Response:
    """One job."""
    return jsonify(job_json(service.get_job(session(), person_id(), job_id), queue_positions(session())))


@blueprint.post("/jobs/<job_id>/cancel")
@idempotent
def cancel_job(job_id: str) -> tuple[Response, int]:
    """Ask for its end."""
    job = service.cancel_job(session(), settings(), person_id(), job_id)
    return jsonify(job_json(job, queue_positions(session()))), 202


@blueprint.get("/jobs/<job_id>/events")
def job_events(job_id: str) -> Response:
    """Its events as they come."""
    person = person_id()
    service.get_job(session(), person, job_id)
    session().close()  # a stream may last for minutes; it must not hold a connection to the database meanwhile
    known = last_event_id(request.headers.get("Last-Event-ID"))
    first = known == 0

    def look(after: int) -> tuple[Sequence[Event], bool]:
        nonlocal first
        with database().session() as own:
            events = events_since(own, job_id, after, EVENTS_AT_ONCE)
            if not events and not first and not_ended(own.scalar(select(Job.state).where(Job.id == job_id))):
                return (), False
            now = service.get_job(own, person, job_id)
            data: Json = job_json(now, queue_positions(own))
            kind = "progress" if events and all(event.kind == "progress" for event in events) else "state"
            number = events[-1].id if events else 0
            told = [Event(number, kind, {**data, "event_id": number})] if events or first else []
            first = False
            return told, now.state in FINAL_STATES and len(events) < EVENTS_AT_ONCE

    answer = Response(stream_with_context(stream(look, known, STREAMS)), mimetype="text/event-stream")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def not_ended(state: str | None) -> bool:
    """Whether a job in that state goes on."""
    return state is not None and state not in FINAL_STATES
