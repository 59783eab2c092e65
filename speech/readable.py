"""Which languages' texts can be read on this machine: told before anything is ordered, and without loading what reads them."""

from __future__ import annotations

import shutil
from importlib.util import find_spec

from core.messages import Message, message
from speech.languages.espeak import ESPEAK_VOICES, PROGRAM
from speech.voices import LANGUAGES, language_of

CHINESE, CHINESE_PACKAGE = "zh", "pypinyin"


def unreadable(language: str) -> Message | None:
    """What is missing here to read a text in that language; None where it can be read.

    Japanese is never missing altogether: kana can be read without the package that reads kanji.
    """
    if language in ESPEAK_VOICES and shutil.which(PROGRAM) is None:
        return message("speech.no_espeak", language=language)
    if language == CHINESE and find_spec(CHINESE_PACKAGE) is None:
        return message("speech.no_chinese")
    return None


def unreadable_for(voice: str, language: str | None) -> Message | None:
    """The same for a text that a voice says, in its own language where none is named. Raises InputError for an unknown voice."""
    return unreadable(language or language_of(voice))


def unreadable_languages() -> dict[str, Message]:
    """All of `LANGUAGES` that can't be read here, and what is missing."""
    found = {language: unreadable(language) for language in LANGUAGES}
    return {language: missing for language, missing in found.items() if missing is not None}
