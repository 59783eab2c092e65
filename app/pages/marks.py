"""The three words about a film, as its page shows them; `metrics/marks.py` finds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString, lazy_gettext

from app.models import Work
from app.wording import kept_in_words

NAMES: Mapping[str, LazyString] = {
    "lips": lazy_gettext("Lips"),
    "likeness": lazy_gettext("Likeness"),
    "beat": lazy_gettext("Beat"),
}
LEVELS: Mapping[str, LazyString] = {
    "good": lazy_gettext("good"),
    "fair": lazy_gettext("fair"),
    "weak": lazy_gettext("weak"),
    "short": lazy_gettext("too short to tell"),
    "untold": lazy_gettext("can't be told"),
}
#: What each word is about.
ABOUT: Mapping[str, LazyString] = {
    "lips": lazy_gettext("whether the mouth goes with the voice"),
    "likeness": lazy_gettext("whether the face stays like the picture"),
    "beat": lazy_gettext("whether the head moves with the beat"),
}


@dataclass(frozen=True)
class MarkWords:
    """One of them. level: its name in `LEVELS`, by which it is drawn; reason: why there is no word, else empty."""

    name: str | LazyString
    about: str | LazyString
    level: str
    words: str | LazyString
    reason: str


def mark_words(film: Work) -> list[MarkWords]:
    """The words about the film; none of one that was not measured yet, or by an earlier program."""
    found = (film.metrics or {}).get("marks") or []
    return [
        MarkWords(NAMES[mark["name"]], ABOUT[mark["name"]], mark["level"], LEVELS[mark["level"]], kept_in_words(mark["message"]))
        for mark in found
        if mark["name"] in NAMES and mark["level"] in LEVELS
    ]
