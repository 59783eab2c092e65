"""Given words get the times at which they are heard, also where some are heard wrongly or not at all."""

from __future__ import annotations

import pytest

from pipeline.lyrics.aligning import HeardVoice, align, alike, matches, plain
from pipeline.lyrics.lines import GivenLine, GivenWord
from pipeline.lyrics.reading import parse_lyrics
from speech.voice import Word


def heard(*words, voiced=((0.0, 20.0),), length_s=20.0):
    return HeardVoice(tuple(Word(*word) for word in words), voiced, length_s)


def starts(aligned):
    return [word.start_s for line in aligned.lyrics.lines for word in line.words]


def test_words_match_whatever_their_signs_and_case():
    assert plain("Größe!") == plain("GRÖSSE") and plain("don't") == "dont"
    assert list(matches(["a", "valley", "x"], ["b", "a", "vally", "x"])) == [(0, 1), (1, 2), (2, 3)]
    assert alike("valley", "valley") == 1.0 and alike("abc", "xyz") == 0.0


def test_words_that_were_heard_wrongly_get_the_time_of_what_was_heard():
    lines = parse_lyrics("Find vole, handsome vole\nbogged down in the valley")
    found = align(lines, heard(("Find", 1, 2), ("volt", 2, 3), ("hansom", 3, 4), ("vole", 4, 5), ("down", 7, 8), ("in", 8, 9)))
    assert starts(found)[:4] == [1, 2, 3, 4] and starts(found)[5:7] == [7, 8]
    assert 5 <= starts(found)[4] < 7


def test_words_nobody_heard_lie_where_the_voice_sounds():
    lines = parse_lyrics("first zzz qqq last")
    found = align(lines, heard(("first", 0, 1), ("last", 9, 10), voiced=((0.0, 1.0), (4.0, 6.0), (9.0, 10.0)), length_s=10.0))
    assert starts(found) == pytest.approx([0.0, 4.0, 5.0, 9.0])
    assert found.matched == 0.5


def test_times_that_the_lines_tell_are_kept_and_bound_their_words():
    lines = (
        GivenLine((GivenWord("la"), GivenWord("la")), 2.0, 4.0),
        GivenLine((GivenWord("one", 5.0), GivenWord("two", 6.0)), 5.0, 7.0),
    )
    found = align(lines, heard(("la", 15, 16)))
    assert starts(found) == [2.0, 3.0, 5.0, 6.0]
    assert found.lyrics.lines[1].end_s == 7.0


def test_times_never_run_backwards_and_words_have_length():
    lines = parse_lyrics("a b c d e f g h\ni j k")
    found = align(lines, heard(("c", 3, 3), ("d", 3, 3), voiced=((3.0, 3.1),)))
    times = starts(found)
    assert times == sorted(times)
    assert all(word.end_s > word.start_s for line in found.lyrics.lines for word in line.words)


def test_lines_of_which_nothing_is_heard_are_named():
    found = align(parse_lyrics("zz yy\nhello"), heard(("hello", 3, 4)))
    assert found.unmatched == {0}
