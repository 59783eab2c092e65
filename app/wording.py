"""Messages as the pages and the API say them: in the visitor's language, with its numbers. The one place that does so.

A message's template is its English wording for visitors (`core.messages`), and that is what the catalogue translates.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext

from app.numbers import decimal_symbol
from core.errors import BelcantoError
from core.messages import Message, filled, message_from_json

#: What is said of the operator's business: a command to be typed on the server, a folder, a setting.
FOR_THE_OPERATOR = "app.for_the_operator"


def in_words(message: Message) -> str:
    """The message in the visitor's language. One that this program does not know, of another version, as it came."""
    wording = message.wording
    if wording is None:
        return message.code
    template = wording.visitor
    if template is None:
        return in_words(Message(FOR_THE_OPERATOR))
    return filled(gettext(template), message.values, in_words, decimal_symbol())


def in_person_words(error: BelcantoError) -> str:
    """What an error says, in the visitor's language."""
    return in_words(error.message)


def kept_in_words(kept: Mapping[str, Any] | str | None) -> str:
    """What a row keeps, code and values or a sentence of an earlier program, in the visitor's language; empty for nothing."""
    return in_words(message_from_json(kept)) if kept else ""


def code_of(kept: Mapping[str, Any] | str | None) -> str | None:
    """The code of what a row keeps, for programs; None for nothing."""
    return message_from_json(kept).code if kept else None


def is_for_the_operator(error: BelcantoError) -> bool:
    """Whether visitors are told only in general words what is wrong, so that the log must have it."""
    wording = error.message.wording
    return wording is not None and wording.visitor is None
