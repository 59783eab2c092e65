"""The mel spectrogram against the published program's and librosa's."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from sadtalker_runner.mel import BLOCK_HOPS, mel_spectrogram, mel_windows


def test_it_is_the_published_one(shared_dir):
    published = np.load(shared_dir / "parity" / "sadtalker.npz")
    assert np.abs(mel_spectrogram(published["mel_wav"]) - published["mel"]).max() < 1e-4


def test_long_sound_is_worked_on_in_blocks_without_seams():
    random = np.random.default_rng(0)
    samples = (random.standard_normal(200 * (BLOCK_HOPS + 300)) * 0.1).astype(np.float32)
    amplitude = np.abs(librosa.stft(np.append(samples[0], samples[1:] - 0.97 * samples[:-1]), n_fft=800, hop_length=200))
    mel = librosa.filters.mel(sr=16000, n_fft=800, n_mels=80, fmin=55, fmax=7600) @ amplitude
    expected = np.clip(8 * (20 * np.log10(np.maximum(1e-5, mel)) - 20 + 100) / 100 - 4, -4, 4)
    assert np.abs(mel_spectrogram(samples) - expected.T).max() < 1e-3


def test_silence_is_the_floor():
    assert (mel_spectrogram(np.zeros(1000, np.float32)) == -4).all()


def test_windows_of_frames():
    spectrogram = np.arange(100, dtype=np.float32)[:, None].repeat(80, axis=1)
    windows = mel_windows(spectrogram, 0, 30, 25.0)
    assert windows.shape == (30, 1, 80, 16)
    # As the published program numbers them: int(80 (i - 2) / 25), cut towards zero, and clipped at the ends.
    for i in range(30):
        start = int(80.0 * ((i - 2) / 25.0))
        assert (windows[i, 0, 0] == np.clip(np.arange(start, start + 16), 0, 99)).all()
    assert (mel_windows(spectrogram, 7, 2, 25.0) == windows[7:9]).all()


@pytest.mark.parametrize("fps", [25.0, 50.0, 30.0])
def test_windows_stay_with_the_sound_at_every_frame_rate(fps):
    """A window's middle lies where the frame is: a click at 1 s is in the middle for the frame at 1 s."""
    samples = np.zeros(32000, np.float32)
    samples[16000] = 1
    windows = mel_windows(mel_spectrogram(samples), 0, round(2 * fps), fps)
    loudest = windows[round(fps), 0].mean(axis=0).argmax()
    assert abs(int(loudest) - 6.5) <= 1
