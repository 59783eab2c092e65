"""What the shapes of `schemas.py` are made of: plain values, records, and the options of a film."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.options import declared_options
from pipeline.engine_list import ENGINES
from pipeline.film_settings import shared_options
from pipeline.picture_cut import PictureCut

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
ID: Schema = {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[0-9A-Za-z_-]+$"}
#: An object of any names.
OBJECT: Schema = {"type": "object"}
URL: Schema = {"type": "string", "format": "uri-reference"}
TIME: Schema = {"type": "string", "format": "date-time"}
COUNT: Schema = {"type": "integer", "minimum": 0}
CONSENT: Schema = {
    "type": "boolean",
    "description": "Whether you state that you may use the pictures and films: that whoever they show, and whose voice is heard,"
    " agreed. Needed once for each, before the first film of it; kept with it, and told in the film's signed statement.",
}
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
        **{"additionalProperties": False, **more},
    }


def page_of(name: str) -> Schema:
    """One page of a list."""
    return record({"items": {"type": "array", "items": ref(name)}, "next_cursor": nullable(TEXT)})


SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
SECONDS: Schema = {"type": "number", "minimum": 0}


def cut_schema() -> Schema:
    """How a picture is cut, as that is declared; each may be left out, but not all."""
    offered = {each.name: each.schema() for each in declared_options(PictureCut)}
    return record(offered, optional=tuple(offered))


def film_options_schema() -> Schema:
    """Options of a film as they are declared; each may be left out."""
    offered = {each.name: each.schema() for each in shared_options() if each.on_pages}
    for engine in ENGINES:
        for each in (option for option in declared_options(engine.options) if option.on_pages):
            offered[each.name] = each.schema() | {"description": f"{engine.name} alone: {each.option.meaning}"}
    return record(offered, optional=tuple(offered))
