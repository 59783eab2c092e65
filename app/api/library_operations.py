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
        ("part", "q", "state", "album", "tag"),
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
    Operation(
        "post",
        "/library/tags",
        "change_library_tags",
        "Give many things tags, and take tags off them",
        {200: "BroughtBack"},
        "TagChange",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429),
    ),
    Operation("get", "/tags", "tags", "Your tags, those of most things first", {200: "Tags"}, None, ("begin",)),
    Operation("get", "/albums", "albums", "Your albums, by name", {200: "Albums"}),
    Operation(
        "post",
        "/albums",
        "create_album",
        "Make an album; of one name there is one",
        {201: "Album"},
        "NewTitle",
        ("Idempotency-Key",),
        (400, 413, 415, 422, 429),
    ),
    Operation(
        "patch",
        "/albums/{album_id}",
        "rename_album",
        "Give an album another title",
        {200: "Album"},
        "NewTitle",
        problems=(400, 404, 413, 415, 422),
    ),
    Operation(
        "delete",
        "/albums/{album_id}",
        "delete_album",
        "Take an album apart; what lay in it stays",
        {204: None},
        problems=(404,),
    ),
    *(
        Operation(
            "post",
            f"/albums/{{album_id}}/{name}",
            operation,
            summary,
            {200: "Album"},
            "Chosen",
            ("Idempotency-Key",),
            (400, 404, 413, 415, 422, 429),
        )
        for name, operation, summary in (
            ("add", "fill_album", "Put things into an album"),
            ("remove", "empty_album", "Take things out of an album"),
        )
    ),
    Operation(
        "get",
        "/library/everything",
        "library_everything",
        "Everything that is kept of you as one zip: all files, and all that is noted about you as JSON",
        {200: "application/zip"},
    ),
    Operation(
        "delete",
        "/library/everything",
        "erase_library",
        "Erase all that is kept of you, at once and for good; `complete` is false while something in the making is stopped",
        {200: "Erased"},
    ),
    Operation("get", "/storage", "storage", "How much you keep, and of how much", {200: "Storage"}),
    Operation("get", "/deleted", "deleted", "What was deleted and can be brought back", {200: "DeletedThings"}),
)
