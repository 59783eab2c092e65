"""An option is declared once, as a field of a frozen dataclass with `option(...)`, and everything else is made of that.

The command line's arguments (`pipeline/cli/options.py`), the wizard's form (`app/option_fields.py`), the API's JSON Schema and
documentation (`app/api/schemas.py`), the guide's table, the reading and checking of what somebody gives (`read_options`), and the
stored form (`options_json`) all come from the declaration. What values an option takes, its kind tells (`core/option_kinds.py`).

Labels, hints and the names of choices are English here, marked by `N_`, and said in the visitor's language by the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

#: Who is offered an option: everybody, or the command line alone.
EVERYWHERE, TERMINAL_ONLY = "everywhere", "terminal"
_KEY = "option"


def N_(text: str) -> str:  # gettext's own name for it, by which catalogues are filled
    """Marks a text that pages say in the visitor's language; returns it as it is."""
    return text


class OptionKind(Protocol):
    """What values an option takes, and how each door writes them."""

    def read(self, option: Declared, given: Any) -> Any:
        """The value out of JSON or of a form's text. Raises `InputError`."""
        ...

    def argument(self, option: Declared, text: str) -> Any:
        """The value out of a command line's word. Raises `InputError`."""
        ...

    def check(self, option: Declared, value: Any) -> Any:
        """The value of the field as it is kept, where a program gives it. Raises `InputError`."""
        ...

    def json(self, value: Any) -> Any:
        """The value as JSON has it; `read` takes it back."""
        ...

    def schema(self) -> dict[str, Any]:
        """JSON Schema of the values, None left out."""
        ...

    def accepted(self) -> str:
        """The accepted values in few signs, for tables: `10 to 60`, `auto, mesh`; empty where that is not a matter of a range."""
        ...


@dataclass(frozen=True)
class Option:
    """What is declared of an option.

    kind: what values it takes; None is one of them where the default is None. meaning: one clause about what it does, for help
    and documentation. label: its short name in forms; empty where forms have their own way with it. hint: a sentence below the
    form's field. called: its name in JSON where the field's is another. flag: its name on the command line where that is another
    than the name's. metavar: what help writes for its value. doors: `EVERYWHERE` or `TERMINAL_ONLY`. in_form: whether the order's
    form has a field for it; others are chosen beside song and picture. section: the part of the form in which it stands.
    suggested: values that a form offers in a list. empty: what forms say for None. guide: what the guide
    says, where that is more than the hint. rare: whether a film's page tells it only
    where it was changed.
    """

    kind: OptionKind
    meaning: str
    label: str = ""
    hint: str = ""
    called: str = ""
    flag: str = ""
    metavar: str | None = None
    doors: str = EVERYWHERE
    in_form: bool = True
    section: str = ""
    suggested: tuple[Any, ...] = ()
    empty: str = ""
    guide: str = ""
    rare: bool = False


@dataclass(frozen=True)
class Declared:
    """An option in its place: the field's name, the name in JSON, the flag without its dashes, the default."""

    field: str
    name: str
    flag: str
    default: Any
    option: Option

    def named(self) -> dict[str, str]:
        """What an error about it is told with: who it is at the command line, and at the other doors."""
        return {"flag": self.flag, "name": self.name}

    @property
    def nullable(self) -> bool:
        """Whether None is a value."""
        return self.default is None

    @property
    def on_pages(self) -> bool:
        """Whether it is offered beyond the command line."""
        return self.option.doors == EVERYWHERE

    def read(self, given: Any) -> Any:
        """The value out of JSON or a form's text; nothing gives the default. Raises `InputError`."""
        return self.default if given is None or given == "" else self.option.kind.read(self, given)

    def check(self, value: Any) -> Any:
        """The value as it is kept. Raises `InputError`."""
        return value if value is None and self.nullable else self.option.kind.check(self, value)

    def json(self, value: Any) -> Any:
        """The value as JSON has it."""
        return None if value is None else self.option.kind.json(value)

    def schema(self) -> dict[str, Any]:
        """JSON Schema with the meaning."""
        schema = self.option.kind.schema()
        if self.nullable:
            plain = isinstance(schema.get("type"), str) and "enum" not in schema
            schema = {**schema, "type": [schema["type"], "null"]} if plain else {"anyOf": [schema, {"type": "null"}]}
        return {**schema, "description": self.option.meaning}


def option(default: Any, kind: OptionKind, meaning: str, **declared: Any) -> Any:
    """A dataclass field with its option; `declared` as the other fields of `Option`."""
    return field(default=default, metadata={_KEY: Option(kind, meaning, **declared)})


_declared: dict[type, tuple[Declared, ...]] = {}


def declared_options(settings: type) -> tuple[Declared, ...]:
    """The options of a settings class in the order of their declaration."""
    if settings not in _declared:
        _declared[settings] = tuple(_options_of(settings))
    return _declared[settings]


def _options_of(settings: Any) -> Iterator[Declared]:
    """What `declared_options` keeps."""
    for each in fields(settings):
        if _KEY not in each.metadata:
            continue
        told: Option = each.metadata[_KEY]
        name = told.called or each.name
        yield Declared(each.name, name, told.flag or name.replace("_", "-"), each.default, told)


def option_of(settings: type, name: str) -> Declared:
    """The option of that name in JSON. Raises KeyError."""
    return {each.name: each for each in declared_options(settings)}[name]


def check_options(settings: Any) -> None:
    """Check, and bring into the kept form, every option of a frozen settings object; for its `__post_init__`.

    Raises `InputError`.
    """
    for each in declared_options(type(settings)):
        object.__setattr__(settings, each.field, each.check(getattr(settings, each.field)))


def read_options(settings: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """Values by field of those options of `settings` that are given, by their names in JSON. Raises `InputError`."""
    return {each.field: each.read(given[each.name]) for each in declared_options(settings) if each.name in given}


def options_json(settings: Any) -> dict[str, Any]:
    """All options of a settings object by their names in JSON."""
    return {each.name: each.json(getattr(settings, each.field)) for each in declared_options(type(settings))}
