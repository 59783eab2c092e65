"""What motion transfer can be told: how a driving film is followed, and what films of songs can be told too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.driving import Strength
from core.errors import InputError
from core.option_kinds import Choice, Number, Text, Whole, YesNo
from core.options import N_, TERMINAL_ONLY, Declared, check_options, declared_options, option, options_json, read_options
from media.film_loop import LoopKind
from pipeline.film_settings import STRENGTH, SongToVideoSettings, all_options
from pipeline.part_options import LOOPS, part_begins, part_lasts

#: Of a song's film, what the driving film decides here, or the options of the same meaning below.
OF_SONGS = frozenset(
    {"lips", "fps", "expressiveness", "head_motion", "style", "intensity", "start_s", "duration_s", "preview", "motion"}
    | {"lyrics", "lyrics_style", "lyrics_track", "lyrics_language"}
)
LipsFrom = Literal["driving", "sound"]
DRIVING, NONE = "driving", "none"


class HeardSound(Choice):
    """What is heard: one of the choices, or on the command line a sound file, named by its path."""

    #: how a sentence calls the file.
    file_words = "sound"

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`."""
        return text if text in self.choices else Path(text)

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        return value if isinstance(value, Path) else super().check(option, value)

    def json(self, value: Any) -> Any:
        """See `OptionKind`; a path is told apart, so that `read` knows it again."""
        return {"file": str(value)} if isinstance(value, Path) else value

    def read(self, option: Declared, given: Any) -> Any:
        """See `OptionKind`."""
        return Path(given["file"]) if isinstance(given, dict) and set(given) == {"file"} else super().read(option, given)


def _strength(part: str, label: str, meaning: str) -> Any:
    """How strongly one part of the face follows."""
    return option(
        1.0,
        STRENGTH,
        f"strength of {meaning} that the driver moves; 0 holds them still",
        flag=f"strength-{part}",
        label=label,
        hint=N_("1 is as the driver does it, 0 not at all."),
        metavar="X",
    )


@dataclass(frozen=True)
class FollowSettings:
    """Whose face in a driving film is followed, in which part of it, and how. Raises `InputError`."""

    driving_face: int | None = option(
        None,
        Whole(1, 99),
        "whose face in the driving film is followed, by the faces' numbers in its part, 1 being seen most; without it that one",
        label=N_("Whose face moves it"),
        metavar="N",
        in_form=False,
    )
    start_s: float = part_begins("where the part of the driving film begins, in seconds")
    duration_s: float | None = part_lasts("seconds of the driving film that are taken; without it up to its end")
    fps: float | None = option(
        None,
        Number(10.0, 60.0),
        "frames per second; without it those of the driving film",
        label=N_("Frames per second"),
        hint=N_("Left empty, those of the film that moves the face."),
        empty=N_("As the film that moves the face"),
        suggested=(24, 25, 30, 50, 60),
    )
    absolute: bool = option(
        False,
        YesNo(),
        "take the driver's own expression and pose as they are; without it the portrait keeps its look, and the driver's changes"
        " are added to it",
        label=N_("The driver's own expression"),
        hint=N_("Without it the picture keeps its own look, and only what changes in the film is added."),
    )
    strength_head: float = _strength("head", N_("Head"), "the head's turns and shifts")
    strength_eyes: float = _strength("eyes", N_("Eyes"), "blinks and gaze")
    strength_brows: float = _strength("brows", N_("Brows"), "brows")
    strength_lips: float = _strength("lips", N_("Mouth"), "mouth, jaw and cheeks")

    def __post_init__(self) -> None:
        check_options(self)

    @property
    def strength(self) -> Strength:
        """Of each part."""
        return Strength(self.strength_head, self.strength_eyes, self.strength_brows, self.strength_lips)


