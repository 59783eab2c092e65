"""Leaves of a written text what can be spoken: no marks of Markdown, no code, no emoji, no addresses."""

from __future__ import annotations

import re
import unicodedata

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]+)\]\([^)\s]*\)")
_ADDRESS = re.compile(r"https?://(?:www\.)?([^\s/)>\]]+)[^\s)>\]]*")
_HTML = re.compile(r"</?[a-zA-Z][\w-]*(?:\s+[\w-]+=(?:\"[^\"]*\"|'[^']*'))*\s*/?>")
_LINE_START = re.compile(r"^\s*(?:#{1,6}\s+|[-*+•]\s+|>\s*)+")
_RULE = re.compile(r"^\s*(?:[-*_=]\s*){3,}$|^[\s|:-]*\|[\s|:-]*$")
#: Emphasis: its marks touch the words, and no letter or digit stands outside of them; so 2*3*4 and a_b_c are none.
_EMPHASIS = re.compile(r"(?<![\w*])(\*{1,3}|_{1,3}|~~)(?=\S)(.+?)(?<=\S)\1(?![\w*])")
#: A mark whose other half stands in another sentence.
_OPENING = re.compile(r"(?<![\w*])(?:\*{1,3}|_{1,3}|~~)(?=[^\W\d_\"'(])")
_CLOSING = re.compile(r"(?<=[^\W\d_])(?:\*{1,3}|~~)(?![\w*])|(?<=[.!?,;:)])(?:\*{1,3}|_{1,3}|~~)(?!\w)")
_BLANKS = re.compile(r"\s+")
_BLANK_BEFORE_MARK = re.compile(r" +([,.!?;:])(?=\s|$)")
#: Joiners and variation selectors, of which emoji are made, and skin tones.
_EMOJI_PARTS = frozenset("\u200d\ufe0f\ufe0e\u20e3") | {chr(code) for code in range(0x1F3FB, 0x1F400)}
#: Signs that are read aloud, though Unicode counts them among the symbols.
_SPOKEN_SIGNS = frozenset("°©®™№℃℉")


def speakable(text: str) -> str:
    """One line of written text as it is spoken; empty where nothing of it is."""
    if _RULE.match(text):
        return ""
    for pattern, put in ((_IMAGE, ""), (_LINK, r"\1"), (_ADDRESS, r"\1"), (_HTML, ""), (_LINE_START, "")):
        text = pattern.sub(put, text)
    text = text.replace("`", "")
    while (plain := _EMPHASIS.sub(r"\2", text)) != text:
        text = plain
    text = _CLOSING.sub("", _OPENING.sub("", text))
    if not text.isascii():
        text = "".join(character for character in text if not _is_emoji(character))
    if text.count("|") >= 2:
        text = ", ".join(cell.strip() for cell in text.split("|") if cell.strip())
    return _BLANK_BEFORE_MARK.sub(r"\1", _BLANKS.sub(" ", text)).strip()


def _is_emoji(character: str) -> bool:
    if character in _EMOJI_PARTS:
        return True
    return unicodedata.category(character) == "So" and character not in _SPOKEN_SIGNS
