"""The arithmetic of time against figures worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.timebase import frame_count, frame_times_s, frames_to_seconds, samples_to_seconds, seconds_to_samples, timecode


@pytest.mark.parametrize(
    ("duration_s", "fps", "frames"), [(2.0, 25.0, 50), (1.019, 25.0, 25), (1.021, 25.0, 26), (0.001, 25.0, 1)]
)
def test_frames_cover_a_length_to_the_nearest(duration_s, fps, frames):
    assert frame_count(duration_s, fps) == frames


def test_frames_and_samples_have_their_seconds():
    assert frames_to_seconds(75, 30.0) == 2.5
    assert samples_to_seconds(22_050, 44_100) == 0.5
    assert seconds_to_samples(0.5, 44_100) == 22_050
    assert seconds_to_samples(1.00001, 44_100) == 44_100


def test_a_frame_stands_for_its_middle():
    np.testing.assert_allclose(frame_times_s(3, 25.0), [0.02, 0.06, 0.10])


@pytest.mark.parametrize(
    ("frame", "fps", "code"),
    [
        (0, 25.0, "00:00:00:00.000"),
        (26, 25.0, "00:00:01:01.000"),
        (59 * 25, 25.0, "00:00:59:00.000"),
        (25 * (2 * 3600 + 3 * 60 + 4) + 5, 25.0, "02:03:04:05.000"),
        (30 * 3661, 29.97, "01:01:01:00.000"),
        (3, 0.4, "00:00:03:00.000"),
    ],
)
def test_time_codes(frame, fps, code):
    assert timecode(frame, fps) == code
