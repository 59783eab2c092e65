"""The OpenAPI 3.1 document, made from one table of operations. Tests hold it against the routes and against real answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from werkzeug.http import HTTP_STATUS_CODES

from app.api.operation import Content, Operation, group_of
from app.api.operations import OPERATIONS
from app.api.problem import PROBLEM_TYPE
from app.api.schema_parts import ID, STATES, TITLE, Schema, ref
from app.api.schemas import SCHEMAS
from app.context import PERSON_COOKIE
from app.services.listing import SORTS
from app.services.shelf import SHELF_KINDS

VERSION = "1"
PREFIX = "/api/v1"
DESCRIPTION = """\
Makes a portrait sing: a song and a picture in, a film out.

**Who you are.** A program sends a token, which you make on the page `/programs`, as `Authorization: Bearer TOKEN`; each operation
tells by `x-scope` what the token must be allowed. Without one a signed cookie says who you are: the first answer sets it; send it
back, and you see what you have put in, and only that. A client that keeps no cookies is somebody new with every request. Where
the server has accounts, it answers 401 to whoever is not signed in and has no token.

**How often.** Beyond `requests_per_minute` of `GET /limits`, of which a write counts for five, the answer is 429, and
`Retry-After` says when it goes on. What the server's own machine asks is not counted.

**Other sites.** Because the cookie says who you are, a POST, PUT, PATCH or DELETE that a browser sends for a page of another
site is refused with 403: judged by `Sec-Fetch-Site`, by `Origin` where that is missing, else by `Referer`. Programs that are no
browser send none of them and need no token.

**Errors** are `application/problem+json` (RFC 9457). `detail` is one sentence: what was wrong, what is accepted, what to do.

**Doing it twice.** Every POST that changes something heeds `Idempotency-Key`: the same key with the same request gets the same
answer again (marked with `Idempotent-Replayed: true`) and does nothing; with another request it is 422, and 409 while the first
one is under way. The same order twice is one film anyway. Three heed none: `POST /library/zip` changes nothing, and is a POST
because the ids of many things fit no address; of a live session's `camera` every picture is a new one; and the address of a new
link is told once, and kept by nobody who could tell it again.

**Lists** come in pages, newest first unless `sort` says otherwise: `limit`, `cursor`, and a `Link` header with `rel="next"`.

**Waiting for a film.** `POST /films` answers 202 with the job's address in `Location`. Look at the job from time to time, or
listen to its events: a stream of Server-Sent Events, which goes on after a break where `Last-Event-ID` says.

**Previews.** `POST /previews` takes what `POST /films` takes and shows three seconds of that film, small, within seconds once
the song is known. Look at the address in `Location` until its `state` is `done` or `failed`. The next one takes its place.

**Heads.** `POST /films/{film_id}/head` makes of a film that is there the portrait's head in 3D, a GLB file that sings as the film
does. Look at the address in `Location` until its `state` is `done` or `failed`. Drawn characters have none.

**Emotion.** A film's `style` says what the face feels, its `intensity` how strongly, by key points over the film's time; without
them both follow the song. `GET /songs/{song_id}/intensity` tells a song's own curve with key points to begin from: 202 while it
is being found, then 200. `emotion` of a film that is there holds the curve in effect.

**Drawings.** A picture tells whether it is a `drawing`. Its one face is found by itself, or framed by the option `frame`; where a
drawing has no faces, a frame is needed. `GET /engines` tells which engines can run here; an order for another one is refused with
422 and the sentence that says what brings it.

**Looks at files.** A song or picture is decoded before it is kept. Mostly that is done at once, and the answer is 201. While many
files wait it is 202, with the address of the look in `Location`: `GET` it after `Retry-After` seconds until its `state` is `done`
or `failed`. Whoever has too many files waiting gets 429, with `Retry-After`.

**Dubbing.** A film that is to get other lips is a clip: `POST /clips`. Then `POST /works` with the kind `dub`, the clip as
`film` and a song as `sound`; `face` of its options says whose lips are changed, 1 being the face that is seen most, or `all`.
`start_s` and `duration_s` take a part of the clip, `sound_start_s` and `sound_duration_s` one of the sound. Who is in a clip,
or in a part of it, `GET /clips/{clip_id}/faces` tells, with a small picture of each: 202 while they are being found, then 200;
a dub that is ordered afterwards has them at once.

