"""What dubbing can be told: every option declared once, and checked once at the border."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from core.errors import InputError
from core.option_kinds import Choice, Number, Text, Whole, YesNo
from core.options import N_, TERMINAL_ONLY, Declared, check_options, declared_options, option, options_json, read_options
from lipsync.card import FOLLOW, Expression
from media.film_loop import LoopKind
from neural.device import CardChoice
from pipeline.dub_option_kinds import FaceNumbers, LipsName
from pipeline.film_settings import MAX_SEED, STRENGTH
from pipeline.filter_list import FILTERS
from pipeline.lips_list import AUTO, LIPS, lips_named
from pipeline.part_options import LOOPS, part_begins, part_lasts

Own = TypeVar("Own")
#: Options of filters that a dubbed film has too.
FILTER_OPTIONS: tuple[type, ...] = tuple(card.options for card in FILTERS if card.alone is not None or card.on_face is not None)


@dataclass(frozen=True)
class DubSettings:
    """How a film gets other lips. Raises `InputError` where a value is out of range, or options don't go together."""

    engine: str = option(
        AUTO,
        LipsName(),
        "what draws the lips; auto takes the film's own pixels (mesh), or on a graphics card a network whose weights are here",
        label=N_("Engine"),
        hint=N_("What draws the lips."),
        guide=N_(
            "What draws the lips. Taken by itself is the one that suits this machine: mesh re-poses the film's own pixels and "
            "runs everywhere; networks paint the mouth anew, and are made for a graphics card."
        ),
    )
    face: str | None = option(
        None,
        FaceNumbers(),
        "whose lips are changed, by the faces' numbers in the part of the film, 1 being seen most, or all; without it the face"
        " that is seen most while the sound lasts",
        label=N_("Faces"),
        hint=N_("1 is the face that is seen most; 2,3 names several, all takes everybody. Left empty, the one seen most."),
        metavar="N|all",
    )
    loop: LoopKind = option(
        "cut",
        LOOPS,
        "what is done where the sound is longer than the film: it ends, the film runs back and forth, or its last picture stands",
        label=N_("Where the sound is longer"),
        hint=N_("Where the sound is shorter, the film ends with it, unless the film's own music is kept."),
    )
    keep_background: float = option(
        0.0,
        Number(0.0, 1.0, step=0.1),
        "how loud the film's own music and noise, its voices taken out, stay under the new sound; above 0 the film goes on to its"
        " end where the sound is shorter",
        label=N_("Keep the film's own music"),
        hint=N_("0 takes it away, 1 leaves it as loud as it was; the voices are taken out of it."),
        metavar="SHARE",
    )
    expressiveness: float = option(
        1.0,
        STRENGTH,
        "strength of the lips' motion",
        label=N_("Expressiveness"),
        hint=N_("1 is natural; less is calmer, more is livelier."),
        metavar="X",
    )
    expression: Expression = option(
        "keep",
        Choice(
            get_args(Expression),
            {"keep": N_("As in the film"), "follow": N_("A little with the new sound")},
        ),
        "brows, lids and gaze: as in the film, or a little with the new sound too (by an engine that can)",
        label=N_("Brows and eyes"),
        hint=N_("The film's own blinks stay either way."),
    )
    seed: int = option(
        0,
        Whole(0, MAX_SEED),
        "start of every random choice: another number, another performance",
        label=N_("Take"),
        hint=N_("Another number gives another performance; the same number gives the same one."),
    )
    start_s: float = part_begins(
        "where the part of the film begins, in seconds; the sound is heard from its own beginning, or from --sound-start on"
    )
    duration_s: float | None = part_lasts("seconds of the film that are taken; without it up to the film's end")
    sound_start_s: float = part_begins(
        "where the part of the sound begins that is heard from the film's first picture on, in seconds", "sound-start"
    )
    sound_duration_s: float | None = part_lasts(
        "seconds of the sound that are taken; without it up to the sound's end", "sound-duration"
    )
    fill: bool = option(
        False,
        YesNo(),
        "make missing pictures, frozen or black while the sound goes on, from the last good one before them",
        label=N_("Make missing pictures"),
        hint=N_("For calls that froze or went black while the sound went on: the last good picture goes on speaking."),
    )
    device: CardChoice = option(
        "auto",
        Choice(get_args(CardChoice)),
        "where networks on torch run; auto takes a graphics card where there is one",
        doors=TERMINAL_ONLY,
    )
    title: str | None = option(None, Text(), "title in the film's metadata; without it the film's file name", doors=TERMINAL_ONLY)
    #: what only the named engine can be told, an object of its card's `options`; None: its defaults.
    engine_options: Any = None
    #: what filters are told, objects of `FILTER_OPTIONS`; those that lack have their defaults.
    filter_options: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        check_options(self)
        changed = tuple(each for each in self.filter_options if each != type(each)())
        object.__setattr__(self, "filter_options", changed)
        if self.expression == FOLLOW and self.engine != AUTO and not lips_named(self.engine).moves_expression:
            able = [card.name for card in LIPS if card.moves_expression]
            raise InputError("pipeline.engine_keeps_expression", engine=self.engine, list=able)
        if self.engine_options is None:
            return
        own = next(card for card in LIPS if isinstance(self.engine_options, card.options))
        if self.engine_options == own.options():
            object.__setattr__(self, "engine_options", None)
        elif self.engine != own.name:
            flags = [f"--{each.flag}" for each in declared_options(own.options)]
            raise InputError("pipeline.options_of_engine", options=flags, engine=own.name)

    @property
    def names_part_of_sound(self) -> bool:
        """Whether it is said which part of the sound is taken."""
        return self.sound_start_s > 0 or self.sound_duration_s is not None

    def own(self, options: type[Own]) -> Own:
        """The options of one engine or filter: those that were given, or their defaults."""
        given = (self.engine_options, *self.filter_options)
        return next((each for each in given if isinstance(each, options)), None) or options()

    def files(self) -> Iterator[tuple[Path, str]]:
        """The files that options name, each with what a sentence calls it."""
        for settings in (self.engine_options, *self.filter_options):
            for each in declared_options(type(settings)) if settings is not None else ():
                value = getattr(settings, each.field)
                if isinstance(value, Path):
                    yield value, getattr(each.option.kind, "file_words", "file")

    def as_json(self, pages: bool = False) -> dict[str, Any]:
        """All options by their names in JSON, the filters' and engines' too; pages: without what pages don't offer."""
        found = options_json(self)
        for options in option_owners():
            found |= options_json(self.own(options))
        return {each.name: found[each.name] for each in dub_options() if each.on_pages or not pages}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], pages: bool = False) -> DubSettings:
        """From JSON values or a form's texts; what lacks or is empty gets its default. pages: takes only what pages offer.

        Raises `InputError`, also for unknown names.
        """
        known = {each.name for each in dub_options() if each.on_pages or not pages}
        if unknown := sorted(set(given) - known):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        return cls.of(read_options(cls, given), lambda options: read_options(options, given))

    @classmethod
    def of(cls, own: Mapping[str, Any], values_of: Any) -> DubSettings:
        """From its own values by field, and from what gives those of an engine's or a filter's options. Raises `InputError`."""
        made = [options for options in (card.options(**values_of(card.options)) for card in LIPS) if options != type(options)()]
        if len(made) > 1:
            raise InputError("pipeline.options_of_two_engines")
        filters = tuple(options(**values_of(options)) for options in FILTER_OPTIONS)
        return cls(**own, engine_options=made[0] if made else None, filter_options=filters)


def option_owners() -> list[type]:
    """The classes of options of the filters and of the engines."""
    return [*FILTER_OPTIONS, *(card.options for card in LIPS)]


def dub_options() -> list[Declared]:
    """Every option of a dubbed film: its own, the filters', then those of one engine alone."""
    return [*declared_options(DubSettings), *(each for options in option_owners() for each in declared_options(options))]


def engine_of_option(name: str) -> str:
    """The engine that alone has this option; empty for one of all."""
    return next((card.name for card in LIPS if name in {each.name for each in declared_options(card.options)}), "")
