"""The box by which a person states, before the first film of a picture, that it may be used."""

from __future__ import annotations

from flask import request

from app.models import Asset
from app.pages.context import person_id, session
from app.services.consent import state_consent


def take_consent(*assets: Asset) -> None:
    """Keep that it was stated of these, where the form's box was ticked."""
    if request.form.get("consent"):
        state_consent(session(), person_id(), [asset.id for asset in assets])
