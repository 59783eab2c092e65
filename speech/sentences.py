"""A text in sentences, and sentences in breaths.

A full stop ends a sentence where what follows begins one: not after "Dr.", in "3.14" or in "e.g. this".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from speech.reading import Reading

#: What ends a sentence, with the quotes and brackets that close with it.
END = re.compile(r"(?:[.!?…]+|[。！？।]+)[\"'”’»)\]]*")
#: Ends that need no blank after them.
WIDE = frozenset("。！？।")
#: Never at a sentence's end: a name or more of the sentence follows.
_BEFORE_NAMES = """
    mr mrs ms dr prof mt ft gen col lt sgt capt cpt maj adm rev hon gov sen rep pres fr sra srta dra sig dott m mme mlle vs
    ca approx e.g i.e cf al hr bzw evtl ggf inkl sog z d"""
BEFORE_NAMES = frozenset(_BEFORE_NAMES.split())
#: Not at a sentence's end if a number follows.
_BEFORE_NUMBERS = "no nos nr fig vol pp p ch sec art jan feb mar apr jun jul aug sep sept oct nov dec"
BEFORE_NUMBERS = frozenset(_BEFORE_NUMBERS.split())
#: A number before one of these is a day: am 3. Mai.
GERMAN_MONTHS = (
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
)
#: In the middle of a sentence or at its end.
EITHER = frozenset(("st", "ave", "rd", "blvd", "inc", "ltd", "co", "corp", "jr", "sr", "dept"))
#: These, and letters with full stops, end a sentence if one of these begins the next: "in the U.S. It is", but "the U.S. Army".
LETTERS = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]")
_BEGINNINGS = """
    the a an it he she we they i you this that these those there here in on at for from with as by to but and or so if
    when while what who how why where yes no not my your his her its our their then now after before since because
    although once both each many most some all one"""
BEGINNINGS = frozenset(_BEGINNINGS.split())
#: Letters after a mark that tell whether it ends a sentence.
LOOK_AHEAD = 60
INITIAL = re.compile(r"[A-Z]")
#: A list's number: "1. First".
NUMBER = re.compile(r"\d+")


def sentences(text: str) -> Iterator[str]:
    """The sentences of a text, without blanks at their edges; a blank line ends one too."""
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*(?:[-*•]|\d+[.)])\s)", text):
        yield from _of_paragraph(" ".join(paragraph.split()))


def _of_paragraph(text: str) -> Iterator[str]:
    begin = 0
    for found in END.finditer(text):
        if found.start() >= begin and _ends(text, begin, found):
            yield text[begin : found.end()].strip()
            begin = found.end()
    if text[begin:].strip():
        yield text[begin:].strip()


def _ends(text: str, begin: int, found: re.Match[str]) -> bool:
    """Whether a sentence ends with the mark that was found."""
    after = text[found.end() : found.end() + LOOK_AHEAD]
    if not after or found.group()[0] in WIDE:
        return True
    if not after[0].isspace():
        return False
    following = after.lstrip().lstrip("\"'“‘«([¿¡*-")
    starts_low = following[:1].islower()
    if found.group()[0] != ".":
        quoted = found.group()[-1] not in "…!?"
        return not (starts_low and (quoted or found.group()[0] == "…"))
    if found.group().startswith(".."):
        return not starts_low
    before = text[begin : found.start()].rsplit(maxsplit=1)
    word = before[-1].lstrip("\"'“‘«([¿¡") if before else ""
    alone = len(before) < 2 and text[begin : found.start()].strip() == word
    if NUMBER.fullmatch(word) and len(word) <= 2 and following.startswith(GERMAN_MONTHS):
        return False
    if word.lower() in BEFORE_NUMBERS and following[:1].isdigit():
        return False
    if word.lower() in BEFORE_NAMES or (INITIAL.fullmatch(word) and word != "I") or (alone and NUMBER.fullmatch(word)):
        return False
    if LETTERS.fullmatch(word) or word.lower() in EITHER:
        return (following.split(maxsplit=1) or [""])[0].rstrip(",.'").lower() in BEGINNINGS and not starts_low
    return not starts_low


def breaths(readings: Sequence[Reading], most: int, first: int | None = None) -> Iterator[tuple[Reading, ...]]:
    """A sentence in pieces that are spoken at once: whole where it is short enough.

    most: phonemes in one piece. first: how many the first piece should have at most, where a pause allows it, and each further
    one twice as many as the one before it; None where all may be as long as they like.
    """
    parts = tuple(part for each in readings for part in _fitting(each, most))
    begin = 0
    while begin < len(parts):
        # a word and the blank after it are one symbol at least: more of them than symbols can't be in one piece
        count = _cut(parts[begin : begin + most + 2], min(first or most, most), most)
        yield parts[begin : begin + count]
        begin, first = begin + count, first and 2 * first


def _fitting(reading: Reading, most: int) -> Iterator[Reading]:
    """A word that is too long for one piece, such as a number of a thousand digits, in several; the first has its text."""
    text, rest = reading.text, reading.phonemes
    while len(rest) > most:
        cut = rest.rfind(" ", 1, most) if " " in rest[1:most] else most
        yield Reading(text, rest[:cut], reading.unsure)
        text, rest = "", rest[cut:].lstrip()
    yield Reading(text, rest, reading.unsure)


def _cut(readings: Sequence[Reading], wanted: int, most: int) -> int:
    """How many words are said at once: up to the last pause before `wanted` phonemes, else to the first before `most`, else as
    many as fit; all of them where they are few."""
    lengths = list(accumulate(len(each.phonemes) + 1 for each in readings))
    if lengths[-1] - 1 <= wanted:
        return len(readings)
    pauses = [count for count, each in enumerate(readings[:-1], start=1) if each.ends_in_pause and lengths[count - 1] <= most]
    near = [count for count in pauses if lengths[count - 1] <= wanted]
    if near or pauses:
        return near[-1] if near else pauses[0]
    if lengths[-1] - 1 <= most:
        return len(readings)
    return max(1, sum(length - 1 <= most for length in lengths))
