"""Reads settings from the environment's variables: words of a list, numbers. What is not accepted is told at the start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from core.errors import InputError
from core.messages import either

Choice = TypeVar("Choice", bound=str)
Number = TypeVar("Number", int, float)
#: Characters of a secret that signs, at least.
LEAST_SECRET = 32


def one_of(environment: Mapping[str, str], name: str, choices: tuple[Choice, ...], default: Choice) -> Choice:
    """The variable's value. Raises InputError where it is none of the choices."""
    value = environment.get(name) or default
    for choice in choices:
        if value == choice:
            return choice
    raise InputError("app.variable_not_among", name=name, value=value, choices=either(choices))


def number_from(environment: Mapping[str, str], name: str, default: Number) -> Number:
    """The variable's value, of the default's type. Raises InputError where it is no number above 0."""
    text = environment.get(name, "")
    if not text:
        return default
    kind = type(default)
    try:
        number = kind(float(text))
    except (ValueError, OverflowError):
        number = kind(0)
    if not 0 < number < float("inf"):
        raise InputError("app.variable_not_a_number", name=name, text=text)
    return number


def secret_from(environment: Mapping[str, str], name: str) -> str:
    """The variable's value; empty where it is not set. Raises InputError for one so short that it could be guessed."""
    secret = environment.get(name, "").strip()
    if secret and len(secret) < LEAST_SECRET:
        raise InputError("app.secret_too_short", name=name, least=LEAST_SECRET)
    return secret
