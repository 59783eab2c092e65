"""Heads that keep time, that keep another time, and that wander."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.head_beat import beat_phase, head_beat, lowest_ms, phase_vector
from metrics.song_beats import song_beats
from tests.metrics.films import write_wav

FPS, SECONDS = 25.0, 24.0
TIMES_S = (np.arange(round(FPS * SECONDS)) + 0.5) / FPS
BEATS_S = np.arange(0.2, SECONDS, 0.5)
STILL = np.zeros((len(TIMES_S), 3))


def nod(period_s: float, lowest_at_s: float) -> np.ndarray:
    """Height growing downwards, greatest (head lowest) at `lowest_at_s` and each period after."""
    return 0.02 * np.cos(2 * np.pi * (TIMES_S - lowest_at_s) / period_s)


@pytest.mark.parametrize("beats", [1, 2, 4])
def test_a_head_that_nods_with_the_beat_is_locked(beats):
    result = head_beat(TIMES_S, nod(0.5 * beats, 0.2), STILL, BEATS_S)
    assert result.locking > 0.9
    assert result.beats_per_nod == beats
    assert result.lowest_ms == pytest.approx(0.0, abs=15)
    assert result.control_p95 < 0.6
    assert result.p_value < 0.02
    assert result.tempo_bpm == pytest.approx(120)


@pytest.mark.slow
def test_lowest_point_is_told_in_time():
    assert head_beat(TIMES_S, nod(1.0, 0.3), STILL, BEATS_S).lowest_ms == pytest.approx(100, abs=15)
    assert head_beat(TIMES_S, nod(1.0, 0.1), STILL, BEATS_S).lowest_ms == pytest.approx(-100, abs=15)


@pytest.mark.slow
def test_a_head_at_another_tempo_and_one_that_wanders_are_not_locked():
    other = head_beat(TIMES_S, nod(0.83, 0.2), STILL, BEATS_S)
    rng = np.random.default_rng(0)
    wander = head_beat(TIMES_S, np.cumsum(rng.normal(size=len(TIMES_S))) / 100, STILL, BEATS_S)
    assert other.locking < 0.3
    assert other.p_value > 0.05
    assert wander.locking < 0.45
    assert wander.p_value > 0.02


@pytest.mark.slow
def test_a_still_head_scores_nothing_and_lost_faces_are_left_out():
    assert head_beat(TIMES_S, np.zeros(len(TIMES_S)), STILL, BEATS_S).locking == 0.0
    height = nod(1.0, 0.2)
    height[50:80] = np.nan
    result = head_beat(TIMES_S, height, STILL, BEATS_S)
    assert result.locking > 0.85
    assert result.still_locking == 0.0


def test_too_few_beats_say_so():
    assert "Too few beats" in str(head_beat(TIMES_S, nod(1.0, 0.0), STILL, BEATS_S[:3]).reason)


def test_vector_of_a_sine_has_length_one_and_its_angle():
    vector = phase_vector(TIMES_S, nod(0.5, 0.2), BEATS_S, 1)
    assert abs(vector) == pytest.approx(1.0, abs=0.05)
    assert lowest_ms(vector, 0.5) == pytest.approx(0.0, abs=10)


def test_beat_phase():
    assert beat_phase(np.array([0.2, 0.45, 0.7]), BEATS_S) == pytest.approx([0.0, 0.5, 1.0])
    assert np.isnan(beat_phase(np.array([0.0]), BEATS_S)[0])


@pytest.mark.slow
def test_beats_of_a_click_track(tmp_path):
    rate = 22050
    sound = np.zeros(rate * 60)
    for beat_s in np.arange(0.5, 59.9, 0.6):
        begin = round(beat_s * rate)
        sound[begin : begin + 600] = 0.8 * np.exp(-np.arange(600) / 120) * np.sin(np.arange(600) * 0.4)
    beats = song_beats(write_wav(tmp_path / "clicks.wav", sound, rate))
    assert np.median(np.diff(beats)) == pytest.approx(0.6, abs=0.02)
    off = (beats - 0.5 + 0.3) % 0.6 - 0.3
    assert np.median(np.abs(off)) < 0.05
    later = song_beats(tmp_path / "clicks.wav", 10.0, 20.0)
    assert later.max() < 20.0
    assert song_beats(write_wav(tmp_path / "silence.wav", np.zeros(rate * 5), rate)).size == 0
