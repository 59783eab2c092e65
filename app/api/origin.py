"""Refuses what a browser sends for another site: the cookie would go along with it and say that the visitor had wanted it.

After OWASP's "Cross-Site Request Forgery Prevention", section on Fetch Metadata. Browsers always say where a POST comes from,
and a page can't change those headers; a program without them has no cookie that somebody else could misuse.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request

from app.api.problem import SENTENCES, ApiError

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


def refuse_other_sites() -> None:
    """Raises ApiError 403 for an unsafe method that a page of another site, or of a neighbouring one, has caused."""
    if request.method in SAFE_METHODS:
        return
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        same = site in ("same-origin", "none")
    elif origin is not None:
        same = urlsplit(origin).netloc == request.host if is_address(origin) else False
    else:
        same = True
    if not same:
        raise ApiError(403, SENTENCES[403])


def is_address(origin: str) -> bool:
    """Whether an Origin names a site; `null` and damaged ones do not."""
    try:
        return urlsplit(origin).scheme in ("http", "https")
    except ValueError:
        return False
