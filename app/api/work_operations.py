"""The operations of the API that are about works of all kinds."""

from __future__ import annotations

from app.api.operation import FILE, NEXT, ORDERED, RANGE, SEARCH, Operation, undoing

WORKS: tuple[Operation, ...] = (
    Operation("get", "/kinds", "kinds", "The kinds of work that can be ordered", {200: "Kinds"}),
    Operation(
        "get",
        "/works",
        "works",
        "List the works of all kinds, newest first",
        {200: "Works"},
        None,
        ("kind", *SEARCH),
        (400, 422),
        NEXT,
    ),
    Operation(
        "post",
        "/works",
        "order_work",
        "Order a work of any kind; 200 where it is there already",
        {200: "WorkOrder", 202: "WorkOrder"},
        "NewWork",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
        ORDERED,
    ),
    Operation("get", "/works/{work_id}", "work", "A work and how far it is", {200: "Work"}, problems=(404,)),
    Operation(
        "patch",
        "/works/{work_id}",
        "rename_work",
        "Give a work another title",
        {200: "Work"},
        "NewTitle",
        problems=(400, 404, 413, 415, 422),
    ),
    Operation(
        "delete",
        "/works/{work_id}",
        "delete_work",
        "Delete a work, for a day so that it can be brought back; its making is cancelled",
        {204: None},
        problems=(404, 409),
    ),
    *undoing("/works/{work_id}", "work", "Work"),
    Operation(
        "get",
        "/works/{work_id}/thumbnail",
        "work_thumbnail",
        "The picture, or a frame of the film, that a work was made of, small",
        {200: "image/jpeg", 206: "image/jpeg"},
        None,
        ("Range",),
        (404, 416),
    ),
    Operation(
        "get",
        "/works/{work_id}/files/{role}",
        "work_file",
        "A file that was made",
        {200: FILE, 206: FILE},
        None,
        RANGE,
        (404, 416),
    ),
)
