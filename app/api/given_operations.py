"""The API's operations on songs and pictures."""

from __future__ import annotations

from app.api.operation import NEW_FILE, TAKEN, Operation, library

SONGS = (
    *library("song", "songs", "Song", "Songs"),
    Operation("get", "/songs/{song_id}/waveform", "song_waveform", "A song's waveform", {200: "Waveform"}, problems=(404,)),
    Operation(
        "get",
        "/songs/{song_id}/levels",
        "song_levels",
        "How loud a song is, where it clips, and its shape in fine steps",
        {200: "SongLevels"},
        problems=(404, 422, 503),
    ),
    Operation(
        "get",
        "/songs/{song_id}/phrases",
        "song_phrases",
        "Where a song's singer begins and rests; 202 while it is being found",
        {200: "SongPhrases", 202: "Waiting"},
        problems=(404, 429),
        headers={202: ("Location", "Retry-After")},
    ),
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
)

PICTURES = (
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
    Operation(
        "post",
        "/pictures/{picture_id}/cut",
        "cut_picture",
        "Make a picture out of a picture: a part of it, straightened, turned or mirrored; the old one stays",
        {201: "Picture", 202: "Inspection"},
        "Cut",
        ("Idempotency-Key",),
        (400, 404, *NEW_FILE),
        TAKEN,
    ),
)