**Another language.** A work of the kind `film_to_script` writes down what is said in a clip, translated, as its file `table`: CSV
with the columns start, end, face, voice, original and text. That text, edited or not, is the option `table` of the kind
`translate_film`, whose work has the files `film`, `subtitles` (WebVTT), `srt` and `table`.

**Repairs.** A work of the kind `sync_film` measures how far sound and lips of a clip are apart (`offset_s` of its figures,
above 0 where the sound is late, and whether that is `certain`) and moves the sound; with `mend: false` it only measures, with
`offset_ms` it only moves. `fill_film` makes the pictures that are missing under a voice. Where there is nothing to do, such a
work has no file.

**Checking.** A work of the kind `verify_film` tells of any clip whether it was made here and was changed since: `verdict` of its
figures is `ours`, `ours_changed`, `ours_found_again`, `another_film`, `foreign`, `foreign_changed` or `unknown`; `account` is how
it was made, `lips_and_voice` a hint how well they agree.

**Side by side.** A work of the kind `compare_films` shows a clip, as `driving`, beside one to four others, `film` and `film_2` to
`film_4`, and a picture, `portrait`, where one is given: in step, with the first one's sound, each named.

**Looks.** A work of the kind `look_film` draws every frame of a clip again, as its options `look` and `look_scale` say, and keeps
its sound.

**Large files** can come in pieces: `POST /uploads`, then `PATCH` pieces with `Upload-Offset`, then `POST .../finish`. After a
break `HEAD` tells how much has arrived. A piece may be of the type `application/offset+octet-stream` too, as in the tus protocol.

**Live.** `POST /live/sessions` makes a picture an avatar that talks or sings. It is ready once `GET` of its `Location` says so;
then it is seen by WebRTC (`offer`), by `stream.mp4` for Media Source or by `stream.mjpeg`, told of by `events`, and spoken to by
`say` and the microphone. Only so many run at once: the next is refused with 429. A session that nobody looks at ends by itself.

