"""The kinds of options that only dubbing has: the engine of lips, and the faces that get other lips."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import InputError
from core.option_kinds import Choice
from core.options import N_, Declared
from pipeline.film_option_kinds import EngineName
from pipeline.lips_list import AUTO, LIPS

ALL = "all"
#: No film has more people who are worth other lips.
MOST_FACES = 99


class LipsName(EngineName):
    """A lip engine's name, or `auto`: whatever the list of them holds."""

    def _now(self) -> Choice:
        titles = {AUTO: N_("The one that suits this machine")} | {card.name: card.title for card in LIPS}
        return Choice(tuple(titles), titles)


class FaceNumbers:
    """`all`, or numbers of faces: `1`, `2,3`. Kept as such a text, with each number once, rising."""

    #: what pages say of values that are words.
    titles: Mapping[str, str] = {ALL: N_("everybody")}

    def read(self, option: Declared, given: Any) -> str:
        """See `OptionKind`: a text, or a whole number."""
        text = str(given).strip().lower() if isinstance(given, str | int) and not isinstance(given, bool) else ""
        if text == ALL:
            return ALL
        words = [word.strip() for word in text.split(",")]
        if not all(word.isascii() and word.isdecimal() and 1 <= int(word) <= MOST_FACES for word in words):
            raise InputError("pipeline.option_no_faces", **option.named())
        return ",".join(str(number) for number in sorted({int(word) for word in words}))

    def argument(self, option: Declared, text: str) -> str:
        """See `OptionKind`."""
        return self.read(option, text)

    def check(self, option: Declared, value: Any) -> str:
        """See `OptionKind`."""
        return self.read(option, value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`."""
        return value

    def schema(self) -> dict[str, Any]:
        """See `OptionKind`."""
        return {"type": "string", "pattern": r"^(all|[1-9][0-9]?( *, *[1-9][0-9]?)*)$"}

    def accepted(self) -> str:
        """See `OptionKind`."""
        return "1, 2,3, all"


def face_numbers(faces: str) -> tuple[int, ...]:
    """The numbers that are named; none for `all`."""
    return () if faces == ALL else tuple(int(word) for word in faces.split(","))
