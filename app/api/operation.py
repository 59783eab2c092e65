"""One operation of the API, and what several of them have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: What an answer holds: the name of a shape, or a type of content beginning with its kind, or nothing.
Content = str | None


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    #: in small letters.
    method: str
    #: below /api/v1, with `{name}` for what varies.
    path: str
    #: name of the operation, which is that of the view.
    name: str
    #: one line about it.
    summary: str
    #: what comes back: status -> name of a shape, a content type, or None for an empty body.
    answers: Mapping[int, Content]
    #: name of the body's shape, a content type, or None.
    body: Content = None
    #: names of entries of `openapi.PARAMETERS` beside those of the path.
    parameters: tuple[str, ...] = ()
    #: statuses of problems beside those that every operation may give.
    problems: tuple[int, ...] = ()
    #: names of entries of `openapi.HEADERS`: status -> headers of that answer.
    headers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def scope(self) -> str:
        """What a token must be allowed for it, see `app.services.tokens.SCOPES`."""
        if self.path.startswith("/live/"):
            return "talk"
        if self.path.endswith("/links") or self.path.startswith("/links/"):
            return "read" if self.method == "get" else "share"
        if self.method in ("get", "head") or self.path == "/library/zip":
            return "read"
        gone = self.method == "delete" and not self.path.startswith(("/uploads/", "/previews/"))
        return "delete" if gone or self.path.endswith(("/erase", "/library/delete")) else "make"


#: First parts of addresses that are groups of their own.
GROUPS = (
    *("songs", "pictures", "clips", "films", "previews", "works", "jobs"),
    *("uploads", "inspections", "library", "albums", "links", "live"),
)


def group_of(path: str) -> str:
    """What the path is about: its first part; what the API says of itself is one group."""
    first = path.split("/")[1].partition(".")[0]
    return first if first in GROUPS else "about"


PAGE = ("limit", "cursor")
SEARCH = ("q", "sort", "album", "tag", *PAGE)
NEXT = {200: ("Link",)}
FILE = "application/octet-stream"
#: A file of a kind that the document can't know.
ANY_FILE = "*/*"
RANGE = ("Range", "download")
TAKEN = {201: ("Location",), 202: ("Location", "Retry-After")}
ORDERED = {200: ("Location",), 202: ("Location",)}
NEW_FILE = (413, 415, 422, 429, 503, 507)


def undoing(one: str, kind: str, shape: str) -> tuple[Operation, ...]:
    """What can be done about something that was deleted."""
    key = ("Idempotency-Key",)
    return (
        Operation("post", f"{one}/restore", f"restore_{kind}", f"Bring a deleted {kind} back", {200: shape}, None, key, (404,)),
        Operation("post", f"{one}/erase", f"erase_{kind}", f"Delete a {kind} for good, at once", {204: None}, None, key, (404,)),
    )


def library(kind: str, kinds: str, shape: str, shapes: str) -> tuple[Operation, ...]:
    """The operations that songs, pictures and clips have in common."""
    one = f"/{kinds}/{{{kind}_id}}"
    return (
        Operation("get", f"/{kinds}", kinds, f"List the {kinds}, newest first", {200: shapes}, None, SEARCH, (400, 422), NEXT),
        Operation(
            "post",
            f"/{kinds}",
            f"add_{kind}",
            f"Add a {kind}: its file in a form",
            {201: shape, 202: "Inspection"},
            "multipart/form-data",
            ("Idempotency-Key",),
            (400, *NEW_FILE),
            TAKEN,
        ),
        Operation("get", one, kind, f"A {kind}", {200: shape}, problems=(404,)),
        Operation(
            "patch",
            one,
            f"rename_{kind}",
            f"Give a {kind} another title",
            {200: shape},
            "NewTitle",
            problems=(400, 404, 413, 415, 422),
        ),
        Operation(
            "delete",
            one,
            f"delete_{kind}",
            f"Delete a {kind}, for a day so that it can be brought back; films made from it stay",
            {204: None},
            problems=(404, 409),
        ),
        *undoing(one, kind, shape),
        Operation(
            "get",
            f"{one}/file",
            f"{kind}_file",
            f"The {kind}'s own file, as it was given",
            {200: ANY_FILE, 206: ANY_FILE},
            None,
            RANGE,
            (404, 416),
        ),
    )
