"""`/healthz`, `/readyz` and `/metrics`: whether the server lives, whether it can work, and figures for Prometheus.

Anybody may ask for the first. The others tell of the machine and its visitors: they answer whoever shows the token of the
settings (`Authorization: Bearer ...`), or, where none is set, whoever asks from this machine itself. A request that a proxy has
handed on comes from this machine too, and is known by what proxies add to it; one that adds nothing calls for a token.
"""

from __future__ import annotations

import hmac
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, current_app, g, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask_babel import gettext
from prometheus_client import CollectorRegistry, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector
from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from app.client_address import parsed
from app.context import EXTENSION, AppParts, app_settings
from app.database import Database
from app.job_wiring import QUEUE
from app.models import ACTIVE_STATES, FINAL_STATES, Job, now
from app.serving.environ import HANDED_ON, PROXIES_ADD
from app.settings import AppSettings
from app.watching.living import living_workers, undoable
from app.watching.moving import stuck_because
from core.sandbox.sandbox import fences
from core.workspace import LONG_S
from jobs.figures import FIGURES
from jobs.queue import QUEUE_ERRORS, JobQueue

blueprint = Blueprint("health", __name__)
KEY = "belcanto_health"
#: Below so much free room no film is begun with confidence.
LEAST_FREE_BYTES = 200_000_000
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0)
UNKNOWN_PAGE = "(none)"


@dataclass
class Health:
    """What the answers are made of; `worker_alive` is set by whoever runs a worker beside the pages."""

    settings: AppSettings
    database: Database
    queue: JobQueue
    registry: CollectorRegistry
    requests: Histogram
    worker_alive: Callable[[], bool] | None = None


def set_up(registration: BlueprintSetupState) -> None:
    """The application gets its own figures when the pages are registered."""
    app = registration.app
    parts: AppParts = app.extensions[EXTENSION]
    registry = CollectorRegistry()
    names = ("method", "page", "status")
    requests = Histogram("belcanto_request_seconds", "Time to answer.", names, buckets=BUCKETS_S, registry=registry)
    state = Health(parts.settings, parts.database, app.extensions[QUEUE], registry, requests)
    registry.register(JobFigures(state))
    app.extensions[KEY] = state


blueprint.record_once(set_up)


@blueprint.before_app_request
def begin_clock() -> None:
    """The request begins."""
    g.health_begin_s = time.perf_counter()


@blueprint.after_app_request
def note_request(response: Response) -> Response:
    """The request has been answered; a stream, only its beginning."""
    state: Health = current_app.extensions[KEY]
    spent_s = time.perf_counter() - g.get("health_begin_s", time.perf_counter())
    state.requests.labels(request.method, request.endpoint or UNKNOWN_PAGE, f"{response.status_code // 100}xx").observe(spent_s)
    return response


