"""The operations of the API that are about the library as a whole."""

from __future__ import annotations

from app.api.operation import Operation

LIBRARY: tuple[Operation, ...] = (
    Operation(
        "get",
        "/library/matches",
        "library_matches",
        "The ids of all that match a search, with their sizes",
        {200: "Matches"},
        None,
        ("part", "q", "state"),
        (400, 422),
    ),
    Operation(
        "post",
        "/library/zip",
        "library_zip",
        "The files of many things as one zip",
        {200: "application/zip"},
        "Chosen",
        (),
        (400, 404, 413, 415, 422, 429),
    ),
    Operation(
        "post",
        "/library/delete",
        "library_delete",
        "Delete many things, for a day so that they can be brought back together; all of them, or none",
        {200: "DeletedTogether"},
        "Chosen",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429),
    ),
    Operation(
        "post",
        "/library/restore",
        "library_restore",
        "Bring back what was deleted together",
        {200: "BroughtBack"},
        "DeletedMoment",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422),
    ),
    Operation("get", "/storage", "storage", "How much you keep, and of how much", {200: "Storage"}),
    Operation("get", "/deleted", "deleted", "What was deleted and can be brought back", {200: "DeletedThings"}),
)
