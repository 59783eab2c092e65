"""The jobs of a person: looked at, listened to, cancelled."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator

from flask import Flask, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask_babel import get_locale
from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import contains_eager

from app.accounts.ending import login_of_stream
from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import database, person_id, session, settings
from app.api.idempotency import idempotent
from app.api.pagination import answer_page, asked_limit, asked_state
from app.api.positions import queue_positions
from app.api.shapes import Json, job_json
from app.api.sse import STREAMS, Event, EventStream, Listener, Streams, Told, last_event_id
from app.api.watch import Latest, Newest
from app.context import EXTENSION, AppParts
from app.database import Database
from app.models import FINAL_STATES, Job, JobEvent, Work
from app.services import jobs as service
from app.services import queue_order
from app.services.events import events_since
from app.services.listing import make_cursor, read_cursor
from app.watching.news import NewsListener

EVENTS_AT_ONCE = 1000
#: Jobs that one question to the database names.
JOBS_AT_ONCE = 500


@blueprint.get("/jobs")
def jobs() -> Response:
    """A page of the jobs."""
    limit, state = asked_limit(), asked_state()
    query = select(Job).join(Job.work).options(contains_eager(Job.work))
    query = query.where(Job.person_id == person_id(), Work.deleted_at.is_(None), Job.kind == Work.kind)
    if state is not None:
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


@blueprint.post("/jobs/<job_id>/move")
@idempotent
def move_job(job_id: str) -> Response:
    """Another place in the queue."""
    waiting = queue_order.move_job(session(), person_id(), job_id, read_body("NewPlace").get("before"))
    positions = queue_positions(session())
    return jsonify({"items": [job_json(job, positions) for job in waiting]})


@blueprint.get("/jobs/<job_id>/events")
def job_events(job_id: str) -> Response:
    """Its events as they come."""
    person = person_id()
    service.get_job(session(), person, job_id)
    known = last_event_id(request.headers.get("Last-Event-ID"))
    login, may_stay = login_of_stream()
    manner = (str(get_locale()), request.root_url)
    listener = Listener(job_id, person, looker(job_id, person, known), manner, login, may_stay)
    answer = Response(EventStream(listener, known, streams()), mimetype="text/event-stream", direct_passthrough=True)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Accel-Buffering"] = "no"
    return answer


def streams() -> Streams:
    """The application's streams."""
    made: Streams = current_app.extensions[STREAMS]
    return made


def looker(job_id: str, person: str, known: int) -> Callable[[int], Told]:
    """What finds the job's news, in any thread and as often as is wished, in the words and with the addresses of this request."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    environ = {name: value for name, value in request.environ.items() if not name.startswith(("werkzeug.", "wsgi.input"))}
    environ["wsgi.input"] = io.BytesIO()

    def look(after: int) -> Told:
        with app.request_context(dict(environ)), database().session() as own:
            events = events_since(own, job_id, after, EVENTS_AT_ONCE)
            first = known == 0 and after == 0
            if not events and not first and not_ended(own.scalar(select(Job.state).where(Job.id == job_id))):
                return (), False
            now = service.get_job(own, person, job_id)
            data: Json = job_json(now, queue_positions(own))
            kind = "progress" if events and all(event.kind == "progress" for event in events) else "state"
            number = events[-1].id if events else 0
            told = [Event(number, kind, {**data, "event_id": number})] if events or first else []
            return told, now.state in FINAL_STATES and len(events) < EVENTS_AT_ONCE

    return look


def not_ended(state: str | None) -> bool:
    """Whether a job in that state goes on."""
    return state is not None and state not in FINAL_STATES


def newest_of(base: Database) -> Newest:
    """What finds how many jobs stand, by two questions to the database for up to `JOBS_AT_ONCE` of them."""

    def newest(job_ids: Collection[str]) -> dict[str, Latest]:
        found: dict[str, Latest] = {}
        with base.session() as own:
            for some in batched(job_ids, JOBS_AT_ONCE):
                last = select(JobEvent.job_id, func.max(JobEvent.id)).where(JobEvent.job_id.in_(some)).group_by(JobEvent.job_id)
                numbers = {job_id: number for job_id, number in own.execute(last)}  # noqa: C416 (rows are no pairs for `dict`'s types)
                for job_id, state in own.execute(select(Job.id, Job.state).where(Job.id.in_(some))):
                    found[job_id] = Latest(numbers.get(job_id, 0), state in FINAL_STATES)
        return found

    return newest


def batched(values: Collection[str], count: int) -> Iterator[list[str]]:
    """The values, so many at a time."""
    listed = list(values)
    for begin in range(0, len(listed), count):
        yield listed[begin : begin + count]


def set_up(registration: BlueprintSetupState) -> None:
    """The application gets its streams when the API is registered."""
    parts: AppParts = registration.app.extensions[EXTENSION]
    made = registration.app.extensions[STREAMS] = Streams(newest_of(parts.database))
    if parts.settings.queue == "redis":
        NewsListener(parts.settings.redis_url, made.watch.ring).start()


blueprint.record_once(set_up)
