"""How text becomes phonemes: what every language's front end gives, and what all of them share."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

#: Marks that Kokoro hears as a pause, the strongest last; what stands in texts for each.
PAUSES = ",:;—….?!"
SAME_PAUSE = {
    "–": "—",
    "。": ".",
    "．": ".",
    "।": ".",
    "！": "!",
    "？": "?",
    "，": ",",
    "、": ",",
    "；": ";",
    "：": ":",
    "¿": "",
    "¡": "",
}
STRESSES = "ˈˌ"


@dataclass(frozen=True)
class Reading:
    """A word and how it is spoken.

    text: as it stands in the sentence, with its punctuation. phonemes: in Kokoro's symbols, blanks where it is spoken as several
    words, its pauses at the end; empty for what is not spoken, such as an emoji. unsure: it was guessed by rule.
    """

    text: str
    phonemes: str
    unsure: bool = False

    @property
    def ends_in_pause(self) -> bool:
        """Whether a pause follows."""
        return self.phonemes[-1:] in tuple(PAUSES)


class FrontEnd(Protocol):
    """Reads one language. between: what stands between two words of a text."""

    between: str

    def read(self, sentence: str) -> tuple[Reading, ...]:
        """The words of a sentence in their order. Raises `MissingError` where a part is missing."""
        ...


def phonemes_of(readings: Sequence[Reading]) -> str:
    """What is spoken of several words, one blank between them."""
    return " ".join(each.phonemes for each in readings if each.phonemes)


def is_picture(character: str) -> bool:
    """Whether a character is an emoji, a part of one, or a mark that nobody reads."""
    return unicodedata.category(character) in ("So", "Sk", "Cf", "Co", "Cn", "Cc") and character not in "°©®™^`"


def without_pictures(text: str) -> str:
    """A text without emoji and the like."""
    return "".join(each for each in text if not is_picture(each))


def pause_after(text: str) -> str:
    """The pause that the marks at a piece's end make, as Kokoro writes it; an empty text where there is none."""
    plain = "".join(SAME_PAUSE.get(each, each) for each in without_pictures(text)).rstrip("\"'“”‘’«»」』)*_`]}")
    marks = plain[len(plain.rstrip(PAUSES + "-")) :].replace("...", "…").replace("--", "—")
    heard = [mark for mark in marks if mark in PAUSES]
    if heard:
        return max(heard, key=PAUSES.index)
    return "," if text.endswith(")") else "—" if marks and marks == plain else ""


@dataclass(frozen=True)
class BreathPiece:
    """Words that are said in one breath, and their phonemes. goes_on: the next piece follows without a pause."""

    readings: tuple[Reading, ...]
    phonemes: str
    goes_on: bool = False
