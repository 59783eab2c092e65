"""The voice's envelope against known sounds, and the gate against the true stem of real songs."""

from __future__ import annotations

import numpy as np
import pytest

from metrics.envelope import Envelope, inside, music_only_passages, runs, voice_envelope, voice_present
from metrics.silence import silence
from tests.metrics.films import write_wav

RATE = 44100


def tone(seconds: float, level: float) -> np.ndarray:
    return level * np.sin(2 * np.pi * 200 * np.arange(round(seconds * RATE)) / RATE)


def test_rms_of_a_sine_is_its_level_over_root_two(tmp_path):
    envelope = voice_envelope(write_wav(tmp_path / "a.wav", tone(2.0, 0.5)))
    assert len(envelope.rms) == 200
    assert envelope.rms[10:190] == pytest.approx(0.5 / np.sqrt(2), rel=0.02)
    assert envelope.level_db[100] == pytest.approx(-9.03, abs=0.2)


def test_start_and_duration_cut_the_same_sound(tmp_path):
    path = write_wav(tmp_path / "a.wav", np.concatenate([np.zeros(RATE), tone(1.0, 0.5), np.zeros(RATE)]))
    whole, cut = voice_envelope(path), voice_envelope(path, 0.5, 1.0)
    assert len(cut.rms) == 100
    assert cut.rms == pytest.approx(whole.rms[50:150], abs=2e-3)


def test_loudness_at_is_in_time(tmp_path):
    samples = np.zeros(2 * RATE)
    samples[RATE : RATE + RATE // 50] = 0.9
    envelope = voice_envelope(write_wav(tmp_path / "click.wav", samples))
    times = np.arange(0, 2, 0.001)
    assert times[np.argmax(envelope.loudness_at(times))] == pytest.approx(1.01, abs=0.006)


def test_gate_finds_known_gaps(tmp_path):
    sound = [np.zeros(2 * RATE), tone(2, 0.5), np.zeros(RATE // 2), tone(1, 0.2), tone(1.5, 0.0005), tone(1, 0.4), np.zeros(RATE)]
    passages = music_only_passages(voice_envelope(write_wav(tmp_path / "a.wav", np.concatenate(sound))))
    expected = [(0.0, 1.7), (5.8, 6.7), (8.3, 9.0)]
    assert len(passages) == 3
    assert np.array(passages) == pytest.approx(np.array(expected), abs=0.08)


def test_gate_of_silence_and_of_voice_throughout(tmp_path):
    empty = Envelope(np.zeros(500, np.float32), 100.0)
    assert not voice_present(empty).any()
    assert music_only_passages(empty) == [(0.0, 5.0)]
    assert music_only_passages(voice_envelope(write_wav(tmp_path / "a.wav", tone(3, 0.3)))) == []


def test_gate_ignores_short_leaks():
    rms = np.zeros(400, np.float32)
    rms[200:400], rms[100:104] = 0.3, 0.1
    assert not voice_present(Envelope(rms, 100.0))[90:120].any()


def test_real_song_has_its_lead_in_and_out(shared_dir):
    for number, end_s in ((10, 14.098), (14, 17.2)):
        passages = music_only_passages(voice_envelope(shared_dir / "songs" / f"song_{number}_voice.flac"))
        assert passages[0][0] == 0.0
        assert passages[0][1] > 2.5
        assert passages[-1][1] == pytest.approx(end_s, abs=0.02)


def test_runs_and_inside():
    assert runs(np.array([1, 1, 0, 1, 0, 0, 1], bool)) == [(0, 2), (3, 4), (6, 7)]
    assert inside(np.array([0.0, 0.5, 1.0, 2.0]), [(0.4, 1.0)]).tolist() == [False, True, False, False]


class TestSilence:
    times_s = (np.arange(250) + 0.5) / 25
    passages = ((0.0, 3.0), (8.0, 10.0))

    def mouth(self, leak: float) -> np.ndarray:
        aperture = np.full(250, 0.2)
        aperture[inside(self.times_s, list(self.passages))] = leak
        return aperture

    def test_shut_mouth_scores_one(self):
        result = silence(self.times_s, self.mouth(0.005), list(self.passages), 25.0)
        assert (result.frames, result.seconds, result.passages) == (125, 5.0, 2)
        assert result.shut_share == 1.0
        assert result.voice_shut_share == 0.0
        assert result.shuffled_shut_share == pytest.approx(0.5)
        assert result.still_shut_share == 0.0
        assert result.shifted_shut_share < 1.0

    def test_open_mouth_scores_nothing_and_part_a_part(self):
        assert silence(self.times_s, self.mouth(0.05), list(self.passages), 25.0).shut_share == 0.0
        aperture = self.mouth(0.005)
        aperture[:25] = 0.1
        assert silence(self.times_s, aperture, list(self.passages), 25.0).shut_share == pytest.approx(0.8)

    def test_threshold_is_a_tenth_of_the_95th_percentile(self):
        result = silence(self.times_s, self.mouth(0.0), list(self.passages), 25.0)
        assert result.threshold == pytest.approx(0.1 * np.percentile(self.mouth(0.0), 95))

    def test_no_passage_says_so(self):
        result = silence(self.times_s, self.mouth(0.0), [], 25.0)
        assert result.shut_share is None
        assert "no passage" in str(result.reason)

    def test_a_reading_of_shut_lips_is_taken_off_but_not_an_open_mouth(self):
        biased = silence(self.times_s, self.mouth(0.03), list(self.passages), 25.0)
        assert biased.shut_share == 0.0
        assert biased.over_rest_share == 1.0
        assert biased.rest == pytest.approx(0.03)
        assert silence(self.times_s, self.mouth(0.1), list(self.passages), 25.0).over_rest_share is None
        moving = self.mouth(0.03)
        moving[:25] = 0.09
        assert silence(self.times_s, moving, list(self.passages), 25.0).over_rest_share == pytest.approx(0.8)
