"""Reads Hindi by espeak-ng, in Devanagari or in Latin letters, with English words in it."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import MissingError
from speech.english.lexicon import lexicon
from speech.languages.espeak import Espeak
from speech.languages.hinglish import common_words, devanagari, is_latin


class Hindi(Espeak):
    """Hindi by espeak-ng; a word in Latin letters is Hindi, unless English alone knows it."""

    def __init__(self) -> None:
        """Raises MissingError where espeak-ng is not installed."""
        super().__init__("hi")

    def written(self, words: Sequence[str]) -> list[tuple[str, bool]]:
        """The words in Devanagari, English ones as they are, and whether that is certain.

        Words of both languages, such as "main" or "the", go with those that only one of them knows.
        """
        latin = [word for word in words if is_latin(word)]
        english, hindi = (sum(knows(word) for word in latin) for knows in (is_only_english, is_only_hindi))
        return [
            (word, True)
            if not is_latin(word) or is_only_english(word) or (english > hindi and is_english(word))
            else devanagari(word)
            for word in words
        ]


def is_only_english(word: str) -> bool:
    """Whether the English dictionaries hold a word that is no common one of Hindi."""
    return word.lower() not in common_words() and is_english(word)


def is_only_hindi(word: str) -> bool:
    """Whether a word is a common one of Hindi and none of English, or in no list at all."""
    return not is_english(word)


def is_english(word: str) -> bool:
    """Whether the English dictionaries hold a word; False where they can't be had."""
    try:
        return lexicon(british=False).ways(word) is not None
    except MissingError:
        return False
