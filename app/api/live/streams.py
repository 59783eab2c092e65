"""What is seen and heard of a session, and its events as they come."""

from __future__ import annotations

from functools import partial

from flask import Response, current_app, jsonify, request
from flask_babel import get_locale

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.idempotency import idempotent
from app.api.live.event_words import WordedEvents
from app.api.live.forwarding import asked, path_of, streamed
from app.api.sse import last_event_id


@blueprint.post("/live/sessions/<session_id>/offer")
@idempotent
def live_offer(session_id: str) -> Response:
    """The answer to an offer of WebRTC."""
    path = path_of(session_id, "/offer")
    told = asked("POST", path, read_body("LiveDescription")).json()
    return jsonify({"sdp": told["sdp"], "type": told["type"]})


@blueprint.get("/live/sessions/<session_id>/stream.mp4")
def live_mp4(session_id: str) -> Response:
    """Pictures and sound."""
    return streamed(path_of(session_id, "/stream.mp4"), "video/mp4")


@blueprint.get("/live/sessions/<session_id>/stream.mjpeg")
def live_mjpeg(session_id: str) -> Response:
    """Pictures alone."""
    return streamed(path_of(session_id, "/stream.mjpeg"), "multipart/x-mixed-replace")


@blueprint.get("/live/sessions/<session_id>/events")
def live_events(session_id: str) -> Response:
    """What happens, told in the visitor's language."""
    known = request.headers.get("Last-Event-ID")
    headers = {"Last-Event-ID": str(last_event_id(known))} if known else {}
    app, locale = current_app._get_current_object(), str(get_locale() or "en")  # type: ignore[attr-defined]
    worded = partial(WordedEvents, app=app, locale=locale)
    return streamed(path_of(session_id, "/events"), "text/event-stream", headers, worded)
