"""What is said to an avatar, and what is kept of the conversation."""

from __future__ import annotations

from flask import Response, jsonify, request
from flask_babel import gettext

from app.api.blueprint import blueprint
from app.api.bodies import read_body
from app.api.idempotency import idempotent
from app.api.live.forwarding import asked, done, path_of, streamed
from app.api.media import FILE_POLICY
from app.api.problem import ApiError

#: A second of the microphone's sound: 16 kHz, 16 bits, one channel.
MOST_SOUND_BYTES = 32_000
#: A picture of the camera: 640 x 480 pixels have some 40 kB.
MOST_PICTURE_BYTES = 180_000
TAKEN = ("", 202)


@blueprint.post("/live/sessions/<session_id>/say")
@idempotent
def live_say(session_id: str) -> tuple[str, int]:
    """Typed to it."""
    path = path_of(session_id, "/say")
    done("POST", path, read_body("LiveText"))
    return TAKEN


@blueprint.post("/live/sessions/<session_id>/interrupt")
@idempotent
def live_interrupt(session_id: str) -> tuple[str, int]:
    """It stops speaking."""
    done("POST", path_of(session_id, "/interrupt"))
    return TAKEN


@blueprint.post("/live/sessions/<session_id>/microphone")
@idempotent
def live_microphone(session_id: str) -> tuple[str, int]:
    """A piece of sound. Raises ApiError 413 and 422 for one that can't be used, 415 for another kind of body."""
    path = path_of(session_id, "/microphone")
    if request.mimetype != "application/octet-stream":
        raise ApiError(415, "The sound must come as application/octet-stream.")
    request.max_content_length = 2 * MOST_SOUND_BYTES
    sound = request.get_data()
    if len(sound) > MOST_SOUND_BYTES:
        raise ApiError(413, f"A piece of sound has at most {MOST_SOUND_BYTES} bytes, a second; send shorter ones.")
    if not sound or len(sound) % 2:
        raise ApiError(422, "The sound is signed 16-bit samples, little-endian, one channel, 16 kHz: an even number of bytes.")
    done("POST", path, sound)
    return TAKEN


@blueprint.post("/live/sessions/<session_id>/camera")
def live_camera(session_id: str) -> Response:
    """A picture of the camera; answered with what was drawn after it.

    Raises ApiError 413 and 422 for one that can't be used, 415 for another kind of body.
    """
    path = path_of(session_id, "/camera" + ("?anew=1" if request.args.get("anew") == "1" else ""))
    if request.mimetype not in ("image/jpeg", "application/octet-stream"):
        raise ApiError(415, "The picture must come as image/jpeg or application/octet-stream.")
    request.max_content_length = 2 * MOST_PICTURE_BYTES
    picture = request.get_data()
    if len(picture) > MOST_PICTURE_BYTES:
        raise ApiError(413, f"A picture of the camera has at most {MOST_PICTURE_BYTES} bytes; send a smaller one.")
    if not picture:
        raise ApiError(422, "The picture is empty; send a JPEG.")
    answer = Response(asked("POST", path, picture).read(), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/live/sessions/<session_id>/recording")
@idempotent
def start_recording(session_id: str) -> tuple[str, int]:
    """A film begins."""
    done("POST", path_of(session_id, "/recording"))
    return "", 201


@blueprint.delete("/live/sessions/<session_id>/recording")
def stop_recording(session_id: str) -> tuple[str, int]:
    """The film ends."""
    done("DELETE", path_of(session_id, "/recording"))
    return "", 204


@blueprint.get("/live/sessions/<session_id>/recording")
def recording(session_id: str) -> Response:
    """The film, saved under a name where that is asked for."""
    answer = streamed(path_of(session_id, "/recording"), "video/mp4")
    kind = "attachment" if request.args.get("download") == "1" else "inline"
    answer.headers.set("Content-Disposition", kind, filename=f"{gettext('Conversation')}.mp4")
    answer.headers["Content-Security-Policy"] = FILE_POLICY
    return answer


@blueprint.get("/live/sessions/<session_id>/transcript")
def live_transcript(session_id: str) -> Response:
    """What was said until now."""
    told = asked("GET", path_of(session_id, "/transcript")).json()
    rows = told["said"] if isinstance(told, dict) else told
    return jsonify({"said": [{name: row.get(name) for name in ("who", "text", "feelings", "interrupted")} for row in rows]})


@blueprint.get("/live/sessions/<session_id>/timeline")
def live_timeline(session_id: str) -> Response:
    """The answers' own record."""
    return jsonify({"sentences": asked("GET", path_of(session_id, "/timeline")).json()["sentences"]})
