"""What the shapes of `schemas.py` are made of: plain values, records, and the options of a film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from app.services.options import MOST_TURNS, TURN_LIMITS
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
    "turn_back": {
        "type": "boolean",
        "description": "whether the film lies as the picture did, where that was turned so that its face stands upright",
    },
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
