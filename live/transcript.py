"""What was said in a conversation, and what of a sentence was heard when it was broken off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from speech.emotion.feeling import Feeling
from speech.voice import Word


@dataclass(frozen=True)
class Entry:
    """Who said what. feelings: of an answer's sentences, in order. interrupted: whether the person broke it off."""

    who: Literal["person", "avatar"]
    text: str
    feelings: tuple[Feeling, ...] = ()
    interrupted: bool = False


def heard_part(text: str, words: Sequence[Word], duration_s: float, heard_s: float) -> str:
    """What of a sentence was heard after `heard_s` of its `duration_s` seconds: its whole words, one that had begun included.

    words: with their times, empty where the voice does not tell; then it is as much of the text as of the time.
    """
    if heard_s <= 0.0:
        return ""
    if heard_s >= duration_s:
        return text
    if words:
        place = 0
        for word in words:
            if word.start_s >= heard_s:
                break
            found = text.find(word.text, place)
            place = found + len(word.text) if found >= 0 else place
        return text[:place]
    cut = int(len(text) * heard_s / duration_s)
    end = text.rfind(" ", 0, cut + 1)
    return text[:end] if end > 0 else ""
