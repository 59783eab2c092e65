"""A key to somebody's server, kept so that it can't slip into a log, an error, a page or a file."""

from __future__ import annotations

import os
from typing import NoReturn

from core.errors import InputError

MOST_CHARACTERS = 512


class Secret:
    """A text that shows itself to nobody but who asks by `reveal`; empty: there is none."""

    __slots__ = ("_reveal",)

    def __init__(self, text: str = "") -> None:
        """Raises InputError where it can't be a key: blanks, line ends and letters beyond ASCII never stand in one."""
        text = text.strip()
        if len(text) > MOST_CHARACTERS or not all("!" <= character <= "~" for character in text):
            raise InputError("core.key_form", most=MOST_CHARACTERS)
        self._reveal = lambda: text

    def reveal(self) -> str:
        """The text itself, for the one header that needs it."""
        return self._reveal()

    def __bool__(self) -> bool:
        """Whether there is a key."""
        return bool(self._reveal())

    def __repr__(self) -> str:
        """Never the text."""
        return "Secret(...)" if self else "Secret()"

    def __reduce__(self) -> NoReturn:
        """A key is not stored."""
        raise TypeError("A key is neither stored nor sent to another process.")

    def headers(self) -> dict[str, str]:
        """The header that shows it to the server whose key it is; none where there is no key."""
        return {"Authorization": f"Bearer {self._reveal()}"} if self else {}

    def without(self, text: str) -> str:
        """`text` with the key taken out, wherever a server repeats it."""
        return text.replace(self._reveal(), "...") if self else text


def secret_of_environment(variable: str) -> Secret:
    """What the environment's variable holds; empty where it has none. Raises InputError for what can't be a key."""
    return Secret(os.environ.get(variable, ""))
