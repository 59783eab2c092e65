"""Every operation of the API as a row of one table; `openapi.py` makes the document from it."""

from __future__ import annotations

from app.api.clip_operations import CLIPS
from app.api.export_operations import EXPORTS
from app.api.given_operations import PICTURES, SONGS
from app.api.head_operations import HEADS
from app.api.library_operations import LIBRARY
from app.api.link_operations import LINKS
from app.api.live.operations import LIVE
from app.api.operation import FILE, NEW_FILE, NEXT, ORDERED, PAGE, RANGE, SEARCH, TAKEN, Operation, group_of, undoing
from app.api.word_operations import WORDS
from app.api.work_operations import WORKS

__all__ = ["OPERATIONS", "Operation", "group_of"]

FILMS = (
    Operation("get", "/films", "films", "List the films, newest first", {200: "Films"}, None, SEARCH, (400, 422), NEXT),
    Operation(
        "post",
        "/films",
        "order_film",
        "Order a film; 200 where it is there already",
        {200: "Order", 202: "Order"},
        "NewFilm",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
        ORDERED,
    ),
    Operation(
        "post",
        "/films/batch",
        "order_films",
        "Order a film of every song with every picture",
        {202: "Orders"},
        "NewFilms",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
    ),
    Operation("get", "/films/{film_id}", "film", "A film and how far it is", {200: "Film"}, problems=(404,)),
    Operation(
        "patch",
        "/films/{film_id}",
        "rename_film",
        "Give a film another title",
        {200: "Film"},
        "NewTitle",
        problems=(400, 404, 413, 415, 422),
    ),
    Operation(
        "delete",
        "/films/{film_id}",
        "delete_film",
        "Delete a film, for a day so that it can be brought back; one in the making is cancelled",
        {204: None},
        problems=(404, 409),
    ),
    *undoing("/films/{film_id}", "film", "Film"),
    Operation(
        "post",
        "/films/{film_id}/again",
        "make_again",
        "Make a film again with changes",
        {200: "Order", 202: "Order"},
        "Changes",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
        ORDERED,
    ),
    Operation(
        "get",
        "/films/{film_id}/file",
        "film_file",
        "The film itself",
        {200: "video/mp4", 206: "video/mp4"},
        None,
        RANGE,
        (404, 409, 416),
    ),
    Operation(
        "get",
        "/films/{film_id}/quality",
        "film_quality",
        "The quality report, as a page",
        {200: "text/html", 206: "text/html"},
        None,
        ("Range",),
        (404, 416),
    ),
)

PREVIEWS = (
    Operation(
        "post",
        "/previews",
        "make_preview",
        "Show three seconds of a film before it is ordered; 200 where they are there already",
        {200: "Preview", 202: "Preview"},
        "NewPreview",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422, 429, 507),
        {200: ("Location",), 202: ("Location", "Retry-After")},
    ),
    Operation("get", "/previews/{preview_id}", "preview", "A preview and how far it is", {200: "Preview"}, problems=(404,)),
    Operation(
        "delete",
        "/previews/{preview_id}",
        "delete_preview",
        "Let a preview go; one in the making is cancelled",
        {204: None},
        problems=(404,),
    ),
    Operation(
        "get",
        "/previews/{preview_id}/file",
        "preview_file",
        "The preview's film",
        {200: "video/mp4", 206: "video/mp4"},
        None,
        RANGE,
        (404, 409, 416),
    ),
)

JOBS = (
    Operation("get", "/jobs", "jobs", "List the jobs, newest first", {200: "Jobs"}, None, ("state", *PAGE), (400, 422), NEXT),
    Operation("get", "/jobs/{job_id}", "job", "A job", {200: "Job"}, problems=(404,)),
    Operation(
        "post",
        "/jobs/{job_id}/cancel",
        "cancel_job",
        "Cancel a job; one that has ended stays as it is",
        {202: "Job"},
        None,
        ("Idempotency-Key",),
        (404,),
    ),
    Operation(
        "post",
        "/jobs/{job_id}/move",
        "move_job",
        "Put a job that waits before another one of yours, or behind all of them; the turns of others stay as they are",
        {200: "Queue"},
        "NewPlace",
        ("Idempotency-Key",),
        (400, 404, 413, 415, 422),
    ),
    Operation(
        "get",
        "/jobs/{job_id}/events",
        "job_events",
        "A job's events as they come",
        {200: "text/event-stream"},
        None,
        ("Last-Event-ID",),
        (404,),
    ),
)

UPLOADS = (
    Operation(
        "post",
        "/uploads",
        "create_upload",
        "Begin a file that comes in pieces",
        {201: "Upload"},
        "NewUpload",
        ("Idempotency-Key",),
        (400, 413, 415, 422, 429, 507),
        {201: ("Location", "Upload-Offset")},
    ),
    Operation(
        "get",
        "/uploads/{upload_id}",
        "upload",
        "How much has arrived",
        {200: "Upload"},
        problems=(404,),
        headers={200: ("Upload-Offset", "Upload-Length")},
    ),
    Operation(
        "head",
        "/uploads/{upload_id}",
        "upload_state",
        "How much has arrived, in the headers alone",
        {200: None},
        problems=(404,),
        headers={200: ("Upload-Offset", "Upload-Length")},
    ),
    Operation(
        "patch",
        "/uploads/{upload_id}",
        "append_upload",
        "The next piece; 409 where it does not fit on the end",
        {204: None},
        FILE,
        ("Upload-Offset",),
        (400, 404, 409, 413, 415, 422, 507),
        {204: ("Upload-Offset",)},
    ),
    Operation(
        "post",
        "/uploads/{upload_id}/finish",
        "finish_upload",
        "Take the whole file as a song, picture or clip",
        {201: "Given", 202: "Inspection"},
        "Finish",
        ("Idempotency-Key",),
        (400, 404, 409, *NEW_FILE),
        TAKEN,
    ),
    Operation("delete", "/uploads/{upload_id}", "delete_upload", "Drop an upload", {204: None}, problems=(404, 409)),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "/limits", "limits", "What is accepted", {200: "Limits"}),
    Operation("get", "/engines", "engines", "The engines, and what they lack on this machine", {200: "Engines"}),
    Operation("get", "/voices", "voices", "The voices that can say a text", {200: "Voices"}),
    Operation(
        "get",
        "/voices/{voice}/sample",
        "voice_sample",
        "A sentence in that voice; spoken when it is first asked for, which takes some seconds",
        {200: "audio/wav", 206: "audio/wav"},
        None,
        ("Range",),
        (404, 416, 422, 503),
    ),
    *SONGS,
    *PICTURES,
    *CLIPS,
    *FILMS,
    *HEADS,
    *EXPORTS,
    *PREVIEWS,
    *WORKS,
    *WORDS,
    *JOBS,
    *UPLOADS,
    *LIVE,
    Operation(
        "get",
        "/inspections/{inspection_id}",
        "inspection",
        "How far the look at a file is that was given",
        {200: "Inspection"},
        problems=(404,),
    ),
    *LIBRARY,
    *LINKS,
    Operation("get", "/account", "account", "The account of whoever asks", {200: "Account"}),
    Operation("get", "/openapi.json", "openapi", "This document", {200: "application/json"}),
    Operation("get", "/docs", "docs", "A page to try all this", {200: "text/html"}),
)
