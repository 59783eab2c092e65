"""The errors that a person may see. Each is a message (`core.messages`): what was wrong, what is accepted, what to do."""

from __future__ import annotations

from typing import Any

from core.messages import Message


class BelcantoError(Exception):
    """Base of every error that is meant for a person; `exit_code` is what the command line returns for it.

    Made of a code and its values, or of a message that is there already. `str()` is the sentence in English.
    """

    exit_code = 1

    def __init__(self, code: str | Message, /, **values: object) -> None:
        super().__init__(code)
        self.message = code if isinstance(code, Message) else Message(code, values)

    def __str__(self) -> str:
        """The sentence for terminal and log."""
        return str(self.message)

    def as_json(self) -> dict[str, Any]:
        """What a command that answers in JSON says of it: the sentence, and code and values for programs."""
        return {"error": str(self), **self.message.as_json()}


class InputError(BelcantoError):
    """A file or a setting given by the user can't be used. Trying again with the same input does not help."""

    exit_code = 2


class KindError(InputError):
    """A file is of a kind that is not accepted, whatever its name says."""


class MissingError(BelcantoError):
    """A weight file or an optional dependency is missing; the message says which command brings it."""

    exit_code = 3


class Cancelled(BelcantoError):
    """The user stopped the work. Raised from inside a progress callback, so that every stage can clean up after itself."""

    exit_code = 130
