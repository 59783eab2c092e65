"""What a request states of whom its pictures and films show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.api.context import person_kept, session
from app.services.consent import state_consent


def take_consent(asked: Mapping[str, Any], *asset_ids: str) -> None:
    """Keep that it was stated of these, where the request's body says `consent: true`. Raises NotFound."""
    if asked.get("consent"):
        state_consent(session(), person_kept(), asset_ids)
