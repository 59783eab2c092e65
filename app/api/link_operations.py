"""The operations of the API by which others are shown a film."""

from __future__ import annotations

from app.api.operation import Operation

LINKS: tuple[Operation, ...] = (
    Operation(
        "get",
        "/works/{work_id}/links",
        "links",
        "The links to a film that hold, the newest first",
        {200: "ShareLinks"},
        problems=(404,),
    ),
    Operation(
        "post",
        "/works/{work_id}/links",
        "create_link",
        "Make a link to a film; its address is told this once",
        {201: "NewShareLink"},
        "NewLink",
        problems=(400, 404, 413, 415, 422, 429),
    ),
    Operation("delete", "/links/{link_id}", "revoke_link", "Take a link back, at once", {204: None}, problems=(404,)),
)
