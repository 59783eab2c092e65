"""The bodies of requests: JSON to orders, checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, fields, replace
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from aiohttp import web

from core.entry_seal import EntrySeal
from core.errors import InputError
from live.avatar import AvatarOrder, MindOrder

Order = TypeVar("Order", AvatarOrder, MindOrder)


async def json_body(request: web.Request) -> dict[str, Any]:
    """The body, which must be an object. Raises InputError."""
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError as error:
        raise InputError("live.service.no_json") from error
    if not isinstance(body, dict):
        raise InputError("live.service.no_json")
    return body


def text_of(body: Mapping[str, Any], name: str, most: int) -> str:
    """A text of the body. Raises InputError where it is none, empty or too long."""
    text = body.get(name)
    if not isinstance(text, str) or not text.strip():
        raise InputError("live.service.text_missing", field=name)
    if len(text) > most:
        raise InputError("live.service.text_too_long", field=name, count=len(text), most=most)
    return text


def number_of(body: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    """A number of the body. Raises InputError where it is none, or out of range."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InputError("live.service.number_out_of_range", field=name, least=least, most=most)
    return float(value)


def avatar_order(body: Mapping[str, Any]) -> AvatarOrder:
    """The order of a session. Raises InputError for a field that there is not, or a value that can't be used."""
    values = {name: value for name, value in body.items() if name != "owner"}
    given, seal = values.pop("portrait", None), values.pop("seal", None)
    if not isinstance(given, str) or not (portrait := Path(given)).is_absolute() or not portrait.is_file():
        raise InputError("live.service.no_portrait")
    order = made(AvatarOrder, {**as_either(values), "portrait": portrait, "mind": mind_order(values.get("mind", {}))})
    return replace(order, seal=EntrySeal.from_json(seal)) if seal else order


def mind_order(body: Any) -> MindOrder:
    """Who thinks. Raises InputError like `avatar_order`."""
    if not isinstance(body, dict):
        raise InputError("live.service.value_unusable", field="mind")
    return made(MindOrder, body)


def as_either(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """The values, in which a persona of one's own is in the place of ours."""
    return {"persona": "", **values} if values.get("persona_own") else values


def made(kind: type[Order], values: Mapping[str, Any]) -> Order:
    """The order of these values. Raises InputError for a field that it has not, or a value of another kind."""
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]
    for name in values:
        if name not in names:
            raise InputError("live.service.no_such_field", field=name, list=names)
        if not fits(values[name], hints[name]):
            raise InputError("live.service.value_unusable", field=name)
    for field in fields(kind):
        if field.name not in values and field.default is MISSING and field.default_factory is MISSING:
            raise InputError("live.service.text_missing", field=field.name)
    return kind(**values)


def fits(value: Any, hint: Any) -> bool:
    """Whether a value is of a field's type."""
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if get_origin(hint) is not None:
        return isinstance(value, Mapping) and all(isinstance(part, str) for part in (*value, *value.values()))
    if hint is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and value == value
    return isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