class JobFigures(Collector):
    """The jobs as they stand in the database at the moment of the question, whichever process makes them."""

    def __init__(self, state: Health) -> None:
        self._state = state

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing is asked of the database before the first question."""
        return iter(())

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Jobs by state, how long the oldest has waited, free room, and whether a worker runs beside the pages."""
        counts = GaugeMetricFamily("belcanto_jobs", "Jobs by state.", labels=("state",))
        waits = GaugeMetricFamily("belcanto_oldest_queued_seconds", "How long the oldest queued job has waited.")
        with self._state.database.session() as session:
            counted = session.execute(select(Job.state, func.count()).where(Job.turn == "fair").group_by(Job.state)).all()
            oldest = session.scalar(select(func.min(Job.queued_at)).where(Job.state == "queued", Job.turn == "fair"))
        found = {state: count for state, count in counted}  # noqa: C416 (rows are no pairs for `dict`'s types)
        for state in ACTIVE_STATES + FINAL_STATES:
            counts.add_metric((state,), found.get(state, 0))
        waits.add_metric((), max(0.0, (now() - oldest).total_seconds()) if oldest else 0.0)
        yield counts
        yield waits
        yield from self._workers()
        free = GaugeMetricFamily("belcanto_free_bytes", "Free room where the films are written.")
        free.add_metric((), shutil.disk_usage(self._state.settings.results_dir).free)
        yield free
        held = GaugeMetricFamily("belcanto_long_open_copies", "Working copies of sealed files that were made over an hour ago.")
        held.add_metric((), self._state.settings.vault.workspace.held(LONG_S))
        yield held
        boxed = GaugeMetricFamily("belcanto_sandbox", "Whether this system holds decoders of given files.", labels=("fence",))
        there = fences()
        for fence, holds in (("files", there.files), ("system_calls", there.calls), ("limits", there.limits)):
            boxed.add_metric((fence,), float(bool(holds)))
        yield boxed
        if self._state.worker_alive is not None:
            worker = GaugeMetricFamily("belcanto_worker_alive", "Whether the worker beside the pages runs.")
            worker.add_metric((), float(self._state.worker_alive()))
            yield worker

    def _workers(self) -> Iterator[GaugeMetricFamily]:
        """Who lives, how many jobs none of them can do, and whether work stands still."""
        workers = GaugeMetricFamily("belcanto_workers", "Workers that live, by what they do.", labels=("state",))
        undone = GaugeMetricFamily("belcanto_undoable_jobs", "Jobs that wait and that no living worker can do.")
        stuck = GaugeMetricFamily("belcanto_stuck", "1: jobs wait, and none is begun, ended or gone on with.")
        with self._state.database.session() as session:
            working = [row.job_id is not None for row in living_workers(session)]
            undone.add_metric((), undoable(session))
            stuck.add_metric((), float(bool(stuck_because(session, self._state.settings.watch.stuck_s))))
        for name, count in (("working", sum(working)), ("waiting", len(working) - sum(working))):
            workers.add_metric((name,), count)
        yield from (workers, undone, stuck)


def checks(state: Health) -> dict[str, str]:
    """What the server needs, each with `ok` or what is wrong with it."""
    found = {}
    try:
        with state.database.session() as session:
            session.execute(text("SELECT 1"))
            found["database"] = "ok"
            found["work"] = stuck_because(session, state.settings.watch.stuck_s) or "ok"
    except SQLAlchemyError as error:
        found["database"] = type(error).__name__
    try:
        state.queue.waiting()
        found["queue"] = "ok"
    except QUEUE_ERRORS as error:
        found["queue"] = type(error).__name__
    free = shutil.disk_usage(state.settings.results_dir).free
    found["disk"] = "ok" if free >= LEAST_FREE_BYTES else f"only {free // 1_000_000} MB are free"
    if state.worker_alive is not None:
        found["worker"] = "ok" if state.worker_alive() else "has ended"
    return found


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers."""
    return jsonify(status="ok")


def may_know() -> bool:
    """Whether the request may be told of the machine."""
    token = app_settings().metrics_token
    if token:
        return hmac.compare_digest(f"Bearer {token}".encode(), request.headers.get("Authorization", "").encode())
    address = parsed(request.remote_addr or "")
    handed_on = request.environ.get(HANDED_ON) or any(name in request.environ for name in PROXIES_ADD)
    return address is not None and address.is_loopback and not handed_on


def refused() -> tuple[Response, int]:
    """The answer for somebody who may not be told."""
    sentence = gettext("Only the server's own machine may ask for this, or whoever shows the token that it was given.")
    return jsonify(status="refused", detail=sentence), 403


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether films can be ordered and made: 200, or 503 with what is wrong."""
    if not may_know():
        return refused()
    found = checks(current_app.extensions[KEY])
    ready = all(value == "ok" for value in found.values())
    return jsonify(status="ok" if ready else "not ready", checks=found, sandbox=fences().sentence()), 200 if ready else 503


@blueprint.get("/metrics")
def metrics() -> Response | tuple[Response, int]:
    """Prometheus's text."""
    if not may_know():
        return refused()
    state: Health = current_app.extensions[KEY]
    return Response(generate_latest(state.registry) + generate_latest(FIGURES.registry), content_type=CONTENT_TYPE_LATEST)
