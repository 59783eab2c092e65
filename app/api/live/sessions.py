"""Sessions: a character is loaded, looked at, ended."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from flask import Response, jsonify, url_for

from app.accounts.ending import avatar_opened
from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.context import person_id, person_kept, session, settings
from app.api.idempotency import idempotent
from app.api.live.forwarding import asked, done, owners, path_of, running
from app.api.problem import ApiError
from app.live.client import LiveDown
from app.services.clips import get_clip
from app.services.library import file_of
from app.services.options import film_options
from app.services.orders import settle_face
from app.services.pictures import get_picture
from app.wording import kept_in_words
from core.errors import MissingError

#: What is told of a session; who opened it is not.
TOLD = ("session", "mode", "state", "ready", "width", "height", "fps", "figures", "film")


@blueprint.get("/live/health")
def live_health() -> Response:
    """How many sessions run, and how many may."""
    told = asked("GET", "/health").json()
    return jsonify({name: told[name] for name in ("sessions", "most")})


@blueprint.get("/live/sessions")
def live_sessions() -> Response:
    """The person's own."""
    person = person_id()
    return jsonify({"sessions": [session_json(row) for row in running() if row["owner"] == person]})


@blueprint.post("/live/sessions")
@idempotent
def open_live_session() -> Response:
    """Load a character: 201, though it may take a while until it is ready."""
    order, person = read_body("NewLiveSession"), person_kept()
    if "persona_own" in order and "persona" in order:
        raise ApiError(422, "Name either a persona of ours or one of your own, not both.", field="persona")
    told = asked("POST", "/sessions", {**order, **source_of(person, order), "owner": person}).json()
    owners()[told["session"]] = person
    avatar_opened(told["session"])
    answer = jsonify({"session": told["session"], "links": links_of(told["session"])})
    answer.status_code = 201
    answer.headers["Location"] = url_for("api.live_session", session_id=told["session"])
    return answer


@blueprint.get("/live/sessions/<session_id>")
def live_session(session_id: str) -> Response:
    """One of them."""
    return jsonify(session_json(asked("GET", path_of(session_id)).json()))


@blueprint.delete("/live/sessions/<session_id>")
def close_live_session(session_id: str) -> tuple[str, int]:
    """End it."""
    done("DELETE", path_of(session_id))
    owners().pop(session_id, None)
    return "", 204


def end_sessions_of(person: str) -> None:
    """End all sessions of the person; where there is no live process, or it starts anew, none is there."""
    try:
        mine = [row["session"] for row in running() if row["owner"] == person]
        for session_id in mine:
            asked("DELETE", f"/sessions/{session_id}").read()
            owners().pop(session_id, None)
    except (LiveDown, MissingError):
        owners().clear()


def source_of(person: str, order: dict[str, Any]) -> dict[str, Any]:
    """The file of the person's picture or film, which of the two it is, and by what it is opened where it is sealed.

    Raises NotFound, Refused or InputError for a picture whose face can't speak, and ApiError where not one of the two is named.
    """
    named = order["portrait"]
    if len(named) != 1:
        raise ApiError(422, "Name either a picture or a film, not both and not none.", field="portrait")
    if "clip" in named:
        clip = get_clip(session(), person, named["clip"])
        return opened_by(person, file_of(settings(), clip), "film")
    picture = get_picture(session(), person, order["portrait"]["picture"])
    settle_face(picture, film_options({"engine": order.get("engine", "auto")}))
    return opened_by(person, file_of(settings(), picture), "picture")


def opened_by(person: str, path: Path, source: str) -> dict[str, Any]:
    """The file as the live process is told of it, over a connection of this machine. Raises BelcantoError for a lost key."""
    vault = settings().vault
    seal = vault.seal_of(path, person)
    with vault.files.local(path) as local:  # a copy from a store stays for a while after its use
        place = str(local.absolute())
    return {"portrait": place, "source": source, "seal": seal and seal.as_json()}


def session_json(told: dict[str, Any]) -> dict[str, Any]:
    """A `LiveSession`."""
    kept: dict[str, Any] = {name: told.get(name) for name in TOLD}
    kept["mode"] = told.get("mode") or "talk"
    kept |= {name: bool(told.get(name)) for name in ("ready", "film")}
    kept["figures"] = told.get("figures") or {}
    return {**kept, "failed": kept_in_words(told.get("failed")) or None, "links": links_of(told["session"])}


def links_of(session_id: str) -> dict[str, str]:
    """Where the session is looked at, heard and followed."""
    views = {"self": "live_session", "offer": "live_offer", "mp4": "live_mp4", "mjpeg": "live_mjpeg", "events": "live_events"}
    return {name: url_for(f"api.{view}", session_id=session_id) for name, view in views.items()}
