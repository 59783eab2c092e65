"""The shapes of the API's JSON, as JSON Schema (2020-12, as OpenAPI 3.1). What is sent is checked against them."""

from __future__ import annotations

from dataclasses import fields

from app.api.clip_schemas import CLIP_SCHEMAS
from app.api.export_schemas import EXPORT_SCHEMAS
from app.api.given_schemas import GIVEN_SCHEMAS
from app.api.library_schemas import LIBRARY_SCHEMAS
from app.api.link_schemas import LINK_SCHEMAS
from app.api.live.schemas import LIVE_SCHEMAS
from app.api.schema_parts import (
    CONSENT,
    COUNT,
    ID,
    OBJECT,
    SECONDS,
    SHARE,
    STATES,
    TEXT,
    TIME,
    TITLE,
    URL,
    Schema,
    cut_schema,
    film_options_schema,
    nullable,
    page_of,
    record,
    ref,
)
from app.api.word_schemas import WORD_SCHEMAS
from app.settings import Limits

SCHEMAS: dict[str, Schema] = {
    "Account": record(
        {"accounts": {"type": "boolean"}, "name": nullable(TEXT), "role": nullable(TEXT), "created_at": nullable(TIME)},
        description="`accounts`: whether this server has any; the rest is null where it has none.",
    ),
    "Problem": {
        "type": "object",
        "description": "RFC 9457. `detail` is a sentence for a person, `slug` its kind for a program, `code` it alone.",
        "properties": dict.fromkeys(("type", "title", "detail", "slug", "code", "field"), TEXT) | {"status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    },
    "KeyPoint": record({"time_s": SECONDS, "value": SHARE}, description="`time_s`: seconds from the film's first frame."),
    "StyledSection": record(
        {"start_s": SECONDS, "stop_s": SECONDS, "style": TEXT}, description="A part of the film and the style in effect there."
    ),
    "Emotion": record(
        {
            "style": TEXT,
            "sections": {"type": "array", "items": ref("StyledSection")},
            "step_s": {"type": "number", "exclusiveMinimum": 0},
            "intensity": {"type": "array", "items": SHARE},
            "automatic": {"type": "array", "items": SHARE},
            "points": {"type": "array", "items": ref("KeyPoint")},
            "automatic_points": {"type": "array", "items": ref("KeyPoint")},
            "learned": {"type": "array", "items": SHARE},
            "learned_points": {"type": "array", "items": ref("KeyPoint")},
        },
        description="`style`: as ordered. `intensity`: the curve in effect, `automatic`: the song's own, both with a value every"
        " `step_s` seconds from the film's first frame. `points`: key points that were ordered. `automatic_points`: few key"
        " points that tell the song's own curve, to begin changing it from. `learned`, `learned_points`: the same of the trained"
        " network that performs; empty where none does.",
    ),
    "SongIntensity": record(
        {
            "start_s": SECONDS,
            "duration_s": SECONDS,
            "sections": {"type": "array", "items": ref("StyledSection")},
            "step_s": {"type": "number", "exclusiveMinimum": 0},
            "values": {"type": "array", "items": SHARE},
            "points": {"type": "array", "items": ref("KeyPoint")},
            "learned": {"type": "array", "items": SHARE},
            "learned_points": {"type": "array", "items": ref("KeyPoint")},
        },
        description="`start_s`, `duration_s`: the part of the song; all other times count from its beginning, as in a film of it."
        " `values`: one every `step_s` seconds. `points`: few key points that tell the same, to send as a film's `intensity`."
        " `learned`, `learned_points`: the same of a trained network; empty where this server has none.",
    ),
    "Waiting": record(
        {"state": {"type": "string", "enum": ["queued", "running"]}},
        description="It is being found; ask again at the address in `Location`, after `Retry-After` seconds.",
    ),
    **GIVEN_SCHEMAS,
    **CLIP_SCHEMAS,
    "Options": film_options_schema(),
    "Job": record(
        {
            "id": ID,
            "kind": TEXT,
            "work_id": ID,
            "film_id": ID,
            "state": {"type": "string", "enum": list(STATES)},
            "stage": TEXT,
            "done": COUNT,
            "total": COUNT,
            "eta_s": nullable({"type": "number", "minimum": 0}),
            "share": nullable({"type": "number", "minimum": 0, "maximum": 1}),
            "overdue": {"type": "boolean"},
            "position": COUNT,
            "waits_because": nullable(TEXT),
            **dict.fromkeys(("error", "error_code"), nullable(TEXT)),  # a sentence for a person, and the same for a program
            "cancel_requested": {"type": "boolean"},
            "notes": {"type": "array", "items": TEXT},
            "queued_at": TIME,
            "started_at": nullable(TIME),
            "finished_at": nullable(TIME),
            "links": record(dict.fromkeys(("self", "work", "film", "events", "cancel"), URL)),
        },
        description="`film_id`, `links.film`: those of the work, which is a film where `kind` is song_to_film."
        " `done` of `total` steps (0: unknown) of the `stage` (empty before the first). `position`: jobs before it;"
        " `waits_because`: why no worker that runs can do it."
        " `eta_s`: seconds left of it, by what its stages took on this machine before and by its own pace; `share`: how much"
        " of that time is over, which never goes back; `overdue`: whether the stage takes longer than was foreseen.",
    ),
    "Film": record(
        {
            "id": ID,
            "title": TEXT,
            "song_id": ID,
            "picture_id": ID,
            "options": ref("Options"),
            "created_at": TIME,
            "report": nullable({"type": "object"}),
            "emotion": nullable(ref("Emotion")),
            "metrics": nullable({"type": "object"}),
            "job": nullable(ref("Job")),
            "links": record({"self": URL, "job": nullable(URL), "file": nullable(URL), "quality": nullable(URL)}),
        },
        description="`report`: what was made, and in which time. `metrics`: how good it is, measured after the film is done."
        " `emotion`: what the face felt; null until the film is there, and for films of earlier versions.",
    ),
    "Order": record(
        {"film": ref("Film"), "created": {"type": "boolean"}}, description="`created`: false where it was there before."
    ),
    "Orders": record({"orders": {"type": "array", "items": ref("Order")}}),
    "Preview": record(
        {
            **dict.fromkeys(("id", "song_id", "picture_id"), ID),
            "options": ref("Options"),
            "state": {"type": "string", "enum": list(STATES)},
            "stage": TEXT,
            **dict.fromkeys(("done", "total"), COUNT),
            **dict.fromkeys(("error", "error_code"), nullable(TEXT)),
            "notes": {"type": "array", "items": TEXT},
            "links": record({"self": URL, "file": nullable(URL)}),
        },
        description="Three seconds of the film that these options would make, where most is sung, at most 256 px high;"
        " `notes` say which. A person has one preview: the next takes its place. It is kept for half an hour, and is no film.",
    ),
    "Head": record(
        {
            "state": {"type": "string", "enum": list(STATES)},
            "stage": TEXT,
            **dict.fromkeys(("done", "total"), COUNT),
            **dict.fromkeys(("error", "error_code"), nullable(TEXT)),
            "notes": {"type": "array", "items": TEXT},
            "links": record({"self": URL, "file": nullable(URL)}),
        },
        description="The portrait's own head, which does in 3D what it does in the film: ARKit's 52 shapes as morph targets,"
        " bones for neck, head and eyes. It is kept with the film.",
    ),
    **EXPORT_SCHEMAS,
    "Kind": record(
        {"name": TEXT, "title": TEXT, "inputs": OBJECT, "outputs": OBJECT, "options": OBJECT},
        description="A kind of work. `inputs`: by role, the kind of file that it takes: sound, picture, film or motion."
        " `outputs`: by role, the ending of the file that it makes. `options`: the JSON schema of what it can be told.",
    ),
    "Kinds": record({"kinds": {"type": "array", "items": ref("Kind")}}),
    "Work": record(
        {
            "id": ID,
            "kind": TEXT,
            "title": TEXT,
            "inputs": OBJECT,
            "options": OBJECT,
            "created_at": TIME,
            "files": {"type": "object"},
            "figures": nullable({"type": "object"}),
            "job": ref("Job"),
            "links": record({"self": URL, "job": URL}),
        },
        description="What was ordered of any kind. `inputs`: ids of songs, pictures and clips, by role. `files`: addresses of"
        " what was made, by role, once it is there. `figures`: what its kind tells of it.",
    ),
    "WorkOrder": record({"work": ref("Work"), "created": {"type": "boolean"}}),
    "Upload": record(
        {
            "id": ID,
            "kind": {"type": "string", "enum": ["song", "picture", "clip"]},
            "file_name": TEXT,
            "size_bytes": COUNT,
            "received_bytes": COUNT,
            "created_at": TIME,
            "links": record({"self": URL, "finish": URL}),
        }
    ),
    "Inspection": record(
        {
            "id": ID,
            "kind": {"type": "string", "enum": ["song", "picture", "clip"]},
            "state": {"type": "string", "enum": ["queued", "running", "done", "failed"]},
            "position": COUNT,
            "result_id": nullable(ID),
            "problem": nullable(ref("Problem")),
            "links": record({"self": URL, "result": nullable(URL)}),
        },
        description="A look at a file that was given. `position`: how many are looked at before it. `result_id`: the song,"
        " picture or clip, once it is done. `problem`: why there is none, once it has failed; give it again then, or another.",
    ),
    "Given": {"oneOf": [ref("Song"), ref("Picture"), ref("Clip")]},
    "Engine": record(
        {"name": TEXT, "available": {"type": "boolean"}, "sentence": nullable(TEXT), "credit": TEXT},
        description="`sentence`: what it lacks on this machine, and what brings it. `credit`: whose work it is built on.",
    ),
    "Engines": record({"engines": {"type": "array", "items": ref("Engine")}}),
    "Voice": record(
        {
            "name": TEXT,
            "title": TEXT,
            "language": TEXT,
            "gender": {"type": "string", "enum": ["woman", "man"]},
            "available": {"type": "boolean"},
            "sentence": nullable(TEXT),
            "links": record({"sample": URL}),
        },
        description="`name`: what the option `voice` takes. `language`: as BCP 47 writes it."
        " `available`: whether its own language can be read here; `sentence`: why not.",
    ),
    "Voices": record({"voices": {"type": "array", "items": ref("Voice")}}),
    "Limits": record({each.name: {"type": "number", "minimum": 0} for each in fields(Limits)}),
    **LIBRARY_SCHEMAS,
    **LINK_SCHEMAS,
    "Songs": page_of("Song"),
    "Pictures": page_of("Picture"),
    "Clips": page_of("Clip"),
    "Films": page_of("Film"),
    "Works": page_of("Work"),
    "Jobs": page_of("Job"),
    "NewTitle": record({"title": TITLE}),
    "NewFilm": record(
        {"song_id": ID, "picture_id": ID, "options": ref("Options"), "title": TITLE, "consent": CONSENT},
        optional=("options", "title", "consent"),
    ),
    "NewPreview": record({"song_id": ID, "picture_id": ID, "options": ref("Options")}, optional=("options",)),
    "NewWork": record(
        {
            **{"kind": TEXT, "inputs": record({}, additionalProperties=ID), "options": record({}, additionalProperties={})},
            "consent": CONSENT,
        },
        optional=("options", "consent"),
        description="What `GET /kinds` tells: `inputs`, by role, ids of songs, pictures and clips (where a film is taken);"
        " `options` of that kind. A film that gets other lips: `{kind: dub, inputs: {film: ID, sound: ID}}`. A film in"
        " another language: `{kind: translate_film, inputs: {film: ID}, options: {translate: en, table: ...}}`. A picture"
        " that says a text: `{kind: text_to_film, inputs: {portrait: ID}, options: {text: *joy* What a day!, voice: af_heart}}`.",
    ),
    "NewFilms": record(
        {
            "song_ids": {"type": "array", "items": ID, "minItems": 1, "maxItems": 100},
            "picture_ids": {"type": "array", "items": ID, "minItems": 1, "maxItems": 100},
            "options": ref("Options"),
            "consent": CONSENT,
        },
        optional=("options", "consent"),
    ),
    "Changes": record(
        {"song_id": ID, "picture_id": ID, "options": ref("Options"), "consent": CONSENT},
        optional=("song_id", "picture_id", "options", "consent"),
    ),
    "NewUpload": record(
        {
            "kind": {"type": "string", "enum": ["song", "picture", "clip"]},
            "file_name": {"type": "string", "minLength": 1, "maxLength": 1000},
            "size_bytes": {"type": "integer", "minimum": 1, "maximum": 2**53},
        }
    ),
    "Finish": record({"title": TITLE}, optional=("title",)),
    "Cut": cut_schema(),
    **LIVE_SCHEMAS,
    **WORD_SCHEMAS,
}
