"""Writings that part words by no blanks: Chinese, Japanese."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator


def is_wide(letter: str) -> bool:
    """Whether it belongs to a writing without blanks between words: Chinese, Japanese."""
    hangul = "\uac00" <= letter <= "\ud7af"
    return bool(letter) and unicodedata.east_asian_width(letter) in "WF" and not hangul


def wide_parts(text: str) -> Iterator[str]:
    """The text, letter by letter where it is written without blanks."""
    part = ""
    for letter in text:
        if is_wide(letter) and letter.isalnum():
            if part:
                yield part
            part = letter
        elif (part and is_wide(part[0]) and letter.isalnum()) or (letter.isspace() and part.strip()):
            yield part
            part = letter
        else:
            part += letter
    if part:
        yield part
