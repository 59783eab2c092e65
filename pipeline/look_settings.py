"""What the drawing of a finished film can be told: its part, and the options of the filters that need nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from core.errors import InputError
from core.option_kinds import Choice
from core.options import Declared, check_options, declared_options, options_json, read_options
from pipeline.filter_list import FILTERS
from pipeline.part_options import part_begins, part_lasts

Own = TypeVar("Own")
#: Options of the filters that work alone.
FILTER_OPTIONS: tuple[type, ...] = tuple(card.options for card in FILTERS if card.alone is not None)


@dataclass(frozen=True)
class LookFilmSettings:
    """How a finished film is drawn again. Raises `InputError` where a value is out of range."""

    start_s: float = part_begins("where the part of the film begins, in seconds")
    duration_s: float | None = part_lasts("seconds of the film that are taken; without it up to the film's end")
    #: what filters are told, objects of `FILTER_OPTIONS`; those that lack have their defaults.
    filter_options: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def device(self) -> str:
        """See `OwnOptions`: nothing of it runs on a graphics card."""
        return "cpu"

    def own(self, options: type[Own]) -> Own:
        """The options of one filter: those that were given, or their defaults."""
        return next((each for each in self.filter_options if isinstance(each, options)), None) or options()

    def as_json(self) -> dict[str, Any]:
        """All options by their names in JSON."""
        found = options_json(self)
        for options in FILTER_OPTIONS:
            found |= options_json(self.own(options))
        return found

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> LookFilmSettings:
        """From JSON values or a form's texts; what lacks gets its default. Raises `InputError`, also for unknown names."""
        if unknown := sorted(set(given) - {each.name for each in look_options()}):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        filters = tuple(options(**read_options(options, given)) for options in FILTER_OPTIONS)
        return cls(**read_options(cls, given), filter_options=filters)


def look_titles() -> dict[str, str]:
    """What a look can be, the film as it is first, and what pages call each, marked by `N_`."""
    look = next(each for each in look_options() if each.name == "look")
    assert isinstance(look.option.kind, Choice)
    return dict(look.option.kind.titles)


def look_options() -> list[Declared]:
    """Every option: of the filters, then its own."""
    own = [each for options in FILTER_OPTIONS for each in declared_options(options)]
    return [*own, *declared_options(LookFilmSettings)]
