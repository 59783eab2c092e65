"""Every phoneme that a voice can say has a mouth."""

from __future__ import annotations

import json

from speech.kokoro import VOCABULARY
from speech.visemes import SYMBOLS_OF, VISEMES, viseme_of
from weights.fetch import ensure


def test_every_letter_that_is_spoken_has_a_mouth():
    known = json.loads(ensure(VOCABULARY).read_text(encoding="utf-8"))["vocab"]
    letters = [symbol for symbol in known if symbol.isalpha() and symbol not in "ʰʲᵝːˈˌ"]
    assert [symbol for symbol in letters if viseme_of(symbol) == "sil"] == []
    assert viseme_of(",") == viseme_of(" ") == "sil"


def test_no_phoneme_has_two_mouths():
    symbols = "".join(SYMBOLS_OF.values())
    assert len(symbols) == len(set(symbols)) and len(VISEMES) == 15
