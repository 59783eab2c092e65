"""A drawn character follows a driver as it would the known motion, by the pose parameters that the anime engine is told."""

from __future__ import annotations

import numpy as np
import pytest

from animators.anime.pose import PARAMETER_INDEX, pose_curves
from motion.driving.runner import DrivingSettings, driven_motion, read_driver
from tests.motion.driving.conftest import FRAMES

#: How far a mouth of each kind is open, by eye.
OPEN = {"mouth_aaa": 1.0, "mouth_delta": 0.6, "mouth_eee": 0.6, "mouth_iii": 0.3, "mouth_ooo": 0.8, "mouth_uuu": 0.4}
BROWS_UP = tuple(f"eyebrow_{kind}_{side}" for kind in ("raised", "troubled") for side in ("left", "right"))


@pytest.fixture(scope="module")
def poses(known_film):
    """Parameters (T, 45) by the known motion and by what is read in its film."""
    told = driven_motion(read_driver(known_film.faces, 1), None, DrivingSettings())
    return [pose_curves(motion, body_lag_s=0.3).parameters for motion in (known_film.motion, told)]


def curve(parameters, *names):
    return np.sum([parameters[:, PARAMETER_INDEX[name]] for name in names], axis=0)


def shut_eyes(parameters):
    return curve(parameters, *(f"eye_{kind}_{side}" for kind in ("wink", "happy_wink") for side in ("left", "right")))


@pytest.mark.parametrize(
    ("names", "least"),
    [(("head_y",), 0.95), (("head_x",), 0.95), (("neck_z",), 0.95), (("iris_rotation_y",), 0.9), (BROWS_UP, 0.8)],
    ids=lambda names: names[0] if isinstance(names, tuple) else "",
)
def test_head_gaze_and_brows_follow(poses, names, least):
    known, read = (curve(each, *names) for each in poses)
    assert np.corrcoef(known, read)[0, 1] > least
    assert read.max() > 0.3 * known.max()


def test_the_drawn_mouth_opens_when_the_drivers_does(poses):
    known, read = (np.sum([size * curve(each, name) for name, size in OPEN.items()], axis=0) for each in poses)
    assert np.corrcoef(known, read)[0, 1] > 0.9
    quiet = known < 0.02
    assert np.median(read[quiet]) < 0.1


def test_drawn_eyes_shut_in_each_blink(poses):
    known, read = (shut_eyes(each) for each in poses)
    assert np.corrcoef(known, read)[0, 1] > 0.85
    for blink in (28, 74, 104):
        assert read[max(0, blink - 3) : min(FRAMES, blink + 4)].max() > 1.2
