"""The options of a film as the web interface reads and compares them; they are declared in `pipeline/film_settings.py`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from pipeline.film_settings import SongToVideoSettings

#: The options that orders have had from the beginning. The key of an order holds younger ones only where they were changed, so
#: that orders of before them keep their keys.
FIRST_OPTIONS = frozenset(
    [
        "engine",
        "fps",
        "height",
        "start_s",
        "duration_s",
        "seed",
        "face",
        "expressiveness",
        "head_motion",
        "label",
        "lips",
        "style",
        "intensity",
    ]
)


def film_options(given: Mapping[str, Any]) -> SongToVideoSettings:
    """From JSON values or a form's texts, of what pages offer; what lacks or is empty gets its default.

    Raises InputError, also for unknown names and for options that don't go together.
    """
    return SongToVideoSettings.from_json(given, pages=True)


def options_json(options: SongToVideoSettings) -> dict[str, Any]:
    """As a film's row keeps them and the API tells them."""
    return options.as_json(pages=True)


def order_key(options: SongToVideoSettings, song_id: str, picture_id: str) -> str:
    """Hash of the whole order: the same song, picture and options give the same."""
    default = options_json(SongToVideoSettings())
    told = {name: each for name, each in options_json(options).items() if name in FIRST_OPTIONS or each != default[name]}
    return hashlib.sha256(json.dumps([song_id, picture_id, told], sort_keys=True).encode()).hexdigest()
