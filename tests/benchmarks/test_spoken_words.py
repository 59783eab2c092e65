"""The benchmark of spoken words counts what is wrong, and only that."""

from __future__ import annotations

import pytest

from benchmarks.spoken_words import ENGLISH, OTHERS, VOICES, errors, words_of
from speech.voices import LANGUAGES, language_of


@pytest.mark.parametrize(
    ("wanted", "heard", "count"),
    [
        ("a b c", "a b c", 0),
        ("a b c", "a c", 1),
        ("a b c", "a x c d", 2),
        ("a b", "", 2),
        ("", "a b", 2),
        ("a b c d", "b c d a", 2),
    ],
)
def test_errors_are_the_fewest_changes(wanted, heard, count):
    assert errors(wanted.split(), heard.split()) == count


def test_both_ways_to_write_a_thing_are_the_same_words():
    for one, other in (
        ("At 5:30 PM, $3.50!", "at five thirty p.m. three dollars and fifty cents"),
        ("Dr. Lee's 2nd", "doctor Lee’s second"),
    ):
        assert words_of(one, "en") == words_of(other, "en")
    assert words_of("C'est l'été !", "fr") == ["c'est", "l'été"] and words_of("नमस्ते, मेरा।", "hi") == ["नमस्ते", "मेरा"]
    assert words_of("你好，世界。", "zh") == list("你好世界")


def test_the_hand_written_words_are_words():
    for text, words in ENGLISH:
        assert not any(each.isdigit() for word in words_of(words or text, "en") for each in word)


def test_every_language_is_spoken_by_one_of_its_voices():
    assert {"de", *(language_of(voice) for voice in VOICES.values())} == set(OTHERS) == set(LANGUAGES) - {"en-US", "en-GB"}
