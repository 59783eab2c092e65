"""The three words about a film, by figures that are known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.messages import message
from metrics.head_beat import HeadBeat
from metrics.likeness import PORTRAIT, Likeness
from metrics.lip_sync import LipSync
from metrics.marks import beat_mark, likeness_mark, lips_mark, marks_of
from metrics.mouth_change import LIP_APERTURE
from metrics.registry import WithControls

LIPS = LipSync(500, correlation=0.7, lag_ms=10.0, peak_correlation=0.7, shuffled_correlation=0.0, p_value=0.002)
FACE = Likeness(PORTRAIT, 100, 0.9, 0.8, 0.7)
BEAT = HeadBeat(120.0, 40, locking=0.7, p_value=0.003, travel=3.0, seconds=20.0)
SHORT = message("metrics.film_too_short_to_judge", length=3.0, least=5.0)


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "good"),
        ({"correlation": 0.4}, "fair"),
        ({"lag_ms": 70.0}, "fair"),
        ({"lag_ms": -120.0}, "weak"),
        ({"lag_ms": -120.0, "lag_doubt": message("metrics.lag_not_told")}, "good"),
        ({"correlation": 0.1, "p_value": 0.3}, "weak"),
        ({"correlation": -0.57, "doubt": SHORT}, "short"),
        ({"correlation": None, "reason": message("metrics.lips_without_face")}, "untold"),
        ({"doubt": message("metrics.sung_throughout")}, "untold"),
    ],
)
def test_lips(changes, level):
    assert lips_mark(replace(LIPS, **changes), LIP_APERTURE, spoken=False).level == level


def test_spoken_lips_open_by_sounds_more_than_by_loudness():
    lips = replace(LIPS, correlation=0.3)
    assert [lips_mark(lips, LIP_APERTURE, spoken).level for spoken in (False, True)] == ["fair", "good"]


@pytest.mark.parametrize(("mean", "level"), [(0.85, "good"), (0.7, "fair"), (0.4, "weak"), (None, "untold")])
def test_likeness(mean, level):
    assert likeness_mark(replace(FACE, mean=mean)).level == level


def test_the_likeness_of_a_drawing_is_not_judged():
    mark = likeness_mark(replace(FACE, mean=0.5, doubt=message("metrics.likeness_of_a_drawing")))
    assert mark.level == "untold" and "drawing" in str(mark.reason)


@pytest.mark.parametrize(
    ("changes", "level"),
    [
        ({}, "good"),
        ({"p_value": 0.1}, "fair"),
        ({"p_value": 0.6}, "weak"),
        ({"seconds": 5.0, "p_value": 0.9}, "short"),
        ({"p_value": None, "beats": 3, "reason": message("metrics.too_few_beats")}, "short"),
        ({"p_value": None, "reason": message("metrics.too_few_faces_for_beats")}, "untold"),
        ({"travel": 0.1, "p_value": 0.9}, "untold"),
    ],
)
def test_beat(changes, level):
    assert beat_mark(replace(BEAT, **changes)).level == level


def test_words_say_why_there_are_none_and_a_text_has_no_beat():
    figures = {"lip_sync": replace(LIPS, doubt=SHORT), "likeness": WithControls(FACE, FACE, None), "head_beat": BEAT}
    assert [mark.name for mark in marks_of(figures, LIP_APERTURE, False)] == ["lips", "likeness", "beat"]
    spoken = marks_of(figures, LIP_APERTURE, True)
    assert [mark.name for mark in spoken] == ["lips", "likeness"]
    told = spoken[0].as_json()
    assert told["level"] == "short" and told["message"]["code"] == SHORT.code and "3.0 s" in told["reason"]
