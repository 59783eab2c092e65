"""Titles for people, from the names that their files had. Files themselves get names made here, which hold nothing of them."""

from __future__ import annotations

import unicodedata

UNTITLED = "Untitled"
#: Longest ending that is taken for a file's and cut off.
SUFFIX_CHARACTERS = 5
#: Letters that Unicode does not take apart.
PLAIN_LETTERS = str.maketrans({"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"})
#: How vowels are written where a keyboard lacks them.
TWO_LETTERS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


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
    """The text as it is kept for searches: in each of its `forms`, the plain one first, by which it is sorted too."""
    return " ".join(forms(text))


def forms(text: str) -> tuple[str, ...]:
    """How a text may be written by who searches for it: without case and accents, and then with the vowels that some languages
    write as two letters: `Müller` is muller and mueller. Marks that make another letter, as in Japanese, stay.
    """
    cased = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    plain, spelt_out = without_marks(cased), without_marks(cased.translate(TWO_LETTERS))
    return (plain,) if plain == spelt_out else (plain, spelt_out)


def without_marks(text: str) -> str:
    """The text without accents, and with the Latin letters that are others with a stroke as those."""
    apart = unicodedata.normalize("NFKD", text)
    kept = "".join(sign for sign in apart if not "\u0300" <= sign <= "\u036f")
    return unicodedata.normalize("NFKC", kept).translate(PLAIN_LETTERS)
