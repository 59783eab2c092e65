"""Beats by our own dynamic programming against librosa's, one for one."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from media.beat_tracking import autocorrelation, track_beats


def struck(seed, seconds, rate_hz, bpm):
    """An onset strength: beats of uneven strength and time, some missing, in noise; silence at both ends."""
    random = np.random.default_rng(seed)
    onset = random.exponential(0.15, round(seconds * rate_hz))
    times_s = np.arange(2.0, seconds - 2.0, 60.0 / bpm)
    times_s = times_s[random.random(len(times_s)) > 0.15] + random.normal(0.0, 0.015, 1)
    onset[np.round(times_s * rate_hz).astype(int)] += random.uniform(0.5, 3.0, len(times_s))
    onset[: round(rate_hz)] = onset[-round(rate_hz) :] = 0.0
    return onset


def librosas(onset, bpm, rate_hz, trim):
    """In double precision: librosa 1.0 loses the last beats of single precision in the silence at the end, 0.11 does not."""
    onset = onset.astype(np.float64)
    return librosa.beat.beat_track(onset_envelope=onset, sr=rate_hz, hop_length=1, bpm=bpm, trim=trim, units="frames")[1]


@pytest.mark.parametrize("rate_hz", [100.0, 22050 / 512])
@pytest.mark.parametrize("trim", [True, False])
@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_beats_are_librosas(rate_hz, trim, kind):
    for seed, bpm in enumerate((48.0, 61.3, 90.0, 117.7, 128.0, 174.2, 215.0)):
        onset = struck(seed, 40.0, rate_hz, bpm).astype(kind)
        expected = librosas(onset, bpm, rate_hz, trim)
        assert len(expected) > 15
        np.testing.assert_array_equal(track_beats(onset, bpm, rate_hz, trim), expected)


def test_even_beats_with_many_equal_scores_are_librosas():
    onset = np.zeros(3000)
    onset[::50] = 1.0
    for bpm in (60.0, 100.0, 120.0, 133.0):
        np.testing.assert_array_equal(track_beats(onset, bpm, 100.0, trim=False), librosas(onset, bpm, 100.0, False))


@pytest.mark.parametrize("length", [1, 2, 3, 40, 130])
def test_short_ones_are_librosas(length):
    onset = np.random.default_rng(length).exponential(1.0, length)
    expected = librosas(onset, 120.0, 100.0, False) if length > 2 else None
    found = track_beats(onset, 120.0, 100.0, trim=False)
    assert len(found) <= length if expected is None else np.array_equal(found, expected)


def test_silence_has_no_beats():
    assert len(track_beats(np.zeros(500), 120.0, 100.0, trim=True)) == 0


@pytest.mark.parametrize("bpm", [0.0, -3.0, np.nan, 5000.0])
def test_a_tempo_without_a_beat_is_refused(bpm):
    with pytest.raises(ValueError, match="beats per minute"):
        track_beats(np.ones(100), bpm, 100.0, trim=False)


def test_autocorrelation_is_librosas_and_the_sum_of_products():
    signal = np.random.default_rng(0).normal(size=(3, 344))
    np.testing.assert_array_equal(autocorrelation(signal), librosa.autocorrelate(signal))
    expected = np.correlate(signal[1], signal[1], mode="full")[343:]
    np.testing.assert_allclose(autocorrelation(signal)[1], expected, atol=1e-9)
