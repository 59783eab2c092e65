"""What the film of a text can be told: how it is spoken, and what films of songs can be told too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.option_kinds import Choice, FilePath, Number, Text
from core.options import N_, TERMINAL_ONLY, Declared, check_options, declared_options, option, options_json, read_options
from core.server_address import server_address
from motion.intensity import StyleChoice
from pipeline.film_settings import SongToVideoSettings, all_options
from speech.voices import LANGUAGES, language_of, mixture, voice_cards

#: Of a song's film, what has no meaning where nothing but the text is spoken.
OF_SONGS = frozenset({"start_s", "duration_s", "preview", "motion"})
ProtocolChoice = Literal["openai", "alltalk"]
SubtitlesChoice = Literal["none", "srt", "vtt", "both"]


@dataclass(frozen=True)
class TextToVideoSettings:
    """How the film of a text is made. Raises `InputError` where a value is out of range, or options don't go together."""

    voice: str = option(
        "af_heart",
        Text(),
        "the voice that speaks, or several mixed, as in af_heart:0.7+af_bella:0.3",
        label=N_("Voice"),
        hint=N_("Who speaks; several are mixed as in af_heart:0.7+af_bella:0.3."),
        suggested=tuple(card.name for card in voice_cards()),
        section="speech",
    )
    language: str | None = option(
        None,
        Choice(LANGUAGES),
        "language of the text; without it the voice's own",
        label=N_("Language of the text"),
        hint=N_("Of another one than the voice's own it speaks with its accent."),
        empty=N_("The voice's own"),
        section="speech",
    )
    voice_server: str | None = option(
        None,
        Text(),
        "address of a server that speaks in the place of our own voices, which are then called as it calls them; the text is sent"
        " there, with the key in BELCANTO_SPEECH_KEY",
        metavar="URL",
        doors=TERMINAL_ONLY,
    )
    voice_protocol: ProtocolChoice = option(
        "openai",
        Choice(get_args(ProtocolChoice)),
        "how that server is asked: openai as OpenAI's /v1/audio/speech, alltalk as AllTalk's own",
        doors=TERMINAL_ONLY,
    )
    voice_file: Path | None = option(
        None,
        FilePath("voice file"),
        "a StyleTTS 2 checkpoint of your own that speaks instead, English alone; --voice is only its name then",
        metavar="CHECKPOINT",
        doors=TERMINAL_ONLY,
    )
    voice_like: Path | None = option(
        None,
        FilePath("recording of a voice"),
        "a recording, a second long at least, of the voice in which a --voice-file for many voices speaks",
        metavar="AUDIO",
        doors=TERMINAL_ONLY,
    )
    speed: float = option(
        1.0,
        Number(0.5, 2.0, step=0.05),
        "how quickly it speaks",
        label=N_("Speed"),
        hint=N_("1 is natural; less is slower."),
        metavar="X",
        section="speech",
    )
    style: StyleChoice = option(
        "auto",
        Choice(
            get_args(StyleChoice),
            {
                "auto": N_("As the text says"),
                "neutral": N_("Neutral"),
                "happy": N_("Happy"),
                "sad": N_("Sad"),
                "angry": N_("Angry"),
                "surprised": N_("Surprised"),
            },
        ),
        "what the face feels in sentences that name no feeling, as *joy* before them does; auto: what an English sentence's words"
        " tell, else nothing",
        label=N_("What the face feels"),
        hint=N_("In sentences that name no feeling, as *joy* before them does."),
        section="emotion",
    )
    subtitles: SubtitlesChoice = option(
        "none",
        Choice(get_args(SubtitlesChoice)),
        "files of subtitles written beside the film: srt, vtt (with the times of words), or both",
        doors=TERMINAL_ONLY,
    )
    title: str | None = option(
        None, Text(), "title in the film's metadata; without it the text's first words", doors=TERMINAL_ONLY
    )
    #: the rest, as for the film of a song; its style and title are those above.
    film: SongToVideoSettings = field(default_factory=SongToVideoSettings)

    def __post_init__(self) -> None:
        check_options(self)
        if self.voice_server is not None and self.voice_file is not None:
            raise InputError("pipeline.two_voices")
        if self.voice_like is not None and self.voice_file is None:
            raise InputError("pipeline.voice_like_nothing")
        if self.voice_server is not None:
            server_address(self.voice_server, has_key=False)
        elif self.voice_file is None:
            mixture(self.voice)
        object.__setattr__(self, "film", replace(self.film, style=self.style, title=self.title))
        film = {each.name: each for each in declared_options(SongToVideoSettings)}
        if any(getattr(self.film, film[name].field) != film[name].default for name in OF_SONGS):
            raise ValueError(f"A film of a text has no {', '.join(sorted(OF_SONGS))}.")

    @property
    def spoken_language(self) -> str:
        """The language of the text, as BCP 47 writes it; English where a server's voice leaves it open."""
        own = "en" if self.voice_server or self.voice_file else language_of(self.voice)
        return self.language or own

    def voice_files(self) -> Iterator[tuple[Path, str]]:
        """The files that the voice is made of, and what they are."""
        for path, what in ((self.voice_file, "voice file"), (self.voice_like, "recording of a voice")):
            if path is not None:
                yield path, what

    def as_json(self, pages: bool = False) -> dict[str, Any]:
        """All options by their names in JSON; pages: without what pages don't offer."""
        values = self.film.as_json() | options_json(self)
        return {each.name: values[each.name] for each in text_options() if each.on_pages or not pages}

    @classmethod
    def from_json(cls, given: Mapping[str, Any], pages: bool = False) -> TextToVideoSettings:
        """From JSON values or a form's texts; what lacks or is empty gets its default. pages: takes only what pages offer.

        Raises `InputError`, also for unknown names.
        """
        known = {each.name for each in text_options() if each.on_pages or not pages}
        unknown = sorted(set(given) - known)
        if unknown:
            raise InputError("core.no_such_option", name=unknown[0][:60])
        own = {each.name for each in declared_options(cls)}
        film = SongToVideoSettings.from_json({name: value for name, value in given.items() if name not in own})
        return cls(**read_options(cls, given), film=film)


def text_options() -> list[Declared]:
    """Every option of the film of a text: its own, then those that it shares with the film of a song."""
    own = declared_options(TextToVideoSettings)
    left_out = OF_SONGS | {each.name for each in own}
    return [*own, *(each for each in all_options() if each.name not in left_out)]
