"""The options by which a part of a sound or a film is chosen, and what is done behind a film's end, each declared once."""

from __future__ import annotations

from typing import Any, get_args

from core.option_kinds import Choice, Number
from core.options import N_, option
from media.film_loop import LoopKind

#: Far above any limit of a length, in seconds.
MAX_S = 86_400.0
#: What is done where a sound is longer than its film.
LOOPS = Choice(
    get_args(LoopKind),
    {
        "cut": N_("The sound ends with the film"),
        "bounce": N_("The film runs back and forth"),
        "hold": N_("The film stands still"),
    },
)


def part_begins(meaning: str, flag: str = "start") -> Any:
    """The second at which a part begins, 0 at first."""
    return option(0.0, Number(0.0, MAX_S), meaning, flag=flag, metavar="S", in_form=False)


def part_lasts(meaning: str, flag: str = "duration") -> Any:
    """How many seconds a part lasts; None up to the end."""
    return option(None, Number(0.0, MAX_S, above=True), meaning, flag=flag, metavar="S", in_form=False)
