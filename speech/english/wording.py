"""English text as it is said: every piece of a sentence in plain words.

    said("Dr. Lee paid $3.50 at 5:30.", british=False)
    # [("Dr.", ["doctor"]), ("Lee", ["Lee"]), ("paid", ["paid"]), ("$3.50", ["three", "dollars", ...]), ...]

What is spelt letter by letter is written with a full stop after each: "U.S.". Pauses are words of their own, as in
`speech.reading.PAUSES`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from speech.english import expressions, tables
from speech.reading import PAUSES, SAME_PAUSE, pause_after, without_pictures

#: A piece: up to a blank, a dash, or a mark with a letter right after it.
PIECE = re.compile(r"\S+?(?:—|--+|…|\.{3,}|[,;!?](?=[^\W\d]))|\S+")
LINK = re.compile(r"https?://|www\.|\S+@\S+\.\S|[\w-]+(?:\.[\w-]+)*/\S")
OPENING, CLOSING = "\"'“”‘«»([{<*_`", "\"'“”’«»)]}>*_`"
#: Letters with a full stop after each: their last one is no pause.
LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")


def pieces(sentence: str) -> Iterator[str]:
    """A sentence in the pieces that get a time of their own: words with their punctuation."""
    for part in sentence.split():
        yield from [part] if LINK.match(part.lstrip(OPENING)) else PIECE.findall(part)


def said(sentence: str, british: bool) -> list[tuple[str, list[str]]]:
    """Every piece of the sentence with the words and pauses in which it is said."""
    texts = list(pieces(sentence))
    split = [_split(text) for text in texts]
    cores = [core for _, core, _ in split]
    told: list[tuple[str, list[str]]] = []
    for place, (text, (opening, core, closing)) in enumerate(zip(texts, split, strict=True)):
        last = place == len(texts) - 1
        words, dot_is_own = expressions.words_of(core, closing.startswith("."), cores, place, british)
        pause = pause_after(closing[1:] if dot_is_own and not last else closing)
        if "(" in opening and told and words and not (told[-1][1] and told[-1][1][-1] in PAUSES):
            told[-1][1].append(",")
        told.append((text, [*words, *([pause] if pause else [])]))
    return told


def _split(text: str) -> tuple[str, str, str]:
    """What opens a piece, its core, and what closes it."""
    if text in tables.SIGNS:
        return "", text, ""
    plain = "".join(SAME_PAUSE.get(each, each) for each in without_pictures(text)).replace("’", "'").replace("‘", "'")
    plain = unicodedata.normalize("NFKC", plain) if not any(each in plain for each in "½¼¾⅓⅔⅛") else plain
    core = plain.lstrip(OPENING)
    opening = plain[: len(plain) - len(core)]
    if opening.endswith("'") and (
        core[:1].isdigit() or core.lower().rstrip(".,;:!?") in ("em", "til", "cause", "tis", "twas", "n")
    ):
        opening, core = opening[:-1], "'" + core
    whole = core
    core = core.rstrip(CLOSING + PAUSES + "-")
    return opening, core, whole[len(core) :]
