"""Who asks, as far as that is known here."""

from __future__ import annotations

from flask import Response, jsonify

from app.accounts.guarding import signed_in
from app.api.blueprint import blueprint
from app.api.context import settings
from app.api.shapes import time_text


@blueprint.get("/account")
def account() -> Response:
    """The account of whoever asks; no name where accounts are off."""
    user = signed_in()
    told = None if user is None else user.account
    return jsonify(
        {
            "accounts": settings().accounts.on,
            "name": told and told.name,
            "role": told and told.role,
            "created_at": told and time_text(told.created_at),
        }
    )
