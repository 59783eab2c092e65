"""What a visit to the library wants to see: which part of it, what is searched for, in which order; and what is shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from flask import request, url_for
from flask_babel import LazyString, lazy_gettext
from werkzeug.datastructures import MultiDict

from app.model_base import ID_LENGTH
from app.models import JobState
from app.pages.context import person_id, session, settings
from app.services.albums import list_albums
from app.services.listing import MAX_PAGE, SORTS, Page, Sort
from app.services.shelf import SHELF_KINDS, ShelfKind, Wish, count_shelf, list_shelf
from app.services.storage import storage_of
from app.services.tags import WORD_CHARACTERS, suggested_tags, worn_by
from app.texts import JOB_STATES

#: Entries of a page of one kind, and of each kind where all are shown.
PAGE, GLIMPSE = 48, 12
MAX_SEARCH = 120
SORT_NAMES: Mapping[Sort, LazyString] = {
    "newest": lazy_gettext("Newest first"),
    "oldest": lazy_gettext("Oldest first"),
    "name": lazy_gettext("By name"),
    "length": lazy_gettext("Longest first"),
    "size": lazy_gettext("Largest first"),
}
KIND_NAMES: Mapping[ShelfKind, LazyString] = {
    "films": lazy_gettext("Films"),
    "works": lazy_gettext("Other works"),
    "songs": lazy_gettext("Songs"),
    "pictures": lazy_gettext("Pictures"),
    "clips": lazy_gettext("Films to dub"),
}
#: Kinds that are made, and so are in some state.
MADE: tuple[ShelfKind, ...] = ("films", "works")


@dataclass(frozen=True)
class Shelf:
    """What the address asks for. kind: the part that is shown alone; None where a glimpse of each is."""

    wish: Wish
    kind: ShelfKind | None

    @property
    def kinds(self) -> tuple[ShelfKind, ...]:
        """The parts that are shown."""
        if self.kind is not None:
            return (self.kind,)
        return MADE if self.wish.state is not None else SHELF_KINDS

    @property
    def narrowed(self) -> bool:
        """Whether not all is shown that there is."""
        return bool(self.wish.search or self.wish.state or self.wish.album_id or self.wish.tag)

    def address(self, **changed: str | None) -> str:
        """The library's address for this, or with something changed."""
        wish = self.wish
        sort = None if wish.sort == "newest" else wish.sort
        within = {"album": wish.album_id or None, "tag": wish.tag or None}
        values: dict[str, Any] = {"kind": self.kind, "q": wish.search or None, "sort": sort, "state": wish.state, **within}
        values |= changed
        return url_for("pages.library", **{name: value for name, value in values.items() if value is not None})


def asked_shelf() -> Shelf:
    """As the request's address says; what it says that there is not, is as if it were not said."""
    kind = request.args.get("kind")
    return Shelf(wish_of(request.args), kind if kind in SHELF_KINDS else None)


def wish_of(given: MultiDict[str, str]) -> Wish:
    """What of the library is wanted, by an address's query or a form."""
    sort, state = given.get("sort"), given.get("state")
    return Wish(
        search=given.get("q", "")[:MAX_SEARCH].replace("\0", " ").strip(),
        sort=sort if sort in SORTS else "newest",
        state=cast(JobState, state) if state in get_args(JobState) else None,
        album_id=given.get("album", "")[:ID_LENGTH].replace("\0", " "),
        tag=given.get("tag", "")[:WORD_CHARACTERS].replace("\0", " ").strip(),
    )


def asked_length() -> int:
    """Entries that the page shows of one kind: more where a script asks for them, to find the way back to a place."""
    text = request.args.get("limit", "")
    return min(int(text), MAX_PAGE) if text.isascii() and text.isdigit() and 0 < len(text) < 5 and int(text) else PAGE


def shown_shelf(shelf: Shelf) -> dict[str, Any]:
    """What the template shows of it. Raises Refused for a place in the list that is not known."""
    counts = count_shelf(session(), person_id(), shelf.wish)
    pages = pages_of(shelf, counts)
    albums, rows = list_albums(session(), person_id()), [row for page in pages.values() for row in page.items]
    return {
        "shelf": shelf,
        "counts": counts,
        "total": sum(counts[kind] for kind in (MADE if shelf.wish.state else SHELF_KINDS)),
        "pages": pages,
        "albums": albums,
        "album": next((each.album for each in albums if each.album.id == shelf.wish.album_id), None),
        "tags": suggested_tags(session(), person_id()),
        "worn": worn_by(session(), rows),
        "kind_names": KIND_NAMES,
        "sort_names": SORT_NAMES,
        "job_states": JOB_STATES,
        "storage": storage_of(session(), settings(), person_id()),
    }


def pages_of(shelf: Shelf, counts: Mapping[ShelfKind, int]) -> dict[ShelfKind, Page[Any]]:
    """The entries of each kind that is shown. Raises Refused for a place in the list that is not known."""
    cursor, length = (request.args.get("after"), asked_length()) if shelf.kind else (None, GLIMPSE)
    return {kind: page_of(shelf, kind, cursor, length) if counts[kind] else Page([], None) for kind in shelf.kinds}


def page_of(shelf: Shelf, kind: ShelfKind, cursor: str | None, length: int) -> Page[Any]:
    """The entries of that kind."""
    return list_shelf(session(), person_id(), kind, shelf.wish, cursor, length)
