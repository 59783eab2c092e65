"""The shapes of the API's JSON, as JSON Schema (2020-12, as OpenAPI 3.1). What is sent is checked against them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, get_args

from app.services.options import MOST_TURNS, TURN_LIMITS
from app.settings import Limits
from motion.intensity import MOST_POINTS, StyleChoice
from pipeline.engine_options import POSE_STYLES, SIZES, PoseChoice, PreprocessChoice
from pipeline.film_settings import FPS_LIMITS, HEIGHT_LIMITS, STRENGTH_LIMITS, EngineChoice, InBetweenChoice, LipsChoice

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
ID: Schema = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_-]+$"}
URL: Schema = {"type": "string", "format": "uri-reference"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
TITLE: Schema = {"type": "string", "minLength": 1, "maxLength": 200}
STATES = ("queued", "running", "done", "failed", "cancelled")


def ref(name: str) -> Schema:
    """A reference to one of the shapes below."""
    return {"$ref": f"#/components/schemas/{name}"}


def nullable(schema: Schema) -> Schema:
    """The shape, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def record(properties: Mapping[str, Schema], optional: tuple[str, ...] = (), **more: object) -> Schema:
    """An object with just these properties, all of them needed but the optional ones."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
        **more,
    }


def page_of(name: str) -> Schema:
    """One page of a list."""
    return record({"items": {"type": "array", "items": ref(name)}, "next_cursor": nullable(TEXT)})


def between(limits: tuple[float, float], kind: str = "number") -> Schema:
    """A number within limits, both ends included."""
    return {"type": kind, "minimum": limits[0], "maximum": limits[1]}


SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
SECONDS: Schema = {"type": "number", "minimum": 0}
KEY_POINTS: Schema = {
    "type": "array",
    "maxItems": MOST_POINTS,
    "items": {
        "anyOf": [
            {"$ref": "#/components/schemas/KeyPoint"},
            {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
        ]
    },
}


def turns_of(angle: str) -> Schema:
    """Turning points of one angle of the head."""
    return {
        "type": "array",
        "maxItems": MOST_TURNS,
        "items": between(TURN_LIMITS),
        "description": f"sadtalker alone: degrees of {angle} from the film's first frame to its last; none: as `pose` says",
    }


#: Options of a film; each may be left out.
OPTIONS: Mapping[str, Schema] = {
    "engine": {"type": "string", "enum": list(get_args(EngineChoice)), "description": "what moves the portrait"},
    "fps": between(FPS_LIMITS) | {"description": "frames per second"},
    "height": nullable(between(HEIGHT_LIMITS, "integer"))
    | {"description": "height of the film in pixels; null: the picture's own"},
    "start_s": {"type": "number", "minimum": 0, "description": "where in the song the film begins, in seconds"},
    "duration_s": {"type": ["number", "null"], "exclusiveMinimum": 0, "description": "seconds of the song; null: up to its end"},
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "description": "another number, another performance"},
    "face": {"type": ["integer", "null"], "minimum": 1, "description": "which face sings, counted from the left"},
    "allow_animals": {"type": "boolean", "description": "whether an animal's face may sing; it shows no teeth"},
    "expressiveness": between(STRENGTH_LIMITS) | {"description": "strength of the face's motion"},
    "head_motion": between(STRENGTH_LIMITS) | {"description": "strength of the head's motion"},
    "label": {"type": "boolean", "description": "whether the film bears a visible mark that it is AI-generated"},
    "lips": {
        "type": "string",
        "enum": list(get_args(LipsChoice)),
        "description": "what moves the lips: a network that learned it from people, or features of the sound alone",
    },
    "style": {
        "type": "string",
        "enum": list(get_args(StyleChoice)),
        "description": "what the face feels; auto: as the song does",
    },
    "intensity": KEY_POINTS
    | {
        "description": "how strongly it feels, over the film's time: key points with straight lines between them, by time,"
        " each as an object or as a pair of time_s and value; none: as the song asks"
    },
    "restore": SHARE | {"description": "share of the face restored by a network, frame by frame; made for a graphics card"},
    "in_between": {
        "type": "string",
        "enum": list(get_args(InBetweenChoice)),
        "description": "frames beyond 30 a second: all drawn, or every second one interpolated by a network",
    },
    "frame": nullable({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4})
    | {
        "description": "a drawn face, hairline to chin: left, top, right, bottom in pixels of the `width` and `height` that"
        " a picture tells; null: found by itself. For the engines auto and anime, and not together with `face`"
    },
    "size": {"type": "integer", "enum": list(SIZES), "description": "sadtalker alone: pixels of the head's square"},
    "preprocess": {
        "type": "string",
        "enum": list(get_args(PreprocessChoice)),
        "description": "sadtalker alone: the whole picture, the head's square, or the picture as that square",
    },
    "pose": {
        "type": "string",
        "enum": list(get_args(PoseChoice)),
        "description": "sadtalker alone: whether the song's beat (motion) or the voice moves the head",
    },
    "pose_style": between((0, POSE_STYLES - 1), "integer")
    | {"description": "sadtalker alone: manner of the head, with pose voice"},
    "yaw": turns_of("yaw"),
    "pitch": turns_of("pitch"),
    "roll": turns_of("roll"),
}

SCHEMAS: dict[str, Schema] = {
    "Problem": {
        "type": "object",
        "description": "RFC 9457. `detail` is a sentence for a person, `slug` its kind for a program, `code` it alone.",
        "properties": dict.fromkeys(("type", "title", "detail", "slug", "code", "field"), TEXT) | {"status": {"type": "integer"}},
        "required": ["type", "title", "status", "detail"],
    },
    "Song": record(
        {
            "id": ID,
            "title": TEXT,
            "size_bytes": COUNT,
            "mime": TEXT,
            "duration_s": {"type": "number", "minimum": 0},
            "created_at": TIME,
            "links": record({"self": URL, "file": URL, "waveform": URL}),
        }
    ),
    "Waveform": record(
        {
            "duration_s": {"type": "number", "minimum": 0},
            "peaks": {"type": "array", "maxItems": 800, "items": {"type": "number", "minimum": 0, "maximum": 1}},
        }
    ),
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
        },
        description="`style`: as ordered. `intensity`: the curve in effect, `automatic`: the song's own, both with a value every"
        " `step_s` seconds from the film's first frame. `points`: key points that were ordered. `automatic_points`: few key"
        " points that tell the song's own curve, to begin changing it from.",
    ),
    "SongIntensity": record(
        {
            "start_s": SECONDS,
            "duration_s": SECONDS,
            "sections": {"type": "array", "items": ref("StyledSection")},
            "step_s": {"type": "number", "exclusiveMinimum": 0},
            "values": {"type": "array", "items": SHARE},
            "points": {"type": "array", "items": ref("KeyPoint")},
        },
        description="`start_s`, `duration_s`: the part of the song; all other times count from its beginning, as in a film of it."
        " `values`: one every `step_s` seconds. `points`: few key points that tell the same, to send as a film's `intensity`.",
    ),
    "Waiting": record(
        {"state": {"type": "string", "enum": ["queued", "running"]}},
        description="It is being found; ask again at the address in `Location`, after `Retry-After` seconds.",
    ),
    "Face": record(
        {
            "number": {"type": "integer", "minimum": 1},
            "box": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4},
            "ok": {"type": "boolean"},
            "reason": nullable(TEXT),
            "advice": nullable(TEXT),
            "animal": {"type": "boolean"},
        },
        description="`box`: left, top, right, bottom as parts (0 to 1) of the upright picture. `reason`: why it can't sing."
        " `advice`: of one that can, what would make its film better, for example that the mouth stands wide open."
        " `animal`: it is most likely an animal's, and sings, without teeth, where the option `allow_animals` says so.",
    ),
    "Picture": record(
        {
            "id": ID,
            "title": TEXT,
            "size_bytes": COUNT,
            "mime": TEXT,
            "width": COUNT,
            "height": COUNT,
            "faces": {"type": "array", "items": ref("Face")},
            "drawing": {"type": "boolean"},
            "created_at": TIME,
            "links": record({"self": URL, "file": URL, "thumbnail": URL}),
        }
    ),
    "Options": record(OPTIONS, optional=tuple(OPTIONS)),
    "Job": record(
        {
            "id": ID,
            "film_id": ID,
            "state": {"type": "string", "enum": list(STATES)},
            "stage": TEXT,
            "done": COUNT,
            "total": COUNT,
            "eta_s": nullable({"type": "number", "minimum": 0}),
            "share": nullable({"type": "number", "minimum": 0, "maximum": 1}),
            "overdue": {"type": "boolean"},
            "position": COUNT,
            **dict.fromkeys(("error", "error_code"), nullable(TEXT)),  # a sentence for a person, and the same for a program
            "cancel_requested": {"type": "boolean"},
            "notes": {"type": "array", "items": TEXT},
            "queued_at": TIME,
            "started_at": nullable(TIME),
            "finished_at": nullable(TIME),
            "links": record({"self": URL, "film": URL, "events": URL, "cancel": URL}),
        },
        description="`done` of `total` steps (0: unknown) of the `stage` (empty before the first). `position`: jobs before it."
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
    "Upload": record(
        {
            "id": ID,
            "kind": {"type": "string", "enum": ["song", "picture"]},
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
            "kind": {"type": "string", "enum": ["song", "picture"]},
            "state": {"type": "string", "enum": ["queued", "running", "done", "failed"]},
            "position": COUNT,
            "result_id": nullable(ID),
            "problem": nullable(ref("Problem")),
            "links": record({"self": URL, "result": nullable(URL)}),
        },
        description="A look at a file that was given. `position`: how many are looked at before it. `result_id`: the song"
        " or picture, once it is done. `problem`: why there is none, once it has failed; give it again then, or another.",
    ),
    "SongOrPicture": {"oneOf": [ref("Song"), ref("Picture")]},
    "Engine": record(
        {"name": TEXT, "available": {"type": "boolean"}, "sentence": nullable(TEXT), "credit": TEXT},
        description="`sentence`: what it lacks on this machine, and what brings it. `credit`: whose work it is built on.",
    ),
    "Engines": record({"engines": {"type": "array", "items": ref("Engine")}}),
    "Limits": record({each.name: {"type": "number", "minimum": 0} for each in fields(Limits)}),
    "Songs": page_of("Song"),
    "Pictures": page_of("Picture"),
    "Films": page_of("Film"),
    "Jobs": page_of("Job"),
    "NewTitle": record({"title": TITLE}),
    "NewFilm": record(
        {"song_id": ID, "picture_id": ID, "options": ref("Options"), "title": TITLE}, optional=("options", "title")
    ),
    "NewFilms": record(
        {
            "song_ids": {"type": "array", "items": ID, "minItems": 1, "maxItems": 100},
            "picture_ids": {"type": "array", "items": ID, "minItems": 1, "maxItems": 100},
            "options": ref("Options"),
        },
        optional=("options",),
    ),
    "Changes": record(
        {"song_id": ID, "picture_id": ID, "options": ref("Options")}, optional=("song_id", "picture_id", "options")
    ),
    "NewUpload": record(
        {
            "kind": {"type": "string", "enum": ["song", "picture"]},
            "file_name": {"type": "string", "minLength": 1, "maxLength": 1000},
            "size_bytes": {"type": "integer", "minimum": 0, "maximum": 2**53},
        }
    ),
    "Finish": record({"title": TITLE}, optional=("title",)),
}
