"""Programs that ask the API with a token (RFC 6750): who they ask for, before anything else is looked at."""

from __future__ import annotations

from flask import Flask, g, request

from app.api.openapi import PREFIX
from app.api.operations import OPERATIONS
from app.context import app_settings, bearer_token, db_session
from app.services.tokens import TokenRefused, use_token

#: What each of the API's operations needs a token to be allowed.
SCOPE_OF = {operation.name: operation.scope for operation in OPERATIONS}


def take_token() -> None:
    """Say for whom the request asks, where it bears a token. Raises TokenRefused and TokenMayNot."""
    text = bearer_token()
    if text is None or not request.path.startswith(f"{PREFIX}/"):
        return
    name = (request.endpoint or "").removeprefix("api.")
    if name not in SCOPE_OF:
        raise TokenRefused("app.token_refused")
    g.person_id = use_token(db_session(), text, SCOPE_OF[name], app_settings().accounts.on)
    g.person_cookie_fresh = True  # a program gets no cookie
    g.by_token = True


def register_bearer(app: Flask) -> None:
    """For every request, before accounts ask who it is."""
    app.before_request(take_token)
