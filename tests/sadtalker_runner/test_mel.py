"""The windows of the spectrogram that belong to frames."""

from __future__ import annotations

import numpy as np
import pytest

from neural.wav2lip_mel import mel_spectrogram
from sadtalker_runner.mel import mel_windows


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
