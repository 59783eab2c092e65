"""Key points of the intensity and the report of the curve: what is accepted, what is refused, what is told."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.errors import InputError
from motion.intensity import (
    ASCII_BARS,
    BARS,
    MOST_POINTS,
    Emotion,
    check_points,
    check_within,
    emotion_of_curves,
    emotion_tag,
    few_points,
    parse_points,
    points_of_argument,
    points_text,
    read_points,
    sparkline,
)
from pipeline.cli.emotion import can_print
from pipeline.film_settings import SongToVideoSettings


def test_texts_and_files_tell_the_same_points(tmp_path):
    points = ((0.0, 0.3), (12.5, 0.9), (20.0, 0.4))
    assert parse_points("0:0.3, 12.5:0.9,20:0.4") == parse_points("0:.3,\n12.5:0.9,\n20:4e-1,") == points
    assert parse_points(points_text(points)) == points
    assert parse_points("") == parse_points(" , ") == ()
    for name, text in {
        "plain.csv": "0,0.3\n12.5,0.9\n20,0.4\n",
        "titled.csv": "\ufefftime_s,intensity\r\n0,0.3\r\n\r\n12.5,0.9\r\n20,0.4",
        "semicolons.csv": "time;value\n0;0.3\n12.5;0.9\n20;0.4\n",
        "tabs.tsv": "0\t0.3\n12.5\t0.9\n20\t0.4\n",
    }.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert points_of_argument(f"@{tmp_path / name}") == read_points(tmp_path / name) == points, name


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("0.5", "SECONDS:VALUE"),
        ("0:0.3:4", "SECONDS:VALUE"),
        ("0:high", "SECONDS:VALUE"),
        ("@/etc/passwd", "SECONDS:VALUE"),
        ("0:1.01", "point 1 .* value 1.01; 0 to 1"),
        ("0:-0.1", "value -0.1"),
        ("0:nan", "value nan"),
        ("nan:0.5", "lies at nan"),
        ("inf:0.5", "lies at inf"),
        ("-1:0.5", "lies at -1"),
        ("0:0.5,5:0.5,5:0.6", "in order of time, but 5 s comes after 5 s"),
        ("9:0.5,5:0.5", "5 s comes after 9 s"),
        (",".join(f"{k}:0.5" for k in range(MOST_POINTS + 1)), f"more than {MOST_POINTS}"),
    ],
)
def test_bad_texts_are_one_sentence(text, problem):
    with pytest.raises(InputError, match=problem) as refused:
        parse_points(text)
    sentence = str(refused.value)
    assert sentence.endswith(".") and sentence[0].isupper() and "\n" not in sentence and len(sentence) < 160


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"0,0.3\n1,x\n", "Line 2 of"),
        (b"0,0.3\n1,0.4,9\n", "Line 2 of"),
        (b"time 5,value\n0,0.3\n", "Line 1 of"),
        (b"\xff\xfe\x00\x01", "not text"),
        (b"0,2\n", "value 2"),
        (b"#" * 1_000_001, "too large"),
    ],
)
def test_bad_files_are_one_sentence(tmp_path, content, problem):
    path = tmp_path / "points.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=problem):
        read_points(path)


def test_files_that_are_none(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(InputError, match="can't be read"):
            read_points(path)


@pytest.mark.parametrize("points", [[1.0], [(1.0,)], [(0.0, 0.5, 2.0)], [("a", 0.5)], [None], [(0.0, None)]])
def test_values_of_any_kind_are_checked(points):
    with pytest.raises(InputError, match="Key point 1"):
        check_points(points)


def test_lists_from_json_become_points():
    stored = json.loads(json.dumps({"intensity_points": [[0, 0.25], [3.5, 1]], "style": "sad"}))
    settings = SongToVideoSettings(**stored)
    assert settings.intensity_points == ((0.0, 0.25), (3.5, 1.0))
    assert settings == SongToVideoSettings(style="sad", intensity_points=((0.0, 0.25), (3.5, 1.0)))
    hash(settings)


def test_points_beyond_the_end():
    points = ((0.0, 0.5), (10.03, 1.0))
    check_within((), 10.0, 25.0)
    check_within(points, 10.0, 25.0)
    with pytest.raises(InputError, match=r"10\.03 s .* beyond the film's end at 9\.90 s"):
        check_within(points, 9.9, 25.0)


@pytest.mark.slow
def test_few_points_stay_near_the_curve():
    generator = np.random.default_rng(2)
    values = np.clip(0.5 + 0.4 * np.sin(np.arange(200) / 9.0) + 0.01 * generator.standard_normal(200), 0, 1).tolist()
    points = few_points(values, 0.5, 0.05)
    told = np.interp(0.5 * np.arange(200), *np.asarray(points).T)
    assert np.abs(told - values).max() <= 0.05 + 0.005  # points are rounded to the hundredth
    assert len(points) < 60
    assert few_points([0.25, 0.5, 0.75, 1.0], 0.5) == ((0.0, 0.25), (1.5, 1.0))
    assert few_points([0.4], 0.5) == ((0.0, 0.4),) and few_points([], 0.5) == ()
    assert check_points(points) == points


def test_few_points_are_never_too_many(monkeypatch):
    monkeypatch.setattr("motion.intensity.MOST_POINTS", 50)  # a curve of many hours takes half a minute
    jagged = few_points([float(k % 2) * 0.5 for k in range(200)], 0.5)
    assert 1 < len(jagged) <= 50


def test_sparkline_shows_heights():
    assert sparkline([0.0, 1.0]) == "▁█"
    assert sparkline([0.0] * 100 + [1.0] * 100, 4) == "▁▁██"
    assert sparkline([0.5]) == "▅" and sparkline([]) == ""
    assert len(sparkline([0.3] * 7, 72)) == 7
    assert sparkline([0.0, 1.0], bars=ASCII_BARS) == "_#"
    assert can_print(BARS, "utf-8") and not can_print(BARS, "cp1252") and not can_print(BARS, None)
    assert can_print(ASCII_BARS, "ascii")


def test_the_report_reads_the_curves_at_its_step():
    curve = np.linspace(0.0, 1.0, 1001)  # ten seconds at 100 a second
    emotion = emotion_of_curves("auto", [(0.0, 4.0, "sad"), (4.0, 12.0, "happy")], curve, 1 - curve, 100.0, 10.0, ())
    assert emotion.intensity == tuple(np.round(np.arange(21) * 0.05, 3))
    assert emotion.automatic[0] == 1.0 and emotion.automatic[-1] == 0.0
    assert [(part.start_s, part.stop_s, part.style) for part in emotion.sections] == [(0.0, 4.0, "sad"), (4.0, 10.0, "happy")]
    assert emotion.automatic_points == ((0.0, 1.0), (10.0, 0.0))


def test_a_curve_that_ends_before_the_film_is_held():
    emotion = emotion_of_curves("auto", [], [0.2, 0.4, 0.6], [0.1, 0.2, 0.3], 2.0, 3.0, ())
    assert emotion.intensity == (0.2, 0.4, 0.6, 0.6, 0.6, 0.6, 0.6)
    assert emotion.automatic[-1] == 0.3


def test_the_ends_of_the_range_are_accepted():
    assert check_points([(0, 0), (1.5, 1)]) == ((0.0, 0.0), (1.5, 1.0))


def test_the_films_tag_tells_the_points_that_were_given():
    emotion = Emotion("sad", (), 0.5, (0.2, 0.9), (0.2, 0.9), ((0.0, 0.3), (4.0, 0.6)), ())
    assert json.loads(emotion_tag(emotion))["intensity"] == "0:0.30,4:0.60"


def test_a_bar_is_the_mean_of_its_part():
    assert sparkline([0.5, 0.5, 0.25, 0.25], width=2, bars="abcd") == "cb"
