"""Headers that keep a page to itself: no inline scripts, nothing from elsewhere, no guessing of types."""

from __future__ import annotations

from flask import Flask, Response, request
from werkzeug.http import parse_range_header

from app.context import app_settings

#: Nothing is let in but what a page of ours needs: scripts and styles from files of this host, none of them inline, so that
#: no nonces are needed; pictures and sound also from what a script has in memory.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)
#: Of a server whose cookies go over HTTPS alone: browsers ask it by HTTPS alone for a year from now (RFC 6797).
STRICT_TRANSPORT = "max-age=31536000"
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}

#: Of pages that hear or see the visitor, or do both, where the visitor wants it; no other page may.
MICROPHONE_POLICY = HEADERS["Permissions-Policy"].replace("microphone=()", "microphone=(self)")
CAMERA_POLICY = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
FILMING_POLICY = MICROPHONE_POLICY.replace("camera=()", "camera=(self)")


def add_headers(answer: Response) -> Response:
    """Add those that the view did not set itself. What is a person's own is kept by no cache on the way."""
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    if app_settings().secure_cookies:
        answer.headers.setdefault("Strict-Transport-Security", STRICT_TRANSPORT)
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def take_one_range() -> None:
    """Answer with the whole where a request asks for several ranges, or in a way that is not known (RFC 9110, 14.2)."""
    if "HTTP_RANGE" in request.environ:
        wanted = parse_range_header(request.environ["HTTP_RANGE"])
        if wanted is None or wanted.units != "bytes" or len(wanted.ranges) != 1:
            del request.environ["HTTP_RANGE"]


def register_headers(app: Flask) -> None:
    """For every answer of the application."""
    app.before_request(take_one_range)
    app.after_request(add_headers)
