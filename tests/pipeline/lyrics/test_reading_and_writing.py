"""Lyrics as people have them are read, and what is written is read again."""

from __future__ import annotations

import pytest

from core.errors import InputError
from pipeline.lyrics.aligning import HeardVoice, align
from pipeline.lyrics.lines import Lyrics, TimedLine, joined, lines_of_words, words_in
from pipeline.lyrics.reading import parse_lyrics, read_lyrics_file
from pipeline.lyrics.writing import WRITERS, lrc_text, write_lyrics
from speech.voice import Word

LYRICS = Lyrics(
    (
        TimedLine((Word("Schön", 1.0, 1.5), Word("wär's,", 1.5, 2.25))),
        TimedLine((Word("¿qué", 6.0, 6.4), Word("tal?", 6.5, 7.0), Word("<3", 7.0, 7.5))),
    )
)


def texts(lines):
    return [joined(word.text for word in line.words) for line in lines]


def test_plain_lines_are_read_without_the_names_of_parts():
    lines = parse_lyrics("[Chorus]\nFind  Boga\n\nhandsome - Boga\n")
    assert texts(lines) == ["Find Boga", "handsome - Boga"]
    assert lines[0].start_s is None and len(lines[1].words) == 2


def test_lrc_tells_times_of_lines_and_words_and_comes_again():
    lines = parse_lyrics("[ar:Somebody]\n[offset:500]\n[00:05.50][01:00]again\n[00:01.5]<00:01.5>one <00:02.00>two <00:02:50>\n")
    assert texts(lines) == ["one two", "again", "again"]
    assert [line.start_s for line in lines] == [1.0, 5.0, 59.5]
    assert [(word.start_s, word.end_s) for word in lines[0].words] == [(1.0, 1.5), (1.5, 2.0)]
    assert lines[0].end_s == 2.0 and lines[1].end_s == 59.5 and lines[2].end_s is None


def test_subtitles_are_read_with_their_markup_left_out():
    srt = parse_lyrics("1\n00:00:01,000 --> 00:00:02,500\n<i>Hello</i>\nworld\n\n2\n00:00:03,000 --> 00:00:04,000\n{\\an8}Bye\n")
    assert texts(srt) == ["Hello world", "Bye"]
    assert [(line.start_s, line.end_s) for line in srt] == [(1.0, 2.5), (3.0, 4.0)]
    vtt = parse_lyrics("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>a &amp; <00:01.500>b\n")
    assert texts(vtt) == ["a & b"] and vtt[0].words[-1].start_s == 1.5


@pytest.mark.parametrize("suffix", [".lrc", ".vtt"])
def test_what_is_written_with_words_times_is_read_again_as_it_was(suffix, tmp_path):
    file = tmp_path / f"words{suffix}"
    write_lyrics(file, LYRICS)
    again = align(parse_lyrics(read_lyrics_file(file)), HeardVoice((), (), 10.0)).lyrics
    assert [line.text for line in again.lines] == [line.text for line in LYRICS.lines]
    for line, was in zip(again.lines, LYRICS.lines, strict=True):
        assert [word.start_s for word in line.words] == pytest.approx([word.start_s for word in was.words], abs=0.01)


def test_srt_and_text_hold_the_lines():
    assert WRITERS[".srt"](LYRICS).startswith("1\n00:00:01,000 --> 00:00:02,850\nSchön wär's,\n")
    assert WRITERS[".txt"](LYRICS) == "Schön wär's,\n¿qué tal? <3\n"
    assert "[00:02.85]\n" in lrc_text(LYRICS)


@pytest.mark.parametrize("text", ["", "\n\n", "[Chorus]", "[00:01.00]\n"])
def test_no_words_are_refused(text):
    with pytest.raises(InputError) as refused:
        parse_lyrics(text)
    assert refused.value.message.code == "pipeline.lyrics.no_words"


def test_japanese_needs_no_blanks():
    assert words_in("きみの声。 hello") == ["き", "み", "の", "声。", "hello"]
    assert joined(words_in("きみの声。")) == "きみの声。"


def test_heard_words_become_lines_at_pauses_and_ends_of_sentences():
    words = [Word("a", 0, 1), Word("b.", 1, 2), Word("c", 2.1, 3), Word("d", 4, 5)]
    assert [line.text for line in lines_of_words(words)] == ["a b.", "c", "d"]
    long = [Word(f"word{number}", number, number + 1) for number in range(20)]
    assert all(len(line.text) <= 42 for line in lines_of_words(long))
