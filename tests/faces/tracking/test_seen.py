"""How states are judged, told apart from flicker, and steadying by known curves."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from faces.tracking.seen import is_cut, with_slack, without_flicker
from faces.tracking.shots import CutFinder
from faces.tracking.steadying import steadied, trembling_of
from faces.tracking.track_notes import clock


def test_a_state_that_was_entered_is_left_later():
    angles = np.array([40, 46, 43, 44, 40, 43, np.nan, 50, np.nan])
    assert with_slack(angles, 45, 41).tolist() == [False, True, True, True, False, False, False, True, True]


@pytest.mark.parametrize(
    ("states", "calm"),
    [
        ("1111211111", "1111111111"),
        ("1111122222", "1111122222"),
        ("1121222222", "1111222222"),
        ("1211112222", "1111112222"),
        ("333", "333"),
    ],
)
def test_short_states_go_to_their_neighbours(states, calm):
    found = without_flicker(np.array([int(state) for state in states], np.uint8), 3)
    assert "".join(map(str, found)) == calm


def test_mouths_beyond_the_border():
    landmarks = np.full((3, 478, 3), 50, np.float32)
    landmarks[:, 61, 0], landmarks[:, 291, 0] = 30, 70
    landmarks[1, 291, 0] = 105
    landmarks[2, 17, 1] = -10
    assert is_cut(landmarks, (100, 100)).tolist() == [False, True, True]


@pytest.mark.parametrize("fps", [25.0, 60.0])
def test_steadying_takes_trembling_and_leaves_movement(fps):
    """Noise alone loses most of its trembling; a mouth that opens four times a second keeps its height and its time."""
    times_s = np.arange(round(4 * fps)) / fps
    rng = np.random.default_rng(0)
    still = rng.normal(0, 0.1, (len(times_s), 30)).astype(np.float32)
    moving = (3 * np.sin(2 * np.pi * 4 * times_s)[:, None] + rng.normal(0, 0.1, (len(times_s), 30))).astype(np.float32)
    groups = (tuple(range(30)),)
    noise = trembling_of(still, groups)
    assert noise[0] == pytest.approx(0.01, rel=0.2)
    calm, lively = steadied(still, groups, noise, fps), steadied(moving, groups, noise, fps)
    assert np.abs(np.diff(calm, axis=0)).mean() < 0.35 * np.abs(np.diff(still, axis=0)).mean()
    clean = 3 * np.sin(2 * np.pi * 4 * times_s)
    assert lively.mean(axis=1)[5:-5].max() > 2.9
    assert np.corrcoef(lively.mean(axis=1), clean)[0, 1] > 0.998


def test_cuts_are_no_pans_and_no_fades():
    rng = np.random.default_rng(1)
    coarse, other = (rng.integers(0, 255, (4, 12, 3), np.uint8) for _ in range(2))
    wide = cv2.resize(coarse, (800, 108), interpolation=cv2.INTER_CUBIC)
    finder = CutFinder()
    pan = [finder.cut(np.ascontiguousarray(wide[:, 8 * step : 8 * step + 192])) for step in range(20)]
    dark = [finder.cut((wide[:, 152:344] * (1 - step / 20)).astype(np.uint8)) for step in range(15)]
    assert not any(pan[1:]) and not any(dark)
    other = np.ascontiguousarray(cv2.resize(other // 3, (800, 108), interpolation=cv2.INTER_CUBIC)[:, :192])
    finder = CutFinder()
    still = np.ascontiguousarray(wide[:, :192])
    assert [finder.cut(frame) for frame in (still, still, still, other, other)] == [False, False, False, True, False]


def test_clock():
    assert [clock(time_s) for time_s in (7.26, 59.97, 3723.5)] == ["0:07.3", "1:00.0", "1:02:03.5"]
