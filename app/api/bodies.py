"""Reads what a client sends as JSON, and checks it against the shape that the OpenAPI document shows."""

from __future__ import annotations

import json
import math
import re
from typing import Any, BinaryIO, cast

from flask import request

from app.api.problem import ApiError
from app.api.schema_parts import Schema
from app.api.schemas import SCHEMAS
from app.services.incoming import too_large

#: A table of what is said in a film of a quarter of an hour fits.
MAX_JSON_BYTES = 256 * 1024
#: What a form may hold beside its file.
FORM_BYTES = 1 << 20
JSON_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "null": (type(None),),
    "integer": (int,),
    "number": (int, float),
}
#: Beyond it, numbers with a point don't tell one whole number from the next.
LARGEST_WHOLE = 2**53
NAMES = {"object": "an object", "array": "a list", "string": "a text", "boolean": "true or false", "null": "null"}


def read_body(schema_name: str, needed: bool = True) -> dict[str, Any]:
    """The request's JSON object, of the shape of that name; {} where there is none and none is `needed`.

    Raises ApiError 400 for what is no JSON, 413 where it is too long, 415 for another kind, 422 for another shape; the sentence
    names the place.
    """
    request.max_content_length = MAX_JSON_BYTES
    data = request.get_data()
    if not data and not needed:
        return {}
    if not request.is_json:
        raise ApiError(415, "The body must be JSON; send it with the header Content-Type: application/json.")
    try:
        body = json.loads(data, parse_float=_number, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "The body is no JSON that can be read.") from error
    check(body, SCHEMAS[schema_name], "")
    checked: dict[str, Any] = body
    return checked


def check(value: object, schema: Schema, place: str) -> None:
    """Raises ApiError 422 where `value` does not fit `schema`; knows as much of JSON Schema as our bodies use.

    The bounds of a list's single places (`prefixItems`) are held to by who reads the list, in a sentence that says more.
    """
    if "$ref" in schema:
        return check(value, SCHEMAS[schema["$ref"].rpartition("/")[2]], place)
    if "anyOf" in schema:
        return check(value, fitting(value, schema["anyOf"], place), place)
    wanted = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    if not any(_is_of_type(value, name) for name in wanted):
        raise _wrong(place, "must be " + " or ".join(NAMES.get(name, f"a {name}".replace("a i", "an i")) for name in wanted))
    if "enum" in schema and value not in schema["enum"]:
        raise _wrong(place, f"must be one of {', '.join(map(str, schema['enum']))}")
    if isinstance(value, dict):
        _check_object(value, schema, place)
    elif isinstance(value, list):
        _check_length(len(value), schema, place, ("minItems", "maxItems"), "entries")
        for index, entry in enumerate(value):
            check(entry, schema["items"], f"{place}[{index}]")
    elif isinstance(value, str):
        _check_length(len(value), schema, place, ("minLength", "maxLength"), "characters")
        if "pattern" in schema and not re.fullmatch(schema["pattern"], value):
            raise _wrong(place, "holds signs that are not accepted")
    elif isinstance(value, int | float) and not isinstance(value, bool):
        _check_number(value, schema, place)
    return None


def fitting(value: object, schemas: list[Schema], place: str) -> Schema:
    """The one of the shapes whose type is that of the value, so that what is wrong inside is told. Raises ApiError 422."""
    shapes = [SCHEMAS[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema for schema in schemas]
    for shape in shapes:
        if _is_of_type(value, shape["type"]):
            return shape
    raise _wrong(place, "must be " + " or ".join(NAMES[shape["type"]] for shape in shapes))


def _check_object(value: dict[str, object], schema: Schema, place: str) -> None:
    known: dict[str, Schema] = schema["properties"]
    dot = f"{place}." if place else ""
    for name in schema["required"]:
        if name not in value:
            raise _wrong(dot + name, "is missing")
    others = schema["additionalProperties"]
    for name, entry in value.items():
        if name not in known and others is not False:
            if others:
                check(entry, others, dot + name[:40])
            continue
        if name not in known:
            raise _wrong(dot + name[:40], f"is not known; known are {', '.join(known)}")
        check(entry, known[name], dot + name)


def _check_length(length: int, schema: Schema, place: str, bounds: tuple[str, str], unit: str) -> None:
    low, high = schema.get(bounds[0], 0), schema.get(bounds[1], math.inf)
    if not low <= length <= high:
        raise _wrong(place, f"has {length} {unit}; {low} to {high} are accepted")


def _check_number(value: float, schema: Schema, place: str) -> None:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if value in (math.inf, -math.inf) or not low <= value <= high:
        raise _wrong(place, f"is {str(value)[:20]}; {low} to {high} are accepted")
    if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
        raise _wrong(place, f"is {str(value)[:20]}; it must be more than {schema['exclusiveMinimum']}")


def _is_of_type(value: object, name: str) -> bool:
    if isinstance(value, bool):
        return name == "boolean"
    return isinstance(value, JSON_TYPES[name])


def _wrong(place: str, what: str) -> ApiError:
    return ApiError(422, f"The field '{place}' {what}." if place else f"The body {what}.", field=place)


def _number(text: str) -> float:
    """The number that was written with a point or an exponent. JSON knows one kind of numbers: 5.0 is the whole number 5."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) <= LARGEST_WHOLE else number


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def read_file(limit_bytes: int) -> tuple[BinaryIO, str]:
    """The form's file as a stream, and what it is called: by the form's title, else by its own name.

    Raises ApiError 413 where the request is larger than a file of `limit_bytes` can be, 415 where it is no form, 400 where
    the form has not one file.
    """
    request.max_content_length = limit_bytes + FORM_BYTES
    if request.content_length is not None and request.content_length > request.max_content_length:
        raise too_large(limit_bytes)
    if request.mimetype != "multipart/form-data":
        raise ApiError(415, "The file must come in a form, as multipart/form-data with a field 'file'.")
    files = request.files.getlist("file")
    if len(files) != 1 or len(request.files) != 1:
        raise ApiError(400, "The form must have one file, in the field 'file'.")
    return cast(BinaryIO, files[0].stream), request.form.get("title") or files[0].filename or ""
