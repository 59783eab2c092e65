"""Lyrics that a person corrects: what was not touched keeps its times, what is new lies where there is room."""

from __future__ import annotations

import pytest

from core.errors import InputError
from pipeline.lyrics.editing import LEAST_LINE_S, EditedLine, edited_lyrics
from pipeline.lyrics.lines import Lyrics, TimedLine
from speech.voice import Word

FIRST = TimedLine((Word("Hello", 1.0, 1.4), Word("my", 1.5, 1.6), Word("fiend,", 1.7, 2.4)))
SECOND = TimedLine((Word("good", 3.0, 3.4), Word("bye", 3.5, 4.0)))
LYRICS = Lyrics((FIRST, SECOND), "en")


def as_was(line, place, **changes):
    return EditedLine(**{"text": line.text, "start_s": line.start_s, "end_s": line.end_s, "of": place, **changes})


def test_lines_that_nobody_touched_stay():
    assert edited_lyrics(LYRICS, [as_was(FIRST, 0), as_was(SECOND, 1)]) == LYRICS


def test_a_misheard_word_is_corrected_in_its_own_time():
    found = edited_lyrics(LYRICS, [as_was(FIRST, 0, text="Hello my friend,"), as_was(SECOND, 1)])
    assert found.lines[0].words == (*FIRST.words[:2], Word("friend,", 1.6, 2.4)) and found.lines[1] == SECOND


def test_a_new_word_gets_room_between_its_neighbours():
    words = edited_lyrics(LYRICS, [as_was(FIRST, 0, text="Hello my dear fiend,")]).lines[0].words
    assert [word.text for word in words] == ["Hello", "my", "dear", "fiend,"] and words[0] == FIRST.words[0]
    assert all(word.end_s - word.start_s > 0.05 for word in words) and words[-1].end_s == pytest.approx(2.4)
    assert [word.start_s for word in words] == sorted(word.start_s for word in words)


def test_a_line_that_moves_takes_its_words_with_it_and_one_that_lasts_longer_stretches_them():
    moved = edited_lyrics(LYRICS, [as_was(FIRST, 0, start_s=2.0, end_s=3.4)]).lines[0]
    assert [word.start_s for word in moved.words] == pytest.approx([2.0, 2.5, 2.7])
    longer = edited_lyrics(LYRICS, [as_was(SECOND, 1, end_s=5.0)]).lines[0]
    assert [(word.start_s, word.end_s) for word in longer.words] == [(3.0, pytest.approx(3.8)), (pytest.approx(4.0), 5.0)]


def test_lines_come_go_and_are_put_in_order():
    given = [as_was(SECOND, 1, text=" "), EditedLine("at last", 6.0, 7.0), EditedLine("a new one", 0.2, 0.9), as_was(FIRST, 0)]
    found = edited_lyrics(LYRICS, given)
    assert [line.text for line in found.lines] == ["a new one", FIRST.text, "at last"] and found.language == "en"
    assert (found.lines[0].start_s, found.lines[0].end_s) == (0.2, 0.9)


def test_letters_without_blanks_are_words_too():
    line = TimedLine((Word("春", 0.0, 0.5), Word("が", 0.5, 1.0)))
    found = edited_lyrics(Lyrics((line,), "ja"), [EditedLine("春は", 0.0, 1.0, 0)]).lines[0]
    assert [word.text for word in found.words] == ["春", "は"] and found.words[0] == line.words[0]


@pytest.mark.parametrize(("start_s", "end_s"), [(-0.1, 2.0), (2.0, 2.0 + LEAST_LINE_S / 2), (3.0, 1.0)])
def test_times_that_can_not_be_are_told(start_s, end_s):
    with pytest.raises(InputError, match="A line can't last"):
        edited_lyrics(LYRICS, [EditedLine("la", start_s, end_s)])


def test_no_words_at_all_are_told():
    with pytest.raises(InputError, match="no words"):
        edited_lyrics(LYRICS, [as_was(FIRST, 0, text="")])
