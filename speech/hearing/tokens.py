"""Whisper's tokens as text, and those that are no text: languages, what is to be done, silence.

A token stands for some bytes, written in the vocabulary as letters that every editor shows: the printable ones as themselves, the
others as the letters from U+0100 on. Several tokens may be needed for one letter.

Source: OpenAI Whisper, `whisper/tokenizer.py`; byte-level pairs as in GPT-2.
"""

from __future__ import annotations

from codecs import getincrementaldecoder
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from core.errors import InputError

#: Facts of the multilingual vocabulary: how many tokens are text, and the numbers of the others that are used here.
TEXT_TOKENS = 50_257
START, TRANSLATE, TRANSCRIBE, WITHOUT_TIMES = 50_258, 50_358, 50_359, 50_363
FIRST_LANGUAGE = 50_259
_SHOWN = (*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1))


@cache
def byte_of_letter() -> dict[str, int]:
    """Which byte each letter of the vocabulary stands for."""
    hidden = [byte for byte in range(256) if byte not in _SHOWN]
    return {chr(byte): byte for byte in _SHOWN} | {chr(256 + place): byte for place, byte in enumerate(hidden)}


class Tokens:
    """The vocabulary: one token a line, the line's number is the token's."""

    def __init__(self, vocabulary: str) -> None:
        """vocabulary: the file's text. Raises InputError where it is not Whisper's multilingual one."""
        lines = vocabulary.split("\n")
        known = byte_of_letter()
        if len(lines) <= WITHOUT_TIMES or lines[START] != "<|startoftranscript|>" or lines[WITHOUT_TIMES] != "<|notimestamps|>":
            raise InputError("speech.hearing.vocabulary_damaged")
        try:
            self._bytes = [bytes(known[letter] for letter in line) for line in lines[:TEXT_TOKENS]]
        except KeyError as error:
            raise InputError("speech.hearing.vocabulary_damaged") from error
        names = (line.strip("<|>") for line in lines[FIRST_LANGUAGE : TRANSCRIBE - 1])
        self._languages = {name: FIRST_LANGUAGE + place for place, name in enumerate(names)}

    @property
    def languages(self) -> Sequence[str]:
        """The languages that it tells apart, two or three letters each."""
        return tuple(self._languages)

    def start(self, language: str, in_english: bool = False) -> list[int]:
        """What stands before the text, so that it is written as it is spoken, or in English, without times.

        Raises InputError for a language that it does not know.
        """
        if language not in self._languages:
            raise InputError("speech.hearing.no_such_language", name=language, list=tuple(self._languages))
        return [START, self._languages[language], TRANSLATE if in_english else TRANSCRIBE, WITHOUT_TIMES]

    def text(self, numbers: Iterable[int]) -> str:
        """The text of tokens; a letter that is not whole is left out, as are tokens that are no text."""
        content = b"".join(self._bytes[number] for number in numbers if self.is_text(number))
        return content.decode("utf-8", errors="ignore").strip()

    def is_text(self, number: int) -> bool:
        """Whether a token is a part of a text."""
        return 0 <= number < len(self._bytes)

    def pieces(self, numbers: Iterable[int]) -> Iterator[str]:
        """What each token of a text adds to it, blanks too; a letter of several tokens comes with the last of them."""
        decoder = getincrementaldecoder("utf-8")(errors="ignore")
        for number in numbers:
            yield decoder.decode(self._bytes[number])