@dataclass(frozen=True)
class TransferSettings(FollowSettings):
    """How a film moves a portrait. Raises `InputError` where a value is out of range, or options don't go together."""

    sound: str | Path = option(
        DRIVING,
        HeardSound((DRIVING, NONE), {DRIVING: N_("The film's own sound"), NONE: N_("No sound")}),
        "what is heard: the driving film's own sound, none, or on the command line a sound file, which may be a film with sound",
        label=N_("What is heard"),
        hint=N_("Where a sound is chosen beside the film, that is heard."),
        metavar="driving|none|FILE",
    )
    lips: LipsFrom = option(
        "driving",
        Choice(get_args(LipsFrom), {"driving": N_("The film"), "sound": N_("The sound")}),
        "what moves the lips: the driving film, or the sound that is heard; the film moves the rest",
        label=N_("What moves the lips"),
        hint=N_("With the sound, the picture sings or says what is heard, and the film moves the rest of the face."),
    )
    sound_start_s: float = part_begins("where the part of a sound file begins that is heard, in seconds", "sound-start")
    sound_duration_s: float | None = part_lasts(
        "seconds of a sound file that are heard; without it up to its end", "sound-duration"
    )
    loop: LoopKind | None = option(
        None,
        LOOPS,
        "what is done where a sound file is longer than the driving film: the sound ends with it, the film runs back and forth,"
        " or its last picture stands; without it the film runs back and forth where the sound moves the lips, else it is cut",
        label=N_("Where the sound is longer"),
        hint=N_("Where the sound is shorter, the film ends with it."),
        empty=N_("As it suits"),
    )
    title: str | None = option(
        None, Text(), "title in the film's metadata; without it the driving film's file name", doors=TERMINAL_ONLY
    )
    #: the rest, as for the film of a song.
    film: SongToVideoSettings = field(default_factory=SongToVideoSettings)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.lips == "sound" and self.sound == NONE:
            raise InputError("pipeline.lips_without_sound")
        if self.lips == "driving" and self.film.lips_engine is not None:
            raise InputError("pipeline.lips_engine_without_sound")
        if self.lips == "driving" and self.film.is_learned:
            raise InputError("pipeline.performance_without_sound")
        object.__setattr__(self, "film", replace(self.film, title=self.title))
        film = {each.name: each for each in declared_options(SongToVideoSettings)}
        if any(getattr(self.film, film[name].field) != film[name].default for name in OF_SONGS - {"fps"}):
            raise ValueError(f"A film that is moved by a film has no {', '.join(sorted(OF_SONGS))}.")

    @property
    def names_part_of_sound(self) -> bool:
        """Whether it is said which part of a sound file is taken."""
        return self.sound_start_s > 0 or self.sound_duration_s is not None

    @property
    def loop_kind(self) -> LoopKind:
        """What is done where the sound is longer than the driving film."""
        return self.loop or ("bounce" if self.lips == "sound" else "cut")

    @property
    def sound_file(self) -> Path | None:
        """The sound of its own that the film gets."""
        return self.sound if isinstance(self.sound, Path) else None

    def files(self) -> Iterator[tuple[Path, str]]:
        """The files that options name, each with what a sentence calls it."""
        if self.sound_file is not None:
            yield self.sound_file, HeardSound.file_words
        yield from self.film.files()

    def as_json(self, pages: bool = False) -> dict[str, Any]:
        """All options by their names in JSON; pages: without what pages don't offer."""
        values = self.film.as_json() | options_json(self)
        return {each.name: values[each.name] for each in transfer_options() if each.on_pages or not pages}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], pages: bool = False) -> TransferSettings:
        """From JSON values or a form's texts; what lacks or is empty gets its default. pages: takes only what pages offer.

        Raises `InputError`, also for unknown names.
        """
        known = {each.name for each in transfer_options() if each.on_pages or not pages}
        if unknown := sorted(set(given) - known):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        own = {each.name for each in declared_options(cls)}
        film = SongToVideoSettings.from_json({name: value for name, value in given.items() if name not in own})
        return cls(**read_options(cls, given), film=film)


def transfer_options() -> list[Declared]:
    """Every option of a film that is moved by a film: its own, then those that it shares with the film of a song."""
    own = declared_options(TransferSettings)
    left_out = OF_SONGS | {each.name for each in own}
    return [*own, *(each for each in all_options() if each.name not in left_out)]
