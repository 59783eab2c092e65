"""Every refusal as a status with a code and its values, which the application words in the visitor's language."""

from __future__ import annotations

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from core.errors import BelcantoError, InputError, MissingError
from core.messages import Message, message
from live.conversation.mind import MindError

#: The header with which the application shows that a request is its own.
KEY_HEADER = "X-Belcanto-Live-Key"
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
log = logging.getLogger(__name__)


class ServiceError(BelcantoError):
    """A refusal of the service. status: of HTTP."""

    status = 400


class NoSuch(ServiceError):
    """There is no such session, or no such thing in it."""

    status = 404


class Conflict(ServiceError):
    """The session is in a state that does not allow this."""

    status = 409


class Full(ServiceError):
    """There is as much of this as there may be."""

    status = 429


def status_of(error: BelcantoError) -> int:
    """The HTTP status of an error, wherever it comes from."""
    if isinstance(error, ServiceError):
        return error.status
    if isinstance(error, InputError | MindError):
        return 400
    return 503 if isinstance(error, MissingError) else 500


def refusal(status: int, told: Message) -> web.Response:
    """The answer."""
    return web.json_response(told.as_json(), status=status)


def guard(key: str, most_bytes: int) -> Any:
    """Lets requests through that carry the key, and makes answers of errors.

    key: an empty one lets all through, for tests and benchmarks. most_bytes: of a body, for the sentence.
    """

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        if key and not hmac.compare_digest(request.headers.get(KEY_HEADER, "").encode(), key.encode()):
            return refusal(403, message("live.service.no_key"))
        try:
            return await handler(request)
        except BelcantoError as error:
            status = status_of(error)
            if status >= 500:
                log.error("a request failed", exc_info=error)
            return refusal(status, error.message)
        except web.HTTPRequestEntityTooLarge:
            return refusal(413, message("live.service.body_too_large", most=most_bytes))
        except web.HTTPException as error:
            return refusal(error.status, message("live.service.no_such_address"))

    return guarded
