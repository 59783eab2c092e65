"""What a person is told, as a code and its values: errors, notes and verdicts. Each door words them, in its own language.

A code is `package.name`, for example `media.picture_too_large`. Its sentence lies in the package's `wordings.toml`, in one of
three tables: `[everyone]`, or `[terminal]` and `[visitor]` where the pages need other words than the command line. What stands in
`[terminal]` alone is the operator's business; visitors are told so in general words. Values stand at `{name}` places, with
Python's format specs: `{length:.2f}`; commands of this program at those of `core.places.COMMANDS`: `{call_weights} fetch`.

The terminal and the log speak English (`str(message)`); the pages translate the same template (`app/wording.py`).
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from core.places import COMMANDS

ROOT = Path(__file__).resolve().parent.parent
WORDINGS = "wordings.toml"
#: The code of a text that stands where it is used, as an option's label does: its English template is among its values.
TRANSLATABLE = "core.translatable"
#: Words the messages that stand in a message.
Worder = Callable[["Message"], str]


@dataclass(frozen=True)
class Message:
    """A code with the values that its sentence needs: texts, numbers, further messages, and lists of these.

    Made of anything else, such as a path or a NumPy number, a value is kept as the plain one that JSON knows.
    """

    code: str
    values: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Makes the values plain."""
        object.__setattr__(self, "values", {name: plain(value) for name, value in self.values.items()})

    def __str__(self) -> str:
        """The sentence in English, as the terminal and the log read it."""
        wording = self.wording
        return self.code if wording is None else filled(wording.terminal, self.values, str)

    @property
    def wording(self) -> Wording | None:
        """The templates of its sentence; None where this program does not know its code."""
        if self.code == TRANSLATABLE and "template" in self.values:
            return Wording(self.values["template"], self.values["template"])
        return wording_of(self.code)

    def __hash__(self) -> int:
        """By the code: values may be lists."""
        return hash(self.code)

    def __bool__(self) -> bool:
        """Whether anything is said at all."""
        return bool(self.code)

    def with_texts(self, change: Callable[[str], str]) -> Message:
        """The same message with every text in it changed, for example a file's name into its title."""
        own = ("template",) if self.code == TRANSLATABLE else ()
        values = {name: value if name in own else changed(value, change) for name, value in self.values.items()}
        return Message(self.code, values)

    def as_json(self) -> dict[str, Any]:
        """Code and values for a file or a table; `message_from_json` reads them."""
        return {"code": self.code, "values": {name: as_json(value) for name, value in self.values.items()}}


#: Where nothing is to be said: an empty sentence, which counts as false.
NOTHING = Message("")


def message(code: str, /, **values: object) -> Message:
    """A message, its values by name."""
    return Message(code, values)


def translatable(template: str, /, **values: object) -> Message:
    """A text that stands where it is used, for what only one module says: its English template is what catalogues translate."""
    return Message(TRANSLATABLE, {"template": template, **values})


def number(value: float, digits: int) -> Message:
    """A number with so many digits after the language's decimal point."""
    return Message(TRANSLATABLE, {"template": f"{{value:.{digits}f}}", "value": float(value)})


def either(values: Sequence[object]) -> Message:
    """The values with an "or" before the last one, as a value of another message."""
    *others, last = values
    return message("core.either", others=others, last=last) if others else message("core.as_written", text=last)


def as_written(text: str) -> Message:
    """A sentence that says itself, in English everywhere: for benchmarks and training programs, which only a terminal reads."""
    return message("core.as_written", text=text)


def message_from_json(value: Mapping[str, Any] | str) -> Message:
    """The message that `as_json` wrote. A sentence, as earlier programs kept it, is worded as it stands."""
    if isinstance(value, str):
        return as_written(value)
    return Message(value["code"], {name: from_json(each) for name, each in value["values"].items()})


def plain(value: object) -> Any:
    """The value as text, number, truth, message, or a list of these."""
    if value is None or isinstance(value, str | bool | int | float | Message):
        return value
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    item = getattr(value, "item", None)  # NumPy's scalars
    return plain(item()) if callable(item) else str(value)


def changed(value: Any, change: Callable[[str], str]) -> Any:
    """See `Message.with_texts`."""
    if isinstance(value, list):
        return [changed(each, change) for each in value]
    if isinstance(value, Message):
        return value.with_texts(change)
    return change(value) if isinstance(value, str) else value


def as_json(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, list):
        return [as_json(each) for each in value]
    return value.as_json() if isinstance(value, Message) else value


def from_json(value: Any) -> Any:
    """The value that `as_json` wrote."""
    if isinstance(value, list):
        return [from_json(each) for each in value]
    return message_from_json(value) if isinstance(value, Mapping) else value


@dataclass(frozen=True)
class Wording:
    """The English templates of a code: for the terminal, and for visitors of the pages; None: it is the operator's business."""

    terminal: str
    visitor: str | None


def wording_of(code: str) -> Wording | None:
    """The templates of a code; None where there is no such code, as in a row that another program's version has kept."""
    package, _, name = code.rpartition(".")
    return wordings(package).get(name) if all(part.isidentifier() for part in package.split(".")) else None


@cache
def wordings(package: str) -> Mapping[str, Wording]:
    """All wordings of a package, by the codes' last parts; none where it has no such file."""
    path = ROOT.joinpath(*package.split("."), WORDINGS)
    if not path.is_file():
        return {}
    tables: dict[str, dict[str, str]] = tomllib.loads(path.read_text(encoding="utf-8"))
    everyone, terminal, visitor = (tables.get(name, {}) for name in ("everyone", "terminal", "visitor"))
    shared = {name: Wording(template, template) for name, template in everyone.items()}
    return shared | {name: Wording(template, visitor.get(name)) for name, template in terminal.items()}


class Filler(string.Formatter):
    """Fills a template's places; `point` is the decimal point of the language."""

    def __init__(self, word: Worder, point: str) -> None:
        self.word, self.point = word, point

    def get_value(self, key: int | str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """A value that lacks, as one that another version named otherwise, harms no sentence. Commands are filled in here."""
        return COMMANDS[str(key)]() if key in COMMANDS else kwargs.get(str(key), "…")

    def format_field(self, value: Any, format_spec: str) -> str:
        """A value in words: numbers with the language's point, lists with commas, messages worded."""
        if isinstance(value, Message):
            return self.word(value)
        if isinstance(value, list):
            return ", ".join(self.format_field(each, format_spec) for each in value)
        if isinstance(value, bool | int | float):
            text = format(value, format_spec)
            return text.replace(".", self.point) if isinstance(value, float) else text
        return str(value)


def filled(template: str, values: Mapping[str, Any], word: Worder, point: str = ".") -> str:
    """The template with its values; `word` says the messages among them."""
    return Filler(word, point).vformat(template, (), values)
