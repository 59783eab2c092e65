"""Every request has an id, its own or the one that it came with, which stands in all lines of the logs that belong to it."""

from __future__ import annotations

from flask import Flask, Response, g, request

from core.watching.ids import request_id, request_id_of, work_for
from core.watching.traces import begin_span

HEADER = "X-Request-ID"


def register_requests(app: Flask) -> None:
    """Count requests from the first that is done for them to the last."""
    app.before_request(begin)
    app.after_request(name)
    app.teardown_request(end)


def begin() -> None:
    """The request has come."""
    g.span = begin_span("request", request.headers.get("traceparent", ""), page=request.endpoint or "", method=request.method)
    work_for(request_id_of(request.headers.get(HEADER)), trace=g.span.traceparent)


def name(answer: Response) -> Response:
    """Tell whoever asked by which id it is found in the logs."""
    answer.headers[HEADER] = request_id()
    if "span" in g:
        g.span.set(status=answer.status_code)
    return answer


def end(error: BaseException | None) -> None:
    """It is answered."""
    if "span" in g:
        g.pop("span").end()
        work_for("")
