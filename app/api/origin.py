"""Refuses what a browser sends for another site: the cookie would go along with it and say that the visitor had wanted it.

After OWASP's "Cross-Site Request Forgery Prevention", section on Fetch Metadata. Browsers always say where a write comes from, by
`Sec-Fetch-Site` or by `Origin`, and a page can't change those headers; where something on the way has taken both off, `Referer`
is believed too. What has none of the three is no browser: a program, whose cookie nobody else could misuse.
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
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", request.headers.get("Referer"))
    if site is not None:
        same = site in ("same-origin", "none")
    else:
        same = origin is None or (is_address(origin) and urlsplit(origin).netloc == request.host)
    if not same:
        raise ApiError(403, SENTENCES[403])


def is_address(origin: str) -> bool:
    """Whether an Origin or a Referer names a site; `null` and damaged ones do not."""
    try:
        return urlsplit(origin).scheme in ("http", "https")
    except ValueError:
        return False
