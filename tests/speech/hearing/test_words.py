"""Every word of a song with its time."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from core.errors import MissingError
from core.places import ROOT
from media.sound_reader import read_audio_blocks
from speech.hearing.whisper import RATE_HZ, Piece, whisper
from speech.hearing.words import CUT_UNTIL_S, heard_windows, loud_windows, timed_words, voiced_spans
from speech.wide import is_wide, wide_parts


def test_words_begin_after_a_rest_and_end_before_one():
    pieces = [Piece(" Hap", 0.0), Piece("py", 3.2), Piece(" day", 3.6), Piece(",", 4.5), Piece(" to", 4.6), Piece(" you", 7.0)]
    words = timed_words(pieces, [(0.2, 0.3), (3.0, 4.5), (6.5, 8.0)], 10.0)
    assert [word.text for word in words] == ["Happy", "day,", "to", "you"]
    assert [word.start_s for word in words] == [3.0, 3.6, 6.5, 7.0]
    assert [word.end_s for word in words] == [3.6, 4.5, 7.0, 8.0]


def test_letters_of_writings_without_blanks_are_words():
    assert list(wide_parts("きみ。")) == ["き", "み。"] and list(wide_parts(" blue")) == [" blue"]
    assert not is_wide("a") and not is_wide("한") and is_wide("声")


def test_silence_has_no_words_and_asks_nobody():
    assert list(heard_windows([np.zeros(RATE_HZ, np.float32)], ear=lambda: pytest.fail("nobody is to be asked"))) == []


def test_long_sounds_are_cut_where_they_are_quietest():
    sound = np.full(40 * RATE_HZ, 0.1, np.float32)
    sound[20 * RATE_HZ : 21 * RATE_HZ] = 0.0
    first, rest = loud_windows([sound])
    assert 20 * RATE_HZ <= len(first) <= 21 * RATE_HZ and len(first) + len(rest) == len(sound)
    assert all(len(each) <= CUT_UNTIL_S * RATE_HZ for each in (first, rest))
    assert voiced_spans(first)[0][0] == 0.0 and voiced_spans(first)[0][1] == pytest.approx(20.0, abs=0.1)


@pytest.mark.slow
def test_the_demo_song_is_understood_word_by_word():
    pytest.importorskip("ctranslate2")
    try:
        ear = whisper()
    except MissingError as error:
        pytest.skip(f"Whisper's weights are not at hand: {error}")
    blocks = read_audio_blocks(ROOT / "demo" / "song.mp3", RATE_HZ, 1, 10 * RATE_HZ)
    words = [word for window in heard_windows(blocks, "en", lambda: ear) for word in window.words]
    said = [word.text.strip(".,!").lower() for word in words]
    assert said.count("happy") == 4 and said.count("birthday") == 4 and said[-1] == "you"
    assert all(one.end_s <= other.start_s + 1e-6 for one, other in pairwise(words))
