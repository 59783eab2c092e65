"""Every operation of the API as a row of one table; `openapi.py` makes the document from it."""

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


def group_of(path: str) -> str:
    """What the path is about: its first part; what the API says of itself is one group."""
    first = path.split("/")[1].partition(".")[0]
    return first if first in ("songs", "pictures", "films", "works", "jobs", "uploads", "inspections") else "about"


PAGE = ("limit", "cursor")
SEARCH = ("q", *PAGE)
NEXT = {200: ("Link",)}
FILE = "application/octet-stream"
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
    """The operations that songs and pictures have in common."""
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
            {200: FILE, 206: FILE},
            None,
            RANGE,
            (404, 416),
        ),
    )


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
        "Take the whole file as a song or picture",
        {201: "SongOrPicture", 202: "Inspection"},
        "Finish",
        ("Idempotency-Key",),
        (400, 404, 409, *NEW_FILE),
        TAKEN,
    ),
    Operation("delete", "/uploads/{upload_id}", "delete_upload", "Drop an upload", {204: None}, problems=(404, 409)),
)

WORKS = (
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
        "/works/{work_id}/files/{role}",
        "work_file",
        "A file that was made",
        {200: FILE, 206: FILE},
        None,
        RANGE,
        (404, 416),
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation("get", "/limits", "limits", "What is accepted", {200: "Limits"}),
    Operation("get", "/engines", "engines", "The engines, and what they lack on this machine", {200: "Engines"}),
    *library("song", "songs", "Song", "Songs"),
    Operation("get", "/songs/{song_id}/waveform", "song_waveform", "A song's waveform", {200: "Waveform"}, problems=(404,)),
    Operation(
        "get",
        "/songs/{song_id}/intensity",
        "song_intensity",
        "How strongly a song feels, over its time; 202 while it is being found",
        {200: "SongIntensity", 202: "Waiting"},
        None,
        ("start_s", "duration_s"),
        (404, 422, 429),
        {202: ("Location", "Retry-After")},
    ),
    *library("picture", "pictures", "Picture", "Pictures"),
    Operation(
        "get",
        "/pictures/{picture_id}/thumbnail",
        "picture_thumbnail",
        "The picture, small and upright",
        {200: "image/jpeg", 206: "image/jpeg"},
        None,
        ("Range",),
        (404, 416),
    ),
    *FILMS,
    *WORKS,
    *JOBS,
    *UPLOADS,
    Operation(
        "get",
        "/inspections/{inspection_id}",
        "inspection",
        "How far the look at a file is that was given",
        {200: "Inspection"},
        problems=(404,),
    ),
    Operation("get", "/deleted", "deleted", "What was deleted and can be brought back", {200: "DeletedThings"}),
    Operation("get", "/openapi.json", "openapi", "This document", {200: "application/json"}),
    Operation("get", "/docs", "docs", "A page to try all this", {200: "text/html"}),
)
