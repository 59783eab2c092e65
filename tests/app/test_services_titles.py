"""Titles from whatever a client calls a file."""

from __future__ import annotations

import pytest

from app.services.titles import clean_title, fold, title_of_file


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("Nessun dorma.mp3", "Nessun dorma"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Musik\\Lied.WAV", "Lied"),
        ("/absolute/../song.flac", "song"),
        ("two\nlines\r\n.mp3", "two lines"),
        ("null\x00byte.mp3", "null byte"),
        ("\x1b[31mred\x1b[0m.mp3", "[31mred [0m"),
        ("evil\u202e3pm.exe", "evil 3pm"),
        ("Дубинушка.mp3", "Дубинушка"),
        ("さくら さくら.m4a", "さくら さくら"),
        ("می‌خواهم.ogg", "می‌خواهم"),
        ("e\u0301tude.mp3", "étude"),
        ("lone \ud800 surrogate.mp3", "lone surrogate"),
        ("St. Louis Blues", "St. Louis Blues"),
        ("song.final version", "song.final version"),
        (".mp3", ".mp3"),
        ("", "Untitled"),
        ("..", "Untitled"),
        ("///", "Untitled"),
        ("\x00\x01.mp3", "Untitled"),
        ("a" * 500 + ".mp3", "a" * 40),
        ("<script>alert(1)</script>.mp3", "script>"),
    ],
)
def test_title_of_file(name, title):
    assert title_of_file(name, 40) == title
    title.encode("utf-8")  # can be stored and sent


def test_a_title_is_one_line_and_may_end_up_empty():
    assert clean_title("  a \t b  ", 10) == "a b"
    assert clean_title("\u200b\u2066", 10) == ""


def test_search_is_blind_to_case_and_width():
    assert fold("ÉTUDE Ａ ß") == fold("étude a SS")
