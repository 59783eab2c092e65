"""The mel spectrogram against the published program's and librosa's."""

from __future__ import annotations

import librosa
import numpy as np

from neural.wav2lip_mel import BLOCK_HOPS, mel_spectrogram


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
