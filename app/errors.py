"""The application's own errors, beside the pipeline's. Each knows its HTTP status; `app/wording.py` says it."""

from __future__ import annotations

from core.errors import BelcantoError, InputError, KindError


class AppError(BelcantoError):
    """Base. status: of HTTP. slug: the API's name for errors of the kind. retry_after_s: when trying again may help."""

    status = 500
    slug = "error"
    retry_after_s: int | None = None


class NotFound(AppError):
    """There is no such thing, or it is somebody else's: a visitor can't tell which."""

    status = 404
    slug = "not-found"


class Conflict(AppError):
    """The thing is in a state that does not allow this."""

    status = 409
    slug = "conflict"


class WrongOffset(Conflict):
    """The upload stands at another byte than the request takes for granted: at `received_bytes`."""

    def __init__(self, code: str, received_bytes: int, /, **values: object) -> None:
        super().__init__(code, **values)
        self.received_bytes = received_bytes


class Refused(AppError):
    """A file or a value can't be used; the same again does not help. What `InputError` is to the pipeline."""

    status = 422
    slug = "unusable"


class TooLarge(AppError):
    """A file has more bytes than are accepted."""

    status = 413
    slug = "too-large"


class LimitReached(AppError):
    """The person has as much of this as one may have; later, or after deleting something, it goes."""

    status = 429
    slug = "limit-reached"


class Busy(AppError):
    """The server has too much to do for this at the moment; trying again helps."""

    status = 503
    slug = "busy"
    retry_after_s = 60


class StorageFull(AppError):
    """The disk is full."""

    status = 507
    slug = "storage-full"


def status_of(error: BelcantoError) -> int:
    """The HTTP status of an error, wherever it comes from."""
    if isinstance(error, AppError):
        return error.status
    if isinstance(error, KindError):
        return 415
    return 422 if isinstance(error, InputError) else 503


def retry_header(error: BelcantoError) -> dict[str, str]:
    """The header that says when to try again, where that may help."""
    after_s = error.retry_after_s if isinstance(error, AppError) else None
    return {} if after_s is None else {"Retry-After": str(after_s)}
