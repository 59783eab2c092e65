"""What the avatar can do without a session: who it may be, a reply, speech with its mouth, the emotion of a text."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.idempotency import idempotent
from app.api.live.forwarding import asked

PERSONA = ("name", "title", "language", "voice", "about", "character")
SPEECH = ("rate_hz", "duration_s", "sound", "words", "phonemes", "emotions", "curves")


@blueprint.get("/live/personas")
def live_personas() -> Response:
    """Those of ours."""
    told = asked("GET", "/personas").json()
    rows = told["personas"] if isinstance(told, dict) else told
    return jsonify({"personas": [{name: row.get(name, "") for name in PERSONA} for row in rows]})


@blueprint.post("/live/reply")
@idempotent
def live_reply() -> Response:
    """A model's reply."""
    return handed_on("/reply", "NewReply", ("text", "sentences"))


@blueprint.post("/live/speech")
@idempotent
def live_speech() -> Response:
    """Sound, and the mouth with it."""
    return handed_on("/speech", "NewSpeech", SPEECH)


@blueprint.post("/live/emotion")
@idempotent
def live_emotion() -> Response:
    """28 and 7 classes."""
    return handed_on("/emotion", "LiveText", ("goemotions", "ekman", "found", "top"))


def handed_on(path: str, shape: str, names: tuple[str, ...]) -> Response:
    """The live process' answer to a body of that shape: what the API tells of it."""
    told: dict[str, Any] = asked("POST", path, read_body(shape)).json()
    return jsonify({name: told[name] for name in names})
