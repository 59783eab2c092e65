"""What was chosen, as it travels in addresses; times as people type them; drawings worked out of rows."""

from __future__ import annotations

import pytest

from app.pages.choice import Choice, Part, read_clock, typed
from app.pages.view import wave_path
from app.texts import clock, time_left


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("75", 75),
        ("1:15", 75),
        ("1:15.5", 75.5),
        ("1:15,5", 75.5),
        (" 0:05 ", 5),
        ("1:5", 65),
        ("12.345", 12.345),
        ("90:00", 5400),
    ],
)
def test_times_are_read(text, seconds):
    assert read_clock(text) == seconds


@pytest.mark.parametrize("text", ["", "x", "1:75", "1:2:3", "-5", "1e9", "nan", "inf", "9" * 20])
def test_what_is_no_time_is_none(text):
    assert read_clock(text) is None


@pytest.mark.parametrize("seconds", [0.1, 3.0, 59.9, 60.0, 61.25, 125.125, 3599.999])
def test_times_survive_being_typed(seconds):
    assert read_clock(typed(seconds)) == seconds


def test_clock_carries_over():
    assert [clock(value) for value in (0, 59.96, 60, 125.5)] == ["0:00", "1:00", "1:00", "2:05.5"]


def test_what_belongs_together_goes_together():
    choice = Choice("s", "p", "2", "1", "2", "f")
    assert choice.without("song").query() == {"picture": "p", "face": "2", "again": "f"}
    assert choice.without("picture").query() == {"song": "s", "start": "1", "end": "2", "again": "f"}
    assert choice.without("part", "face").query(song="t") == {"song": "t", "picture": "p", "again": "f"}


def test_a_choice_takes_only_what_it_knows():
    given = {"song": "s", "face": " 2 ", "picture": "x" * 65, "go": "on", "end": ""}
    assert Choice.from_mapping(given) == Choice(song="s", face="2")


def test_a_frame_comes_as_four_fields_and_goes_as_one():
    given = {"picture": "p", "left": "10", "top": "20", "right": " 110", "bottom": "140"}
    choice = Choice.from_mapping(given)
    assert choice.query() == {"picture": "p", "frame": "10,20,110,140"}
    assert Choice.from_mapping(choice.query()) == choice
    assert choice.without("picture") == choice.without("picture", "face") == Choice()
    assert Choice.from_mapping({"left": "10", "bottom": "5"}).frame == "10,,,5", "what lacks is said, not guessed"


def test_parts():
    assert not Part().is_part and Part(1.0).is_part and Part(1.0).duration_s is None
    assert Part(1.2, 3.5).duration_s == 2.3


@pytest.mark.parametrize("count", [0, 1, 7, 120, 800, 801])
def test_waveforms_fill_their_box(count):
    path = wave_path([0.5 * (index % 2) for index in range(count)], 120)
    numbers = [float(text) for text in path.replace("M", " ").replace("L", " ").replace("H", " ").replace("Z", "").split()]
    assert min(numbers) >= 0 and max(numbers) <= 120
    if count > 1:
        assert "3.0" in path, "the loudest peak reaches to 3 units below the edge"


@pytest.mark.parametrize(
    ("seconds", "overdue", "words"),
    [
        (None, False, ""),
        (0.3, False, "about 2 seconds left"),
        (6.2, False, "about 6 seconds left"),
        (23.0, False, "about 25 seconds left"),
        (62.0, False, "about a minute left"),
        (6000.0, False, "about 2 hours left"),
        (23.0, True, "longer than foreseen: about 25 seconds left"),
    ],
)
def test_the_time_left_is_said_in_words(app, seconds, overdue, words):
    with app.test_request_context():
        assert time_left(seconds, overdue) == words
