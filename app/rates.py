"""How often one may ask: so many requests a minute from one address, and of one account, of which a write counts for several.

The window moves with the time, so that nobody gets twice as much around a full minute. Counted is in memory, or in Redis where
the queue is, so that several servers count together (Flask-Limiter); while Redis is gone, each of them counts for itself. What
this machine asks of itself is not counted, nor are the pages' own files, which a browser keeps. No address stands in the
counters' keys, but its keyed hash.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from flask import Flask, g, request
from flask_limiter import Limiter, RequestLimit

from app.client_address import parsed
from app.context import current_person_id, request_origin
from app.errors import LimitReached
from app.settings import AppSettings
from app.watching.counters import counters_of

#: Methods that change nothing, and for how many of these a write counts.
SAFE, WRITE_COSTS = ("GET", "HEAD", "OPTIONS"), 5
#: Files of the pages, which cost next to nothing, what watches over the server, and what flows while somebody talks with an
#: avatar, of whom few can at a time.
FREE = {
    *(
        "static",
        "bootstrap.static",
        "health.healthz",
        "health.readyz",
        "health.metrics",
        "pages.service_worker",
        "pages.manifest",
    ),
    *("api.live_camera", "api.live_microphone"),
}


class TooOften(LimitReached):
    """More requests than are answered; later it goes on."""

    slug = "too-often"

    def __init__(self, after_s: int) -> None:
        super().__init__("app.too_often", seconds=after_s)
        self.retry_after_s = after_s


def cost() -> int:
    """For how many requests this one counts."""
    return 1 if request.method in SAFE else WRITE_COSTS


def is_free() -> bool:
    """Whether it is not counted at all."""
    address = parsed(request.remote_addr or "")
    return request.endpoint in FREE or address is None or address.is_loopback


def is_nobody() -> bool:
    """Whether it is counted by its address alone: who has no account and no token may have as many cookies as they like."""
    return is_free() or not (g.get("by_token") or g.get("by_account"))


def limiter_of(settings: AppSettings, kind: str, key: Callable[[], str], exempt: Callable[[], bool]) -> Limiter:
    """Counts what has the same key, but for what is exempt."""
    return Limiter(
        key,
        application_limits=[f"{settings.limits.requests_per_minute} per minute"],
        application_limits_exempt_when=exempt,
        application_limits_cost=cost,
        storage_uri=counters_of(settings),
        strategy="moving-window",
        key_prefix=f"belcanto-{kind}",
        request_identifier=lambda: request.endpoint or "nowhere",  # what is at no address is counted, too
        on_breach=refuse,
    )


def refuse(limit: RequestLimit) -> None:
    """Raises TooOften."""
    raise TooOften(max(1, limit.reset_at - int(time.time())))


def register_address_rates(app: Flask, settings: AppSettings) -> None:
    """Count by address, before anything else is looked at."""
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # nobody is told who asks how often
    limiter_of(settings, "address", lambda: request_origin() or "nowhere", is_free).init_app(app)


def register_person_rates(app: Flask, settings: AppSettings) -> None:
    """Count by account, once it is known who asks."""
    limiter_of(settings, "person", current_person_id, is_nobody).init_app(app)
