"""Beats of sounds and songs, as librosa's own tracker finds them."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from core.errors import InputError
from media.media import read_audio_blocks
from media.mel_scale import slaney_filters
from metrics.song_beats import (
    BEAT_SAMPLE_RATE_HZ,
    HOP_SAMPLES,
    MEL_BANDS,
    WINDOW_SAMPLES,
    onset_strength,
    song_beats,
    tempo_bpm,
)
from tests.metrics.films import write_wav

SONGS = ("song_10_mix.flac", "song_14_mix.flac", "spleeter_example.mp3")
FILTERS = slaney_filters(BEAT_SAMPLE_RATE_HZ, WINDOW_SAMPLES, MEL_BANDS, 0.0, BEAT_SAMPLE_RATE_HZ / 2)


def whole(song):
    return np.concatenate([block[:, 0] for block in read_audio_blocks(song, BEAT_SAMPLE_RATE_HZ, 1, 1 << 20, 0.0, None)])


@pytest.mark.parametrize("name", SONGS)
def test_onsets_tempo_and_beats_are_librosas(shared_dir, name):
    song = shared_dir / "songs" / name
    sound = whole(song)
    options = {"sr": BEAT_SAMPLE_RATE_HZ, "hop_length": HOP_SAMPLES}
    onset = librosa.onset.onset_strength(y=sound, aggregate=np.median, **options)
    found = onset_strength(sound, FILTERS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, onset, atol=2e-3)
    bpm, frames = librosa.beat.beat_track(onset_envelope=onset, **options)
    assert tempo_bpm(found) == pytest.approx(float(np.squeeze(bpm)), rel=1e-12)
    assert len(sound) < 2048 * HOP_SAMPLES, "one block, or the blocks' seams are compared as well"
    np.testing.assert_array_equal(song_beats(song), librosa.frames_to_time(frames, **options))
    assert len(frames) > 15


def test_silence_and_the_shortest_sound_have_no_beats(tmp_path):
    write_wav(tmp_path / "silence.wav", np.zeros(BEAT_SAMPLE_RATE_HZ), BEAT_SAMPLE_RATE_HZ)
    assert len(song_beats(tmp_path / "silence.wav")) == 0
    write_wav(tmp_path / "short.wav", np.full(300, 0.5), BEAT_SAMPLE_RATE_HZ)
    assert len(song_beats(tmp_path / "short.wav")) <= 1


def test_what_is_no_song_is_refused(tmp_path):
    (tmp_path / "song.wav").write_text("no song")
    with pytest.raises(InputError):
        song_beats(tmp_path / "song.wav")
