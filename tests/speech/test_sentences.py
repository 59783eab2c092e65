"""Texts are cut where people pause: at sentences, and long ones at commas, the first one early."""

from __future__ import annotations

import time

import pytest

from speech.reading import Reading, phonemes_of
from speech.sentences import breaths, sentences


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Hello there. How are you? Fine!", ["Hello there.", "How are you?", "Fine!"]),
        ("Dr. Smith paid 3.50 dollars. He left.", ["Dr. Smith paid 3.50 dollars.", "He left."]),
        ("We like fruit, e.g. apples. And pears, etc. Yes.", ["We like fruit, e.g. apples.", "And pears, etc.", "Yes."]),
        ("The U.S. is large. In the U.S. we sing.", ["The U.S. is large.", "In the U.S. we sing."]),
        ("J. S. Bach wrote it. It was I. Go.", ["J. S. Bach wrote it.", "It was I.", "Go."]),
        ('"Stop!" she said. "Why?" He ran.', ['"Stop!" she said.', '"Why?"', "He ran."]),
        ("Wait... what? Well… yes.", ["Wait... what?", "Well… yes."]),
        ("See No. 5. He said no. It was in Jan. 5 or Dec. He left.",
         ["See No. 5.", "He said no.", "It was in Jan. 5 or Dec.", "He left."]),
        ("The U.S. Army and J.R.R. Tolkien came at 5 p.m. Monday. It was 5 p.m. He left.",
         ["The U.S. Army and J.R.R. Tolkien came at 5 p.m. Monday.", "It was 5 p.m.", "He left."]),
        ("He lives on Baker St. in St. Louis. She works for Apple Inc. It is large.",
         ["He lives on Baker St. in St. Louis.", "She works for Apple Inc.", "It is large."]),
        ("See example.com. Then go.", ["See example.com.", "Then go."]),
        ("One\n\nTwo\nstill two", ["One", "Two still two"]),
        ("1. First point\n2. Second point", ["1. First point", "2. Second point"]),
        ("你好。今天很好！", ["你好。", "今天很好！"]),
        ("नमस्ते। आप कैसे हैं?", ["नमस्ते।", "आप कैसे हैं?"]),
        ("  ", []),
    ],
)  # fmt: skip
def test_sentences_end_where_they_end(text, parts):
    assert list(sentences(text)) == parts


def words(*phonemes):
    return [Reading(f"w{place}", each) for place, each in enumerate(phonemes)]


def told(pieces):
    return [[each.text for each in piece] for piece in pieces]


def test_a_short_sentence_is_one_breath():
    assert told(breaths(words("aaaa", "bbbb,", "cccc."), 100, 40)) == [["w0", "w1", "w2"]]


def test_the_first_breath_ends_at_an_early_pause():
    long = words("aaaa", "bbbb,", "cccc", "dddd,", "e" * 40, "ffff.")
    assert told(breaths(long, 100, 24)) == [["w0", "w1", "w2", "w3"], ["w4", "w5"]]
    assert told(breaths(long, 100)) == [["w0", "w1", "w2", "w3", "w4", "w5"]]


def test_every_breath_may_be_twice_as_long_as_the_one_before():
    parts = words(*["aaaa,"] * 12)
    assert [len(piece) for piece in breaths(parts, 100, 6)] == [1, 2, 4, 5]


def test_no_breath_is_longer_than_the_network_takes():
    for parts in (["aaaa"] * 100, ["a" * 95 + ","] * 5, ["a" * 1000], ["aa bb " * 200], ["a" * 49 + ",", "b" * 200]):
        pieces = list(breaths(words(*parts), 100, 30))
        assert max(len(phonemes_of(piece)) for piece in pieces) <= 100
        assert "".join(phonemes_of(piece) for piece in pieces).replace(" ", "") == "".join(parts).replace(" ", "")
        assert [text for piece in told(pieces) for text in piece if text] == [f"w{k}" for k in range(len(parts))]


def test_an_hour_without_a_full_stop_takes_no_hour():
    begin_s = time.process_time()
    count = sum(1 for sentence in sentences("no end, " * 60_000) for _ in breaths(words(*sentence.split()), 510, 30))
    assert 900 < count < 2000 and time.process_time() - begin_s < 5.0
