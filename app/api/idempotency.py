"""`Idempotency-Key`: the same POST again, after a broken connection or a double click, gets the same answer and does nothing.

Every POST is wrapped so, but those that there is nothing to repeat of: the zip of many things, which only reads, and the pictures
of a live camera, each of which is a new one.

After the IETF's draft "The Idempotency-Key HTTP Header Field". Kept are all answers but those that trying again may change.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from typing import Any, ParamSpec

from flask import Response, make_response, request
from werkzeug.exceptions import HTTPException

from app.api.bodies import MAX_JSON_BYTES
from app.api.context import database, person_kept
from app.api.problem import ApiError, from_api_error, from_belcanto_error, from_http_exception
from app.services.idempotency import MAX_KEY_CHARACTERS, StoredAnswer, answer_request, begin_request, forget_request
from core.errors import BelcantoError

#: Answers of requests that may go well the next time: limits, and states that change.
PASSING = (403, 404, 409, 429)
KEPT_HEADERS = ("Location", "Content-Type", "Upload-Offset")
HASH_BLOCK_BYTES = 1 << 20
P = ParamSpec("P")


def idempotent(view: Callable[P, Any]) -> Callable[P, Response]:
    """Wraps a view for POST so that it heeds the request's Idempotency-Key."""

    @functools.wraps(view)
    def answer(*values: P.args, **named: P.kwargs) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return make_response(view(*values, **named))
        if not 1 <= len(key) <= MAX_KEY_CHARACTERS or not key.isprintable():
            raise ApiError(400, f"The Idempotency-Key must have 1 to {MAX_KEY_CHARACTERS} printable characters.")
        person, asked = person_kept(), request_bytes()
        with database().session() as own:
            if before := begin_request(own, person, key, asked):
                return replayed(before)
        response: Response | None = None
        try:
            response = answer_of(view, *values, **named)
        finally:
            keep_answer(person, key, response)
        return response

    return answer


def request_bytes() -> bytes:
    """What the request asks for: method, address and body; of a form its fields and its files' digests."""
    head = f"{request.method} {request.full_path}\n".encode()
    if request.mimetype != "multipart/form-data":
        request.max_content_length = MAX_JSON_BYTES
        return head + request.get_data()
    parts = [
        f"{name!r}={value!r}" for name, value in sorted(request.form.items(multi=True), key=repr)
    ]  # a part may lack its name
    for name, file in sorted(request.files.items(multi=True), key=lambda pair: str(pair[0])):
        digest = hashlib.sha256()
        while block := file.stream.read(HASH_BLOCK_BYTES):
            digest.update(block)
        file.stream.seek(0)
        parts.append(f"{name!r}:{file.filename!r}={digest.hexdigest()}")
    return head + "\n".join(parts).encode("utf-8", "surrogatepass")


def answer_of(view: Callable[P, Any], *values: P.args, **named: P.kwargs) -> Response:
    """What the view answers, errors that are known included."""
    try:
        return make_response(view(*values, **named))
    except ApiError as error:
        return from_api_error(error)
    except BelcantoError as error:
        return from_belcanto_error(error)
    except HTTPException as error:
        return from_http_exception(error)


def replayed(before: StoredAnswer) -> Response:
    """The answer that was given before."""
    return Response(before.body["body"], before.status, {**before.body["headers"], "Idempotent-Replayed": "true"})


def keep_answer(person: str, key: str, response: Response | None) -> None:
    """Keep the answer for the key; where there is none, or one that may change, give the key free."""
    with database().session() as own:
        waits = response is not None and response.status_code == 202 and "Retry-After" in response.headers
        if response is None or response.status_code >= 500 or response.status_code in PASSING or waits:
            forget_request(own, person, key)
            return
        headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
        answer_request(own, person, key, response.status_code, {"body": response.get_data(as_text=True), "headers": headers})
