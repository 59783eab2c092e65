"""A text as it is to be spoken: sentences with their feelings, and pauses.

    *joy* What a day! I could sing.
    [pause 1.5]
    *sad* But it ends.

A feeling between asterisks, where a sentence begins, holds for that sentence. A pause of so many seconds stands in brackets; a
blank line is a short one. All other asterisks are emphasis, and are not spoken.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass

from core.errors import InputError
from speech.emotion.feeling import STYLE_OF
from speech.emotion.word_lists import TAGS
from speech.sentences import sentences

#: An hour and a half of speech.
MOST_CHARACTERS = 100_000
LONGEST_PAUSE_S = 60.0
TITLE_CHARACTERS = 60
#: What a blank line means.
PARAGRAPH_PAUSE_S = 0.9
#: Those of the words of feelings that an error names; `speech/emotion/words.toml` has more, German ones too.
NAMED_FEELINGS = ("joy", "sadness", "anger", "surprise", "fear", "disgust", "neutral", "happy", "sad", "angry", "surprised")
#: What a feeling stands after, where a sentence begins: nothing, a line's end, or the end of a sentence.
_ENDS = re.compile(r"(?:^|[\n.!?…。！？।:][\"'”’»)\]]*)[ \t]*$")
_MARK = re.compile(
    r"(?<!\*)\*(?P<feeling>[^\W\d_]+)\*:?(?!\*)|\[\s*pause\b(?P<pause>[^\]\n]*)\]",
    re.IGNORECASE,
)
_SECONDS = re.compile(r"[:\s]*(\d+(?:[.,]\d+)?)\s*(?:s|sec|seconds?)?\s*", re.IGNORECASE)
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3})(?=[^\s*])([^*]*[^\s*])\1(?![\w*])")


@dataclass(frozen=True)
class Line:
    """One sentence, and the style that its feeling asks for; None where none was named."""

    text: str
    style: str | None = None


@dataclass(frozen=True)
class Pause:
    """Silence of so many seconds."""

    duration_s: float


#: A text in the order in which it is spoken.
Script = tuple[Line | Pause, ...]


def read_script(text: str) -> Script:
    """The sentences and pauses of a text.

    Raises `InputError` where nothing is to be spoken, it is too long, a feeling is unknown or a pause can't be read.
    """
    if len(text) > MOST_CHARACTERS:
        raise InputError("pipeline.text_too_long", count=len(text), most=MOST_CHARACTERS)
    parts: list[Line | Pause] = []
    for paragraph in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n").replace("\r", "\n").strip()):
        new = list(_parts(paragraph))
        if parts and new and not isinstance(parts[-1], Pause) and not isinstance(new[0], Pause):
            parts.append(Pause(PARAGRAPH_PAUSE_S))
        parts += new
    if not any(isinstance(part, Line) for part in parts):
        raise InputError("pipeline.text_is_empty")
    return tuple(parts)


def title_of(script: Script) -> str:
    """The text's first words, to tell it from others."""
    said = " ".join(part.text for part in script if isinstance(part, Line))
    return said if len(said) <= TITLE_CHARACTERS else said[:TITLE_CHARACTERS].rpartition(" ")[0] + " …"


def spoken_characters(script: Script) -> int:
    """How many characters are spoken."""
    return sum(len(part.text) for part in script if isinstance(part, Line))


def script_digest(script: Script) -> str:
    """SHA-256 of all that is said and felt, by which the stages' results know it."""
    parts = [[type(part).__name__, *asdict(part).values()] for part in script]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _parts(paragraph: str) -> Iterator[Line | Pause]:
    """The parts of a paragraph in their order."""
    begin, style = 0, None
    for mark in _MARK.finditer(paragraph):
        feeling = mark["feeling"]
        if feeling is not None and not _is_feeling(paragraph, begin, mark):
            continue
        yield from _lines(paragraph[begin : mark.start()], style)
        begin, style = mark.end(), None
        if feeling is None:
            yield Pause(_pause_s(mark["pause"], mark.group()))
        else:
            style = _style(feeling)
    yield from _lines(paragraph[begin:], style)


def _is_feeling(paragraph: str, begin: int, mark: re.Match[str]) -> bool:
    """Whether a word between asterisks is a feeling: it stands where a sentence begins, and is not that sentence's first word.

    In "*Joy* is what we want" it is.
    """
    before = paragraph[begin : mark.start()]
    first_word = mark["feeling"][0].isupper() and paragraph[mark.end() :].lstrip()[:1].islower()
    return bool(_ENDS.search(before)) and not first_word


def _lines(text: str, style: str | None) -> Iterator[Line]:
    """The sentences of a text, the first with the style. What nobody can say, such as a row of dashes, is left out."""
    for sentence in sentences(_EMPHASIS.sub(r"\2", text)):
        if any(character.isalnum() for character in sentence):
            yield Line(sentence, style)
            style = None


def _style(feeling: str) -> str:
    """The style that shows the feeling. Raises `InputError` for a word that is none."""
    emotion = TAGS.get(feeling.lower())
    if emotion is None:
        raise InputError("pipeline.no_such_feeling", word=feeling[:40], list=NAMED_FEELINGS)
    return STYLE_OF[emotion][0]


def _pause_s(told: str, written: str) -> float:
    """Raises `InputError` where it is no number of seconds, or too long."""
    found = _SECONDS.fullmatch(told)
    if found is None:
        raise InputError("pipeline.pause_unreadable", text=written[:40])
    duration_s = float(found[1].replace(",", "."))
    if duration_s > LONGEST_PAUSE_S:
        raise InputError("pipeline.pause_too_long", text=written[:40], most=LONGEST_PAUSE_S)
    return duration_s
