"""Every error of the API as `application/problem+json` (RFC 9457), whoever raised it and wherever."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping

from flask import Blueprint, Response, request
from werkzeug.exceptions import HTTPException, default_exceptions
from werkzeug.http import HTTP_STATUS_CODES

from app.errors import AppError, retry_header, status_of
from app.wording import in_person_words, is_for_the_operator
from core.errors import BelcantoError, InputError

logger = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"
#: What a person is told where nothing more exact is known.
SENTENCES: Mapping[int, str] = {
    400: "The request can't be understood; see /api/v1/docs for what is accepted.",
    401: "Sign in first: this server keeps everybody's things apart by accounts.",
    403: "The request comes from a page of another site and is refused; send it from a page of this one.",
    404: "There is nothing at this address, or it belongs to somebody else; see /api/v1/docs for what there is.",
    405: "This address knows other methods; the Allow header names them.",
    408: "The request came too slowly; check the connection and send it again.",
    409: "The request does not fit the present state; read the state again and try anew.",
    411: "The request does not say how long it is; send a Content-Length header.",
    413: "What was sent is too large; /api/v1/limits says what is accepted.",
    415: "The body is of a kind that is not accepted here; see /api/v1/docs for the right Content-Type.",
    416: "The range lies outside the file.",
    422: "The request can be read, but not used as it is.",
    429: "That is more than is accepted at once; wait until something is done.",
    500: "Something went wrong on the server; the error was logged. Try again later.",
    503: "The server can't do this at the moment; try again in a little while.",
}
#: The member of a request that mends an error, by its code, where the sentence, which people on pages read too, names none.
FIELDS: Mapping[str, str] = {"app.consent_lacks": "consent"}


class ApiError(Exception):
    """An error of the API itself: a status and its sentence; `extra` becomes further members of the problem."""

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None, **extra: object) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = extra


def problem(status: int, detail: str | None = None, headers: Mapping[str, str] | None = None, **extra: object) -> Response:
    """The answer for an error; `detail` is the sentence for a person."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES.get(status, "Error"),
        "status": status,
        "detail": detail or SENTENCES.get(status, SENTENCES[500 if status >= 500 else 400]),
        **extra,
    }
    answer = Response(json.dumps(body, ensure_ascii=False), status=status, content_type=PROBLEM_TYPE)
    answer.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        answer.headers[name] = value
    return answer


def from_api_error(error: ApiError) -> Response:
    """Our own errors."""
    return problem(error.status, error.detail, error.headers, **error.extra)


def from_belcanto_error(error: BelcantoError) -> Response:
    """Sentences from below: each kind has its status."""
    if is_for_the_operator(error) or not isinstance(error, AppError | InputError):
        logger.error("a request failed", exc_info=error)
    slug = {"slug": error.slug} if isinstance(error, AppError) else {}
    code = error.message.code
    field = {"field": FIELDS[code]} if code in FIELDS else {}
    return problem(status_of(error), in_person_words(error), retry_header(error), **slug, code=code, **field)


def from_http_exception(error: HTTPException) -> Response:
    """What Flask and Werkzeug raise; their English asides give way to our sentences."""
    kept = {name: value for name, value in error.get_headers() if name in ("Allow", "Retry-After", "Content-Range")}
    return problem(error.code or 500, None, kept)


def register_problems(blueprint: Blueprint, prefix: str) -> None:
    """Every error below `prefix` becomes a problem: those raised in the blueprint, and what others answer there."""
    blueprint.register_error_handler(ApiError, from_api_error)
    blueprint.register_error_handler(BelcantoError, from_belcanto_error)
    for code in default_exceptions:  # by number, because a page's handler for a number would come before one for all
        blueprint.register_error_handler(code, from_http_exception)

    @blueprint.after_app_request
    def _problem_for_all(answer: Response) -> Response:
        inside = request.path == prefix or request.path.startswith(prefix + "/")
        if not inside or answer.status_code < 400 or answer.mimetype == PROBLEM_TYPE:
            return answer
        kept = {name: answer.headers[name] for name in ("Allow", "Retry-After", "Content-Range") if name in answer.headers}
        new = problem(answer.status_code, None, kept)
        answer.set_data(new.get_data())
        answer.content_type = PROBLEM_TYPE
        return answer
