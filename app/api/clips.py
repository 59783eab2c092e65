"""The clips of a person: films that get other lips."""

from __future__ import annotations

from flask import Response, jsonify, request

from app.api.blueprint import blueprint
from app.api.bodies import read_body, read_file
from app.api.context import person_id, session, settings
from app.api.idempotency import idempotent
from app.api.looks import settled
from app.api.media import media_file
from app.api.pagination import answer_page, asked_limit, asked_search, asked_sort, asked_within
from app.api.shapes import clip_json
from app.handing_in import check_reception, hand_in_stream
from app.models import Clip
from app.services import clips as service
from app.services.glimpses import MIME, glimpse_file


@blueprint.get("/clips")
def clips() -> Response:
    """A page of the clips."""
    wanted = (asked_search(), request.args.get("cursor"), asked_limit(), asked_sort(), asked_within(Clip))
    page = service.list_clips(session(), person_id(), *wanted)
    return answer_page([clip_json(clip) for clip in page.items], page.next_cursor)


@blueprint.post("/clips")
@idempotent
def add_clip() -> Response:
    """Take a clip from a form."""
    check_reception()
    stream, name = read_file(settings().limits.clip_bytes)
    return settled(hand_in_stream("clip", stream, name))


@blueprint.get("/clips/<clip_id>")
def clip(clip_id: str) -> Response:
    """One clip."""
    return jsonify(clip_json(service.get_clip(session(), person_id(), clip_id)))


@blueprint.patch("/clips/<clip_id>")
def rename_clip(clip_id: str) -> Response:
    """Another title."""
    title = read_body("NewTitle")["title"]
    return jsonify(clip_json(service.rename_clip(session(), settings(), person_id(), clip_id, title)))


@blueprint.delete("/clips/<clip_id>")
def delete_clip(clip_id: str) -> tuple[str, int]:
    """Delete it; it can be brought back for a day."""
    service.hide_clip(session(), person_id(), clip_id)
    return "", 204


@blueprint.post("/clips/<clip_id>/restore")
@idempotent
def restore_clip(clip_id: str) -> Response:
    """Bring it back."""
    return jsonify(clip_json(service.restore_clip(session(), person_id(), clip_id)))


@blueprint.post("/clips/<clip_id>/erase")
@idempotent
def erase_clip(clip_id: str) -> tuple[str, int]:
    """Destroy it now."""
    service.delete_clip(session(), settings(), person_id(), clip_id)
    return "", 204


@blueprint.get("/clips/<clip_id>/file")
def clip_file(clip_id: str) -> Response:
    """The clip as it was given."""
    clip = service.get_clip(session(), person_id(), clip_id)
    return media_file(service.clip_file(settings(), clip), clip.mime, clip.title)


@blueprint.get("/clips/<clip_id>/glimpse")
def clip_glimpse(clip_id: str) -> Response:
    """A few silent seconds of it, small; made when they are first asked for."""
    clip = service.get_clip(session(), person_id(), clip_id)
    session().commit()  # nothing is held while it is made
    return media_file(glimpse_file(settings(), clip), MIME, clip.title)


@blueprint.get("/clips/<clip_id>/thumbnail")
def clip_thumbnail(clip_id: str) -> Response:
    """One of its frames, small and upright."""
    clip = service.get_clip(session(), person_id(), clip_id)
    return media_file(service.thumb_file(settings(), clip), "image/jpeg", clip.title)
