"""Slaney's triangles against librosa's, to the last bit."""

from __future__ import annotations

import librosa
import numpy as np
import pytest

from media.mel_scale import slaney_filters, slaney_triangles

CASES = [
    (16000, 400, 80, 0.0, 8000.0),
    (16000, 800, 80, 55.0, 7600.0),
    (22050, 2048, 128, 0.0, 11025.0),
    (16000, 800, 20, 1500.0, 7000.0),
]


@pytest.mark.parametrize(("rate_hz", "window", "bands", "low_hz", "high_hz"), CASES)
def test_filters_are_librosas(rate_hz, window, bands, low_hz, high_hz):
    expected = librosa.filters.mel(sr=rate_hz, n_fft=window, n_mels=bands, fmin=low_hz, fmax=high_hz)
    found = slaney_filters(rate_hz, window, bands, low_hz, high_hz)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)


def test_triangles_meet():
    triangles, width_hz = slaney_triangles(48000, 48000, 10, 100.0, 6000.0)
    assert triangles.shape == (10, 24001) and width_hz.shape == (10, 1)
    assert triangles.max() <= 1.0 and triangles.max(axis=1).min() > 0.98
    inside = triangles.sum(axis=0)[int(np.argmax(triangles[0])) : int(np.argmax(triangles[-1]))]
    np.testing.assert_allclose(inside, 1.0, atol=1e-9)
