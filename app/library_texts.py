"""What the scripts of the library say."""

from __future__ import annotations

from flask_babel import gettext


def for_library() -> dict[str, str]:
    """All of it, by name."""
    return {"delete_named": gettext("Delete “{title}”")}
