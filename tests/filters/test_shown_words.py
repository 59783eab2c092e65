"""Words over the frames of films of every shape."""

from __future__ import annotations

import numpy as np
import pytest

from filters.shown_words import (
    BLOCK_PART,
    FONT,
    HEARD_COLOUR,
    LEAST_PART,
    ROW_HEIGHT,
    ShownLine,
    ShownWords,
    fitted,
    font_for,
)
from speech.voice import Word

TEXTS = ("Schöne", "Grüße,", "¿qué", "tal,", "señor?", "Ça", "va")
WORDS = tuple(Word(text, number, number + 1.0) for number, text in enumerate(TEXTS, start=1))
LINES = [ShownLine(WORDS, 8.0)]


def drawn(style, height, width, seconds, level=90):
    frames = [np.full((height, width, 3), level, np.uint8) for _ in range(seconds + 1)]
    shown = list(ShownWords(LINES, style, 1.0).apply(iter(frames)))
    assert all((frame == level).all() for frame in frames), "the renderer's own arrays stay"
    return shown


@pytest.mark.parametrize("style", ["plain", "box", "karaoke"])
@pytest.mark.parametrize(("height", "width"), [(360, 640), (640, 360), (480, 480), (64, 64)])
def test_the_words_stand_in_the_lower_half_within_the_margins_while_they_are_heard(style, height, width):
    shown = drawn(style, height, width, 9)
    assert (shown[0] == 90).all() and (shown[8] == 90).all()
    rows, columns = np.nonzero((shown[3] != 90).any(axis=2))
    if min(height, width) >= 300:
        assert rows.min() > 0.5 * height and rows.max() < (0.83 if height > width else 0.96) * height
        assert columns.min() > 0.02 * width and columns.max() < 0.98 * width
        assert abs((columns.min() + columns.max()) / 2 - width / 2) < 0.03 * width


def test_karaoke_colours_word_after_word():
    shown = drawn("karaoke", 360, 640, 6)

    def coloured(frame):
        return int((frame == HEARD_COLOUR[:3]).all(axis=2).sum())

    counts = [coloured(frame) for frame in shown[1:7]]
    assert counts[0] > 0 and counts == sorted(counts) and counts[5] > 3 * counts[0]
    assert coloured(drawn("plain", 360, 640, 6)[5]) == 0


def test_letters_of_european_languages_are_in_our_font_and_what_no_font_has_is_named():
    assert font_for("äöüÄÖÜßñáéíóú¿¡çœğşżłčřαβжщ“”„…—♪") == (FONT, "")
    assert font_for("a\ue000")[1] == "\ue000"
    assert ShownWords([ShownLine((Word("\ue000b", 0, 1),), 2.0)], "plain", 25.0).missing == "\ue000"


def test_rows_are_about_equally_long_and_do_not_climb_into_the_face():
    texts = ["endeavoring", "towards", "a", "better,"]
    font, rows = fitted(texts, 512, 512, FONT)
    assert [" ".join(row) for row in rows] == ["endeavoring", "towards a better,"]
    assert len(rows) * ROW_HEIGHT * font.size <= BLOCK_PART * 512
    alone, one_row = fitted(texts[:2], 512, 512, FONT)
    assert len(one_row) == 1 and alone.size > font.size >= LEAST_PART * alone.size - 1
