"""What the scripts of the library say."""

from __future__ import annotations

from flask_babel import gettext


def for_library() -> dict[str, str]:
    """All of it, by name."""
    return {
        "delete_named": gettext("Delete “{title}”"),
        "choose_named": gettext("Choose: {title}"),
        "chosen_many": gettext("Chosen: {count} ({size})"),
        "chosen_films": gettext("Songs: {songs}, pictures: {pictures}, films to order: {films}"),
        "deleted_many": gettext("Deleted: {count}. They can be brought back for a day."),
        "brought_back": gettext("They are back."),
        "queue_moved": gettext("“{title}” is number {n} of {count} now."),
        "kilobytes": gettext("{number} kB"),
        "megabytes": gettext("{number} MB"),
    }
