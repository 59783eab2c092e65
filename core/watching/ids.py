"""By which ids one request is followed through web server, queue, worker and the process that does the work."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: What another program may call its request, in the header `X-Request-ID`; anything else gets an id of ours.
ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_request: ContextVar[str] = ContextVar("request", default="")
_job: ContextVar[str] = ContextVar("job", default="")
_trace: ContextVar[str] = ContextVar("trace", default="")


def request_id_of(given: str | None) -> str:
    """The id that a request came with, where it is one, else a new one: 32 hexadecimal digits."""
    return given if given and ACCEPTED.fullmatch(given) else uuid.uuid4().hex


def request_id() -> str:
    """Of the request that this thread works for; empty for none."""
    return _request.get()


def job_id() -> str:
    """Of the job that this thread works on; empty for none."""
    return _job.get()


def trace() -> str:
    """On what this thread's spans hang, as a `traceparent`; empty where no traces are sent."""
    return _trace.get()


@contextmanager
def working_for(request: str, job: str = "", trace: str = "") -> Iterator[None]:
    """Lines that this thread writes in the block bear these ids."""
    before = _request.get(), _job.get(), _trace.get()
    work_for(request, job, trace)
    try:
        yield
    finally:
        work_for(*before)


def work_for(request: str, job: str = "", trace: str = "") -> None:
    """As `working_for`, until something else is said: where begin and end of a request are two calls."""
    _request.set(request)
    _job.set(job)
    _trace.set(trace)
