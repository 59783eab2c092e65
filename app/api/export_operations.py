"""The operations of what is made of finished films, as rows of the API's table."""

from __future__ import annotations

from app.api.operation import ANY_FILE, RANGE, Operation

EXPORTS = (
    Operation(
        "post",
        "/works/{work_id}/exports",
        "make_export",
        "Have something made of a film: another shape, a loop, its motion, its stems; 200 where it is there already",
        {200: "Export", 202: "Export"},
        "NewExport",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
        {200: ("Location",), 202: ("Location", "Retry-After")},
    ),
    Operation(
        "get", "/works/{work_id}/exports", "exports", "What was made of a film and is kept", {200: "Exports"}, problems=(404,)
    ),
    Operation(
        "get",
        "/works/{work_id}/exports/{export_id}",
        "export",
        "One of them and how far it is",
        {200: "Export"},
        problems=(404,),
    ),
    Operation(
        "get",
        "/works/{work_id}/exports/{export_id}/files/{role}",
        "export_file",
        "A file that was made of a film",
        {200: ANY_FILE, 206: ANY_FILE},
        None,
        RANGE,
        (404, 416),
    ),
)
