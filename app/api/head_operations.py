"""The operations of heads in 3D, as rows of the API's table."""

from __future__ import annotations

from app.api.operation import RANGE, Operation

HEADS = (
    Operation(
        "post",
        "/films/{film_id}/head",
        "make_head",
        "Have the film's head made in 3D; 200 where it is there already",
        {200: "Head", 202: "Head"},
        None,
        ("Idempotency-Key",),
        (404, 422, 429, 507),
        {200: ("Location",), 202: ("Location", "Retry-After")},
    ),
    Operation("get", "/films/{film_id}/head", "head", "The film's head and how far it is", {200: "Head"}, problems=(404,)),
    Operation(
        "get",
        "/films/{film_id}/head/file",
        "head_file",
        "The film's head, a GLB file (glTF 2.0) with its performance",
        {200: "model/gltf-binary", 206: "model/gltf-binary"},
        None,
        RANGE,
        (404, 409, 416),
    ),
)
