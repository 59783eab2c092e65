"""The quality report's page in the person's language: its texts are told apart from its marks, and each is said anew.

The page is made once, in English, by a program that knows no languages (`metrics/html.py`); who looks at it may speak another.
Names of measured values, in `code`, are those of the report's JSON and stay.
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from html import escape, unescape

from flask_babel import gettext

from app.numbers import decimal_symbol
from core.messages import wordings
from core.options import N_

#: What the page says beside the sentences that are known anyway, with `{name}` for what varies.
TEXTS: tuple[str, ...] = (
    N_("How good is {title}?"),
    N_("{name}, voice: separated; source picture: {title}. Face found in {share}% of {count} frames."),
    N_("{name}, voice: {text}; source picture: {title}. Face found in {share}% of {count} frames."),
    N_("Verdicts"),
    N_("Over time"),
    N_("demand"),
    N_("measured"),
    N_("wanted"),
    N_("reached"),
    N_("yes"),
    N_("no"),
    N_("can't be told."),
    N_("can't be told. {reason}"),
    N_("film"),
    N_("still film"),
    N_("{low} to {high}"),
    N_("The face's landmarks follow the mouth: their aperture and its changed pixels correlate by {value}."),
    N_(
        "The face's landmarks don't follow this mouth: their aperture and its changed pixels correlate by {value} only. So the"
        " share of its pixels that differ from the resting mouth stands for how far it is open."
    ),
    N_("The mouth keeps still, by its landmarks and by its pixels."),
    N_("The file"),
    N_("How the mouth was measured"),
    N_("Mouth and voice"),
    N_("Mouth and voice, only where the voice sounds"),
    N_("Music-only passages"),
    N_("Likeness"),
    N_("Background"),
    N_("Seams"),
    N_("Flicker"),
    N_("Sharpness"),
    N_("Head and beat"),
    N_("Blinks"),
    N_("Lip aperture and the voice's loudness over time"),
    N_("Share of the mouth's changed pixels and the voice's loudness over time"),
    N_("Correlation of the mouth with the voice, delayed by each lag"),
    N_("Correlation beside its controls"),
    N_("Share of frames with the mouth at rest"),
    N_("Share of frames with shut mouth"),
    N_("Pitch and height of the head, with the beats"),
    N_("Opening of the eyes"),
    N_("How firmly the head keeps to the beat"),
    N_("aperture (eye spans)"),
    N_("shut below"),
    N_("changed pixels of the mouth (share)"),
    N_("at rest below"),
    N_("music only"),
    N_("voice (loudness, scaled)"),
    N_("best at {lag} ms"),
    N_("within {limit} ms"),
    N_("lag in ms (right: the mouth comes after the voice)"),
    N_("correlation"),
    N_("this film"),
    N_("only where the voice sounds"),
    N_("voice 200 ms late"),
    N_("shuffled voice, mean"),
    N_("shuffled voice, 95th percentile"),
    N_("with voice"),
    N_("any frames (shuffled)"),
    N_("passages 200 ms late"),
    N_("pitch (degrees, up)"),
    N_("height (hundredths of the eye span, up)"),
    N_("s (grey lines: beats)"),
    N_("beats of the song"),
    N_("beats of other tempi, mean"),
    N_("beats of other tempi, 95th percentile"),
    N_("Contact sheet of the film"),
    N_("lip aperture"),
    N_("mouth's changed pixels"),
    N_("none"),
    N_("portrait"),
    N_("first frame"),
    N_("the whole picture sways by {count} px of {all}"),
    N_("a box around the face and a halo around the person, {count} levels lighter"),
    N_("frames {share}% lighter and darker in turn"),
    N_("a blur of {count} px"),
    N_("The background is too plain to follow its corners."),
    N_("The person fills the picture; too little background is left."),
    N_("Too few beats were found in the song."),
    N_("A face was found in too few frames."),
    N_("No face was found in them."),
)
#: What stands between two marks, or is read out in place of a picture; what looks and names are is left as it is.
TEXT = re.compile(r'(<(style|code)\b.*?</\2>)|(?<=>)([^<>]+)(?=<)|(?<=alt=")([^"]+)(?=")', re.DOTALL)
NUMBER = re.compile("[-\u2212]?\\d+\\.\\d+")


def report_in_words(page: str, language: str) -> str:
    """The English page of a report in the language of the request, which has that code; texts that are unknown stay."""
    said = TEXT.sub(lambda found: found[0] if found[1] else escaped_in_words(found[0]), page)
    return said.replace('<html lang="en">', f'<html lang="{language}">', 1)


def escaped_in_words(text: str) -> str:
    """A text of the page, as it stands between marks, in the person's language; what is around it stays around it."""
    words = text.strip()
    return text.replace(words, escape(text_in_words(unescape(words)))) if words else text


def text_in_words(text: str) -> str:
    """One text of the page: a number, one of `TEXTS`, or a sentence of the pipeline."""
    if NUMBER.fullmatch(text):
        return own_numbers(text)
    for pattern, template in known_texts():
        if found := pattern.fullmatch(text):
            values = {name: value_in_words(name, value) for name, value in found.groupdict().items()}
            return bare(gettext(template)).format(**values)
    return text


def value_in_words(name: str, text: str) -> str:
    """What stands at a text's `{name}`: a sentence in the text, what a person has written, or a number."""
    if name == "reason":
        return text_in_words(text)
    return text if name in ("name", "title", "text") else own_numbers(text)


@lru_cache(maxsize=1)
def known_texts() -> tuple[tuple[re.Pattern[str], str], ...]:
    """The texts with the expressions that know them; of numbers from one to another, only those of numbers."""
    told = [(wording.terminal, wording.visitor or wording.terminal) for wording in wordings("metrics").values()]
    templates = [*((each, each) for each in TEXTS), *told]
    pairs = [(pattern_of(heard), said) for heard, said in templates if heard != "{low} to {high}"]
    return (*pairs, (re.compile(r"(?P<low>[-\d.]+) to (?P<high>[-\d.]+)"), "{low} to {high}"))


def bare(template: str) -> str:
    """The template without the formats of its values, which are texts here."""
    parts = string.Formatter().parse(template)
    return "".join(f"{text}{{{name}}}" if name else text for text, name, _, _ in parts)


def pattern_of(template: str) -> re.Pattern[str]:
    """Knows the template with any values."""
    parts = string.Formatter().parse(template)
    return re.compile("".join(re.escape(text) + (f"(?P<{name}>.+)" if name else "") for text, name, _, _ in parts), re.DOTALL)


def own_numbers(text: str) -> str:
    """The text with its decimal numbers as the visitor's language writes them."""
    return re.sub(r"(?<![\w.])(\d+)\.(\d+)(?!\.?\w)", rf"\g<1>{decimal_symbol()}\g<2>", text)
