"""What a film's way into another language can be told, besides what dubbing can be told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.option_kinds import Choice, FilePath, Number, Text
from core.options import N_, TERMINAL_ONLY, Declared, check_options, declared_options, option, options_json, read_options
from core.server_address import server_address
from pipeline.dub_settings import DubSettings, dub_options
from pipeline.text_settings import SubtitlesChoice
from speech.voices import LANGUAGES, mixture

#: Languages by their short names, and those that voices speak.
SPOKEN_AS = {language.partition("-")[0]: language for language in reversed(LANGUAGES)}
LanguageChoice = Literal["en", "de", "es", "fr", "hi", "it", "ja", "pt", "zh"]
#: The one into which Whisper translates by itself.
ENGLISH = "en"
#: What a dubbed film can be told only where it gets a sound: here the script says who speaks, and the film stays as long.
OF_OTHER_FILMS = frozenset({"face", "loop", "keep_background", "sound_start_s", "sound_duration_s"})


@dataclass(frozen=True)
class TranslationSettings:
    """How a film's speech becomes another's. Raises `InputError` where a value is out of range or options don't go together."""

    translate: LanguageChoice = option(
        ENGLISH,
        Choice(
            get_args(LanguageChoice),
            {
                "en": N_("English"),
                "de": N_("German"),
                "es": N_("Spanish"),
                "fr": N_("French"),
                "hi": N_("Hindi"),
                "it": N_("Italian"),
                "ja": N_("Japanese"),
                "pt": N_("Portuguese"),
                "zh": N_("Chinese"),
            },
        ),
        "the language that is spoken in the end; English is translated here, others by the model that --translator names",
        label=N_("Language"),
        section="speech",
    )
    voice: str | None = option(
        None,
        Text(),
        "who speaks: a voice, or several by comma, for the faces in the order of their numbers; without it each face gets one"
        " that is as high as its own",
        label=N_("Voices"),
        hint=N_("One for all, or several by comma for the faces in their order; left empty, one as high as each face's own."),
        metavar="NAME[,NAME]",
        section="speech",
    )
    music: float = option(
        1.0,
        Number(0.0, 1.0, step=0.1),
        "how loud the film's own music and noise stay under the new voices",
        label=N_("The film's own music"),
        hint=N_("0 takes it away, 1 leaves it as loud as it was."),
        metavar="SHARE",
    )
    script: Path | None = option(
        None,
        FilePath("script"),
        "a table of what is said, as the command script writes it: spoken as it stands, and nothing is listened to",
        metavar="S.csv",
        doors=TERMINAL_ONLY,
    )
    translator: str | None = option(
        None,
        Text(),
        "address of a server with a model by OpenAI's protocol, which translates, and shortens what is too long: what is said in"
        " the film is sent there, with the key in BELCANTO_TRANSLATOR_KEY; without it the one in BELCANTO_TRANSLATOR",
        metavar="URL",
        doors=TERMINAL_ONLY,
    )
    translator_model: str | None = option(None, Text(), "the model's name there", metavar="NAME", doors=TERMINAL_ONLY)
    subtitles: SubtitlesChoice = option(
        "none",
        Choice(get_args(SubtitlesChoice)),
        "files of subtitles written beside the film: srt, vtt (with the times of words), or both",
        doors=TERMINAL_ONLY,
    )
    #: the rest, as for every dubbed film.
    dub: DubSettings = field(default_factory=DubSettings)

    def __post_init__(self) -> None:
        check_options(self)
        for name in self.voices:
            mixture(name)
        if (self.translator is None) != (self.translator_model is None):
            raise InputError("pipeline.translating.translator_without_model")
        if self.translator is not None:
            server_address(self.translator, has_key=False)
        if self.dub.keep_background:
            raise InputError("pipeline.translating.music_twice")
        if self.dub.loop != "cut":
            raise InputError("pipeline.translating.no_loop")
        if self.dub.names_part_of_sound:
            raise InputError("pipeline.translating.no_part_of_sound")

    @property
    def voices(self) -> tuple[str, ...]:
        """The voices that were named, in their order."""
        return tuple(name.strip() for name in (self.voice or "").split(",") if name.strip())

    @property
    def language(self) -> str:
        """The language that is spoken, as voices know it."""
        return SPOKEN_AS[self.translate]

    def as_json(self) -> dict[str, Any]:
        """The options that pages offer, by their names in JSON."""
        values = self.dub.as_json(pages=True) | options_json(self)
        return {each.name: values[each.name] for each in translation_options() if each.on_pages}

    @classmethod
    def from_json(cls, given: Mapping[str, Any]) -> TranslationSettings:
        """From JSON values or a form's texts, of what pages offer; what lacks or is empty gets its default.

        Raises `InputError`, also for unknown names.
        """
        known = {each.name for each in translation_options() if each.on_pages}
        if unknown := sorted(set(given) - known):
            raise InputError("core.no_such_option", name=unknown[0][:60])
        own = {each.name for each in declared_options(cls)}
        dub = DubSettings.from_json({name: value for name, value in given.items() if name not in own}, pages=True)
        return cls(**read_options(cls, given), dub=dub)


def translation_options() -> list[Declared]:
    """Every option of a film in another language: its own, then those that it shares with other dubbed films."""
    return [*declared_options(TranslationSettings), *(each for each in dub_options() if each.name not in OF_OTHER_FILMS)]
