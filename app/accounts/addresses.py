"""Addresses that are handed on: of invitations, and for another password."""

from __future__ import annotations

from flask import has_request_context, request

from app.settings import AppSettings

#: Where the server is, where nobody has said so and nobody asks.
HERE = "http://127.0.0.1:5000"


def address_of(settings: AppSettings, page: str, code: str) -> str:
    """The address of a page that is opened with a code. The public address, if the settings know it, else the one asked for."""
    asked = (request.root_url.rstrip("/")) if has_request_context() else HERE
    return f"{settings.accounts.public_url or asked}/{page}?code={code}"
