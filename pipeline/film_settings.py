"""What a film can be told: every option declared once, and checked once at the border."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, get_args

from core.errors import InputError
from core.option_kinds import Choice, FilePath, FolderPath, Number, Text, Whole, YesNo
from core.options import N_, TERMINAL_ONLY, Declared, check_options, declared_options, option, options_json, read_options
from lipsync.card import ExpressionKept
from motion.intensity import Points, StyleChoice
from motion.singing.settings import Lips as LipsChoice
from neural.device import CardChoice
from pipeline.dub_option_kinds import LipsName
from pipeline.engine_list import AUTO, ENGINES, engine_named, for_drawings
from pipeline.film_option_kinds import EngineName, FaceFrame, Frame, KeyPoints
from pipeline.filter_list import FILTERS
from pipeline.lips_list import LIPS, check_options_of_lips
from pipeline.lyrics.settings import ShownLyrics
from pipeline.part_options import part_begins, part_lasts
from pipeline.performance_settings import Performed

Own = TypeVar("Own")
MAX_SEED = 2**31 - 1
STRENGTH = Number(0.0, 2.0, step=0.1)
#: Height of the film where none is asked for and the picture is higher.
DEFAULT_MAX_HEIGHT = 1080
VIDEO_SUFFIX = ".mp4"
PREVIEW_S, PREVIEW_HEIGHT = 3.0, 256  # of what is shown of a film before it is ordered


@dataclass(frozen=True)
class SongToVideoSettings(Performed, ShownLyrics, ExpressionKept):
    """How a film is made. Raises `InputError` where a value is out of range, or options don't go together."""

    engine: str = option(
        AUTO,
        EngineName(),
        "what moves the portrait: mesh takes the picture for a photo or painting, anime for a drawing; auto looks which it is",
        label=N_("Engine"),
        hint=N_("What moves the picture."),
        guide=N_(
            "What moves the picture. The one that suits it is taken by itself: mesh for photos and paintings, "
            "anime for drawn characters. SadTalker learned from films of people, and is made for a graphics card."
        ),
    )
    lips: LipsChoice = option(
        "learned",
        Choice(get_args(LipsChoice), {"learned": N_("Learned from people"), "features": N_("From the sound alone")}),
        "what moves the lips: a network that learned it from people, or features of the sound alone",
        label=N_("Lips"),
        hint=N_("What moves the lips."),
        guide=N_(
            "How the lips find their shapes: as a network learned it from people who speak, or from loudness and "
            "sound alone, which needs no model file of its own."
        ),
    )
    lips_engine: str | None = option(
        None,
        LipsName(),
        "another engine that draws the lips over the frames; without it the engine draws its own",
        doors=TERMINAL_ONLY,
    )
    height: int | None = option(
        None,
        Whole(64, 2160, "px"),
        "height of the film in pixels; without it the picture's own, at most 1080",
        label=N_("Height of the film"),
        hint=N_("A smaller film is made faster."),
        metavar="PX",
        suggested=(360, 512, 720, 1080, 1440, 2160),
        empty=N_("The picture's own, at most 1080 px"),
        guide=N_("The height of the film in pixels. Half the height is made about four times as fast."),
    )
    expressiveness: float = option(
        1.0,
        STRENGTH,
        "strength of the face's motion",
        label=N_("Expressiveness"),
        hint=N_("1 is natural; less is calmer, more is livelier."),
        metavar="X",
    )
    head_motion: float = option(
        1.0,
        STRENGTH,
        "strength of the head's motion; 0 holds it still",
        label=N_("Head motion"),
        hint=N_("1 is natural; 0 holds the head still."),
        metavar="X",
    )
    fps: float = option(
        25.0,
        Number(10.0, 60.0),
        "frames per second",
        label=N_("Frames per second"),
        hint=N_("25 is right for most films."),
        suggested=(24, 25, 30, 50, 60),
        guide=N_("25 is right for most films; more looks smoother and takes longer."),
    )
    seed: int = option(
        0,
        Whole(0, MAX_SEED),
        "start of every random choice: another number, another performance",
        label=N_("Take"),
        hint=N_("Another number gives another performance; the same number gives the same one."),
        guide=N_("Another number gives another performance of the same song, like another take in a studio."),
    )
    style: StyleChoice = option(
        "auto",
        Choice(
            get_args(StyleChoice),
            {
                "auto": N_("As the song feels"),
                "neutral": N_("Neutral"),
                "happy": N_("Happy"),
                "sad": N_("Sad"),
                "angry": N_("Angry"),
                "surprised": N_("Surprised"),
            },
        ),
        "what the face feels; auto: as the song does",
        label=N_("What the face feels"),
        hint=N_("It shows in brows, eyes and cheeks; the lips go on singing."),
        section="emotion",
        guide=N_("What the face feels: as the song does, which may change from section to section, or one emotion throughout."),
    )
    intensity_points: Points = option(
        (),
        KeyPoints(),
        "how strongly it feels, 0 to 1, over the film's time: key points with straight lines between; none: as the song asks",
        called="intensity",
        label=N_("How strongly, over time"),
        hint=N_(
            "Key points as seconds:strength from 0 (calm) to 1 (all that the voice has), for example 0:0.3, 12.5:0.9. Left empty,"
            " as the song asks."
        ),
        metavar="T:I,...",
        section="emotion",
        guide=N_(
            "How strongly it feels. The song's own curve is shown on request before the film, and on the film's "
            "page afterwards; key points of your own take its place, with straight lines between them."
        ),
    )
    start_s: float = part_begins("where in the song the film begins, in seconds; sound and motion alike")
    duration_s: float | None = part_lasts("seconds of the song that the film takes; without it up to the song's end")
    face: int | None = option(
        None,
        Whole(1, 99),
        "which face of the picture sings, counted from the left",
        metavar="N",
        in_form=False,
    )
    allow_animals: bool = option(
        False,
        YesNo(),
        "whether an animal's face may sing where no human one is found; it shows no teeth",
        label=N_("An animal may sing"),
        in_form=False,
        rare=True,
    )
    turn_back: bool = option(
        False,
        YesNo(),
        "whether the film lies as the picture does, where that was turned so that its face stands upright for the work",
        label=N_("Turned like the picture"),
        in_form=False,
        rare=True,
    )
    face_frame: Frame | None = option(
        None,
        FaceFrame(),
        "a drawn face, hairline to chin: left, top, right, bottom in pixels of the upright picture; for the engines auto and"
        " anime, and not together with a face's number",
        called="frame",
        label=N_("Frame of the face"),
        metavar="L,T,R,B",
        in_form=False,
        rare=True,
    )
    device: CardChoice = option(
        "auto",
        Choice(get_args(CardChoice)),
        "where networks on torch run; auto takes a graphics card where there is one",
        doors=TERMINAL_ONLY,
    )
    title: str | None = option(None, Text(), "title in the film's metadata; without it the song's file name", doors=TERMINAL_ONLY)
    motion_csv: Path | None = option(
        None,
        FilePath("motion file"),
        "a motion (Live Link Face's CSV, a MetaHuman's curves as CSV or JSON) in place of the one found in the song",
        called="motion",
        metavar="M.csv",
        doors=TERMINAL_ONLY,
    )
    preview: bool = option(
        False,
        YesNo(),
        "make three seconds of the film alone, those of the part in which most is sung, at most 256 px high whatever --height"
        " says; written beside --out, with -preview after its name",
        doors=TERMINAL_ONLY,
    )
    #: what only the named engine can be told, an object of its card's `options`; None: its defaults.
    engine_options: Any = None
    #: what filters and the engine of lips are told, objects of their cards' `options`; those that lack have their defaults.
    filter_options: tuple[Any, ...] = ()

    def __post_init__(self) -> None:
        check_options(self)
        self._check_engine()
        object.__setattr__(self, "filter_options", tuple(self._changed_filters()))
        check_options_of_lips(self, self.lips_engine)
        if self.motion_csv is not None and (self.style != "auto" or self.intensity_points):
            raise InputError("pipeline.motion_has_its_own_emotion")
        self.check_performance(self.motion_csv)

    def _check_engine(self) -> None:
        """Raises `InputError` where something is asked of an engine that another one does."""
        if self.engine_options is not None:
            own = next(engine for engine in ENGINES if isinstance(self.engine_options, engine.options))
            if self.engine_options == own.options():
                object.__setattr__(self, "engine_options", None)
            elif self.engine != own.name:
                flags = [f"--{each.flag}" for each in declared_options(own.options)]
                raise InputError("pipeline.options_of_engine", options=flags, engine=own.name)
        if self.face_frame is not None:
            if self.engine != AUTO and not engine_named(self.engine).drawn:
                raise InputError("pipeline.frame_is_for_drawings", engine=for_drawings().name)
            if self.face is not None:
                raise InputError("pipeline.face_named_twice")

    def _changed_filters(self) -> Iterator[Any]:
        """The options of filters and of engines of lips that are not their defaults, in the order of the lists."""
        for options in filter_options():
            own: object = self.own(options)
            if own != options():
                yield own

    def own(self, options: type[Own]) -> Own:
        """The options of one engine or filter: those that were given, or their defaults."""
        given = (self.engine_options, *self.filter_options)
        return next((each for each in given if isinstance(each, options)), None) or options()

    def files(self) -> Iterator[tuple[Path, str]]:
        """The files that options name, each with what a sentence calls it."""
        for settings in (self, *self.filter_options, self.engine_options):
            for each in declared_options(type(settings)) if settings is not None else ():
                value = getattr(settings, each.field)
                if isinstance(value, Path) and not isinstance(each.option.kind, FolderPath):
                    yield value, getattr(each.option.kind, "file_words", "file")

    def as_json(self, pages: bool = False) -> dict[str, Any]:
        """All options by their names in JSON, every filter's and engine's too; pages: without what pages don't offer."""
        found = options_json(self)
        for options in option_owners():
            found |= options_json(self.own(options))
        return {name: found[name] for each in all_options() if (name := each.name) and (each.on_pages or not pages)}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], pages: bool = False) -> SongToVideoSettings:
        """From JSON values or a form's texts; what lacks or is empty gets its default. pages: takes only what pages offer.

        Raises `InputError`, also for unknown names.
        """
        known = {each.name for each in all_options() if each.on_pages or not pages}
        unknown = sorted(set(given) - known)
        if unknown:
            raise InputError("core.no_such_option", name=unknown[0][:60])
        made: list[object] = []
        for engine in ENGINES:
            own = engine.options(**read_options(engine.options, given))
            made += [own] if own != engine.options() else []
        if len(made) > 1:
            raise InputError("pipeline.options_of_two_engines")
        filters = tuple(options(**read_options(options, given)) for options in filter_options())
        return cls(**read_options(cls, given), engine_options=made[0] if made else None, filter_options=filters)

    def changed(self, changes: Mapping[str, Any], pages: bool = True) -> SongToVideoSettings:
        """The same with some options set anew, by their names in JSON; None or an empty text sets the default."""
        kept = {name: value for name, value in self.as_json(pages).items() if name not in changes}
        return self.from_json({**kept, **changes}, pages)

    @property
    def is_excerpt(self) -> bool:
        """Whether the film takes only a part of the song."""
        return self.start_s > 0 or self.duration_s is not None


def value_of(settings: SongToVideoSettings, option: Declared) -> Any:
    """The value of an option, of the film's own, a filter's, or of one engine alone."""
    if option in declared_options(SongToVideoSettings):
        return getattr(settings, option.field)
    options = next(each for each in option_owners() if option in declared_options(each))
    return getattr(settings.own(options), option.field)


def filter_options() -> list[type]:
    """The classes of options of the filters, and of the engines of lips, whose frames pass them like filters."""
    return [*(card.options for card in FILTERS), *(card.options for card in LIPS)]


def option_owners() -> list[type]:
    """The classes of options of the filters and of the engines."""
    return [*filter_options(), *(engine.options for engine in ENGINES)]


def shared_options() -> list[Declared]:
    """The options of a film whatever its engine: its own, then those of the filters and of the engines of lips."""
    filters = [each for options in filter_options() for each in declared_options(options)]
    return [*declared_options(SongToVideoSettings), *filters]


def all_options() -> list[Declared]:
    """Every option of a film: the shared ones, then those of one engine alone."""
    return [*shared_options(), *(each for engine in ENGINES for each in declared_options(engine.options))]
