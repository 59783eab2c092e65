"""Titles for people, from the names that their files had. Files themselves get names made here, which hold nothing of them."""

from __future__ import annotations

import unicodedata

UNTITLED = "Untitled"
#: Longest ending that is taken for a file's and cut off.
SUFFIX_CHARACTERS = 5


def clean_title(text: str, characters: int) -> str:
    """The text on one line: composed, without control and direction marks, at most so many characters; may be empty.

    Any script is fine. Surrogates, unassigned and private characters go; joiners stay, since some scripts need them.
    """
    composed = unicodedata.normalize("NFC", text)
    kept = "".join(character if is_shown(character) else " " for character in composed)
    return " ".join(kept.split())[:characters].strip()


def is_shown(character: str) -> bool:
    """Whether the character may stand in a title."""
    if character in "\u200c\u200d":  # zero-width joiners: Persian, Hindi, emoji
        return True
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def title_of_file(name: str, characters: int) -> str:
    """A title from a client's file name, whatever it holds: the last part of a path, without its ending; never empty."""
    last = name.replace("\\", "/").rstrip("/").rpartition("/")[2]
    stem, dot, suffix = last.rpartition(".")
    if dot and stem and len(suffix) <= SUFFIX_CHARACTERS and suffix.isalnum():
        last = stem
    title = clean_title(last, characters)
    return title if title.strip(". ") else UNTITLED


def fold(text: str) -> str:
    """The text as it is compared in a search: without case and with compatible characters made one."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
