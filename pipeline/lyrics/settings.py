"""What can be told about the words of a sound: where they come from, and the part that they are wanted of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from core.errors import InputError
from core.option_kinds import Choice, Text, YesNo
from core.options import N_, Declared, check_options, option
from pipeline.lyrics.reading import parse_lyrics, read_lyrics_file
from pipeline.part_options import part_begins, part_lasts

#: The words are written down from the voice.
AUTO = "auto"


class LyricsText(Text):
    """The words themselves, as LRC, SRT, VTT or plain lines, or `auto`; on the command line a file of them."""

    multiline = True

    def argument(self, option: Declared, text: str) -> Any:
        """See `OptionKind`. Raises `InputError` for a file that can't be read."""
        return self.read(option, text if text == AUTO else read_lyrics_file(Path(text)))

    def read(self, option: Declared, given: Any) -> str:
        """See `OptionKind`. Raises `InputError` for a text without words."""
        return str(self.check(option, str(given)))

    def check(self, option: Declared, value: Any) -> Any:
        """See `OptionKind`."""
        if value != AUTO:
            parse_lyrics(value)
        return value

    def accepted(self) -> str:
        """See `OptionKind`."""
        return "auto, LRC, SRT, VTT, text"


@dataclass(frozen=True)
class LyricsSettings:
    """What is told where words alone are wanted. Raises `InputError`."""

    words: str = option(
        AUTO,
        LyricsText(),
        "the words, in a file of LRC, SRT, VTT or plain lines, which are laid over the voice; auto writes them down from it",
        label=N_("Words"),
        hint=N_("Lines as they are sung, or LRC, SRT or VTT. Left as auto, they are written down from the voice."),
        metavar="FILE",
    )
    language: str = option(
        "",
        Text(),
        "language of the voice in two letters, such as en, de, es or ja; without it that is found out",
        label=N_("Language"),
        metavar="XX",
    )
    start_s: float = part_begins("second of the sound at which the part begins")
    duration_s: float | None = part_lasts("seconds of the part; without it up to the sound's end")

    def __post_init__(self) -> None:
        check_options(self)


Style = Literal["none", "plain", "box", "karaoke"]
STYLE_WORDS: Mapping[str, str] = {
    "none": N_("Not in the picture"),
    "plain": N_("Plain letters"),
    "box": N_("On a dark box"),
    "karaoke": N_("Coloured word by word"),
}


@dataclass(frozen=True)
class ShownLyrics:
    """For settings of films that may show their words."""

    lyrics: str | None = option(
        None,
        LyricsText(),
        "the words of the song: auto writes them down from the voice; a file of LRC, SRT, VTT or plain lines is laid over it",
        metavar="auto|FILE",
        in_form=False,
    )
    lyrics_style: Style = option(
        "none",
        Choice(get_args(Style), STYLE_WORDS),
        "how the words stand in the picture; plain where words are given and nothing else is said",
        label=N_("Words in the picture"),
        hint=N_("The words are written down from the voice; sung ones may be misheard."),
        section="label",
    )
    lyrics_track: bool = option(
        False,
        YesNo(),
        "whether the film has the words as a track of subtitles, which players show on request",
        label=N_("Words as subtitles"),
        hint=N_("A track in the film that players show on request."),
        section="label",
    )

    lyrics_language: str = option(
        "",
        Text(),
        "language of the voice in two letters, for words that are written down from it; without it that is found out",
        metavar="XX",
        in_form=False,
    )

    @property
    def shows_words(self) -> bool:
        """Whether the film has words, in its pictures or beside them."""
        return self.burns_words != "none" or self.lyrics_track

    @property
    def burns_words(self) -> Style:
        """How they stand in the picture."""
        return "plain" if self.lyrics is not None and self.lyrics_style == "none" and not self.lyrics_track else self.lyrics_style


@dataclass(frozen=True)
class CaptionSettings(LyricsSettings):
    """How a finished film gets words. Raises `InputError` where they would neither stand in the picture nor in a track."""

    style: Style = option(
        "box",
        Choice(get_args(Style), STYLE_WORDS),
        "how the words stand in the picture",
        label=N_("Words in the picture"),
    )
    track: bool = option(
        False,
        YesNo(),
        "whether the film has the words as a track of subtitles, which players show on request",
        label=N_("Words as subtitles"),
        hint=N_("A track in the film that players show on request."),
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.style == "none" and not self.track:
            raise InputError("pipeline.lyrics.nowhere")

    @property
    def shown(self) -> ShownLyrics:
        """The same as films that are made take it."""
        return ShownLyrics(lyrics_style=self.style, lyrics_track=self.track)
