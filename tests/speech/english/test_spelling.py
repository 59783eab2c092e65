"""Words that no dictionary has are spoken as English is spelt: by trees that were learned from the dictionaries' own words."""

from __future__ import annotations

import pytest

from speech.english.spelling import spoken, units_of, walked
from speech.english.training.learn_spelling import Aligner, grown, right

WORDS = {
    "cat": "kˈæt", "kit": "kˈɪt", "city": "sˈɪTi", "cell": "sˈɛl", "call": "kˈɔl", "box": "bˈɑks", "chat": "ʧˈæt",
    "chin": "ʧˈɪn", "ship": "ʃˈɪp", "shot": "ʃˈɑt", "hat": "hˈæt", "hit": "hˈɪt", "fix": "fˈɪks", "cot": "kˈɑt", "sit": "sˈɪt",
}  # fmt: skip


def test_letters_and_phonemes_are_paired():
    aligner = Aligner()
    aligner.learn(WORDS)
    pairs = aligner.pairs("chat", units_of("ʧˈæt"))
    assert [(letter, "".join(units)) for letter, units in pairs][2:] == [("a", "ˈæ"), ("t", "t")]
    assert "".join(unit for _, units in pairs for unit in units) == "ʧˈæt"
    assert ("x", ("k", "s")) in aligner.pairs("box", units_of("bˈɑks"))
    assert aligner.pairs("a", units_of("kæts")) is None


def test_trees_speak_what_they_learned_and_more():
    aligner = Aligner()
    aligner.learn(WORDS)
    trees = grown([aligner.pairs(word, units_of(way)) for word, way in WORDS.items() for _ in range(2)])
    assert right(trees, WORDS) == (1.0, 1.0)
    assert walked(trees, "chit") == "ʧˈɪt" and walked(trees, "shix") == "ʃˈɪks"


@pytest.mark.parametrize(
    ("word", "american", "british"),
    [("Glimp", "ɡlˈɪmp", "ɡlˈɪmp"), ("blonger", "blˈɔŋɡəɹ", "blˈɒŋɡə"), ("Zürnig", None, None), ("xqzt", None, None)],
)
def test_a_word_is_stressed_once_at_most(word, american, british):
    for wanted, told in ((american, spoken(word, british=False)), (british, spoken(word, british=True))):
        assert wanted in (None, told) and told.count("ˈ") <= 1 and told
