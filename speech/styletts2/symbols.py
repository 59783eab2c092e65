"""From Kokoro's phonemes to those that StyleTTS 2 was taught on: espeak's American English, in one table of 178 symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

#: The published table; a symbol's number is its place.
TABLE = (
    "$"
    ';:,.!?¡¿—…"«»“” '
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    "ɑɐɒæɓʙβɔɕçɗɖðʤəɘɚɛɜɝɞɟʄɡɠɢʛɦɧħɥʜɨɪʝɭɬɫɮʟɱɯɰŋɳɲɴøɵɸθœɶʘɹɺɾɻʀʁɽʂʃʈʧʉʊʋⱱʌɣɤʍχʎʏʑʐʒʔʡʕʢǀǁǂǃˈˌːˑʼʴʰʱʲʷˠˤ˞↓↑→↗↘'̩'ᵻ"
)
#: The first of two equal marks counts for nothing in the published program: the last one's number is used.
NUMBERS = {symbol: number for number, symbol in enumerate(TABLE)}
#: Kokoro's short forms and what espeak writes for them.
WRITTEN_OUT = {
    **{"A": "eɪ", "I": "aɪ", "O": "oʊ", "W": "aʊ", "Y": "ɔɪ", "Q": "əʊ", "T": "ɾ", "ʧ": "tʃ", "ʤ": "dʒ"},
    **{"ᵊ": "ə", "ɑ": "ɑː", "u": "uː", "ɔ": "ɔː", "ɒ": "ɒ"},
}
STRESSES, VOWELS = "ˈˌ", frozenset("aeiouɑɐɒæɔəɚɛɜɪʊʌᵻAIOWYQ")
PAUSES = frozenset(".,;:!?—…")


@dataclass(frozen=True)
class Symbol:
    """One of the phonemes as they were given, and what stands for it; nothing where it is heard in the one before it."""

    given: str
    tokens: tuple[int, ...]


def symbols_of(phonemes: str) -> list[Symbol]:
    """The phonemes in espeak's way. Symbols that the table does not have are left out."""
    told, stressed = [], False
    for place, symbol in enumerate(phonemes):
        before, after = phonemes[place - 1 : place], phonemes[place + 1 : place + 2]
        if symbol in STRESSES or symbol == " ":
            stressed = symbol in STRESSES
        written = _written(symbol, before, after, phonemes[place + 2 : place + 3], stressed)
        if symbol in VOWELS:
            stressed = False
        told.append(Symbol(symbol, tuple(NUMBERS[each] for each in written if each in NUMBERS)))
    return told


def _written(symbol: str, before: str, after: str, second: str, stressed: bool) -> str:
    """What espeak writes for one symbol among others."""
    if symbol in PAUSES:  # words and marks stand apart
        return symbol if before in ("", " ") else f" {symbol}"
    if symbol == "ɹ" and before in ("ə", "ɜ"):
        r_coloured = "" if before == "ə" else "ː"
        return f"{r_coloured}ɹ" if after in VOWELS and after else r_coloured
    if symbol == "ə" and after == "ɹ":
        return "ɚ"
    if symbol == "i":
        return "iː" if stressed else "i"
    if symbol == "ɔ" and after == "ɪ":
        return "ɔ"
    return WRITTEN_OUT.get(symbol, symbol)


def numbers_of(symbols: Sequence[Symbol]) -> list[int]:
    """The tokens of all symbols, in order."""
    return [number for symbol in symbols for number in symbol.tokens]
