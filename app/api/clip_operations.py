"""The operations of the API that are about clips, films that get other lips."""

from __future__ import annotations

from app.api.operation import Operation, library

PICTURE = {200: "image/jpeg", 206: "image/jpeg"}
PART = ("start_s", "duration_s")

CLIPS: tuple[Operation, ...] = (
    *library("clip", "clips", "Clip", "Clips"),
    Operation(
        "get",
        "/clips/{clip_id}/glimpse",
        "clip_glimpse",
        "A few silent seconds of the film, small, to play in a list; made when they are first asked for",
        {200: "video/mp4", 206: "video/mp4"},
        None,
        ("Range",),
        (404, 416, 503),
    ),
    Operation(
        "get",
        "/clips/{clip_id}/thumbnail",
        "clip_thumbnail",
        "One of the clip's frames, small and upright",
        PICTURE,
        None,
        ("Range",),
        (404, 416),
    ),
    Operation(
        "get",
        "/clips/{clip_id}/faces",
        "clip_faces",
        "The people in a clip, or in a part of it; 202 while they are being found",
        {200: "FilmFaces", 202: "FacesSought"},
        None,
        PART,
        (404, 422, 429),
        {202: ("Location", "Retry-After")},
    ),
    Operation(
        "get",
        "/clips/{clip_id}/faces/{number}/thumbnail",
        "clip_face_thumbnail",
        "Head and shoulders of one of these people, small",
        PICTURE,
        None,
        ("Range", *PART),
        (404, 416, 422),
    ),
)