**Asking again.** JSON bears an `ETag`; whoever sends it back as `If-None-Match` gets 304 where nothing has changed.
"""

TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "integer", "minimum": 0}

#: Parameters by name: where they stand, whether they are needed, their shape, and what they mean.
PARAMETERS: Mapping[str, tuple[str, bool, Schema, str]] = {
    "limit": ("query", False, {"type": "integer", "minimum": 1, "maximum": 100, "default": 20}, "Most entries of a page."),
    "cursor": ("query", False, TEXT, "Where the page begins: `next_cursor` of the page before."),
    "q": (
        "query",
        False,
        {"type": "string", "maxLength": 200},
        "Only entries with these words: in the title, or said or sung in a work.",
    ),
    "sort": (
        "query",
        False,
        {"type": "string", "enum": list(SORTS), "default": SORTS[0]},
        "The order: by when they came, by name, the longest or the largest first. A cursor holds for one order.",
    ),
    "part": ("query", True, {"type": "string", "enum": list(SHELF_KINDS)}, "Which part of the library."),
    "album": ("query", False, ID, "Only what lies in this album, by its id."),
    "tag": ("query", False, TEXT, "Only what bears this tag."),
    "begin": ("query", False, TEXT, "Only tags that begin so."),
    "kind": ("query", False, TEXT, "Only works of this kind, by its name."),
    "number": ("path", True, {"type": "integer", "minimum": 1}, "The person's number, as the clip's faces tell it."),
    "role": ("path", True, TEXT, "The role of the file, as the kind of work names it."),
    "state": ("query", False, {"type": "string", "enum": list(STATES)}, "Only jobs in this state."),
    "start_s": (
        "query",
        False,
        {"type": "number", "minimum": 0, "default": 0},
        "Where the part begins, in seconds of the song or clip.",
    ),
    "duration_s": ("query", False, {"type": "number", "minimum": 0.5}, "Seconds of the part; left out: up to the end."),
    "download": ("query", False, {"type": "string", "enum": ["1"]}, "Answer with `Content-Disposition: attachment`."),
    "anew": (
        "query",
        False,
        {"type": "string", "enum": ["1"]},
        "The face before the camera is at rest now: it is learned again.",
    ),
    "Range": ("header", False, TEXT, "A part of the file, RFC 9110, 14.2; several at once give the whole."),
    "If-None-Match": ("header", False, TEXT, "The `ETag` of an answer that is known already."),
    "Last-Event-ID": ("header", False, NUMBER, "Only events after this number."),
    "Upload-Offset": ("header", True, NUMBER, "Where in the file the piece begins; it must be how much has arrived."),
    "Idempotency-Key": (
        "header",
        False,
        {"type": "string", "minLength": 1, "maxLength": 200},
        "A text of your own, new for each request; with the same one again the request is not carried out twice.",
    ),
}
HEADERS: Mapping[str, Schema] = {
    "Location": {"description": "Address of what was made.", "schema": {"type": "string", "format": "uri-reference"}},
    "Retry-After": {"description": "After how many seconds to ask again.", "schema": NUMBER},
    "ETag": {"description": "A tag of the content, RFC 9110, 8.8.3.", "schema": TEXT},
    "Link": {"description": 'The next page, `rel="next"`; missing on the last one.', "schema": TEXT},
    "Upload-Offset": {"description": "How many bytes have arrived.", "schema": NUMBER},
    "Upload-Length": {"description": "How many bytes the file has.", "schema": NUMBER},
}
FORM: Schema = {
    "type": "object",
    "properties": {"file": {"type": "string", "contentMediaType": "application/octet-stream"}, "title": TITLE},
    "required": ["file"],
}


@cache
def document() -> dict[str, object]:
    """The whole document."""
    paths: dict[str, dict[str, object]] = {}
    for operation in OPERATIONS:
        paths.setdefault(operation.path, {})[operation.method] = describe(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Belcanto", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": PREFIX}],
        "security": [{}, {"person": []}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "person": {"type": "apiKey", "in": "cookie", "name": PERSON_COOKIE, "description": "Set by the first answer."},
                "token": {"type": "http", "scheme": "bearer", "description": "Made on the page of programs."},
            },
        },
    }


def describe(operation: Operation) -> dict[str, object]:
    """One operation in OpenAPI's words."""
    keyed = (400, 409, 422) if "Idempotency-Key" in operation.parameters else ()
    if operation.method == "get" and is_json(operation.answers.get(200)):
        operation = tagged(operation)
    problems = sorted({*operation.problems, *keyed, 401, 403, 429, 500, 503})
    responses: dict[str, object] = {
        str(status): {
            "description": HTTP_STATUS_CODES[status],
            **({"headers": {name: HEADERS[name] for name in operation.headers[status]}} if status in operation.headers else {}),
            **content_of(content),
        }
        for status, content in operation.answers.items()
    }
    for status in problems:
        responses[str(status)] = {
            "description": HTTP_STATUS_CODES[status],
            **({} if operation.method == "head" else {"content": {PROBLEM_TYPE: {"schema": ref("Problem")}}}),
        }
    described: dict[str, object] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [group_of(operation.path)],
        "x-scope": operation.scope,
        "parameters": [parameter(name) for name in (*re.findall(r"{(\w+)}", operation.path), *operation.parameters)],
        "responses": responses,
    }
    if operation.body:
        described["requestBody"] = {"required": operation.body not in ("Finish", "Changes"), **content_of(operation.body)}
    return described


def is_json(content: Content) -> bool:
    """Whether that is sent as JSON."""
    return content in SCHEMAS or content == "application/json"


def tagged(operation: Operation) -> Operation:
    """The operation with what all that answer in JSON have: a tag, and 304 for whoever has it already."""
    headers = {**operation.headers, 200: (*operation.headers.get(200, ()), "ETag"), 304: ("ETag",)}
    parameters = (*operation.parameters, "If-None-Match")
    return replace(operation, answers={**operation.answers, 304: None}, headers=headers, parameters=parameters)


def content_of(content: Content) -> dict[str, object]:
    """The body of a request or an answer: a shape as JSON, a form, or bytes of some type."""
    if content is None:
        return {}
    if content in SCHEMAS:
        return {"content": {"application/json": {"schema": ref(content)}}}
    if content == "multipart/form-data":
        return {"content": {content: {"schema": FORM}}}
    if content == "application/json":
        return {"content": {content: {"schema": {"type": "object"}}}}
    bytes_of_it = {} if content.startswith("text/") else {"format": "binary"}
    return {"content": {content: {"schema": {"type": "string", **bytes_of_it}}}}


def parameter(name: str) -> dict[str, object]:
    """A parameter in OpenAPI's words; names that are not in the table stand in the path."""
    place, required, schema, meaning = PARAMETERS.get(name, ("path", True, ID, "Its id."))
    return {"name": name, "in": place, "required": required, "schema": schema, "description": meaning}
