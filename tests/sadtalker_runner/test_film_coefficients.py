"""What the user may change: strength, stillness, a pose from our own motion, and the view."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")

from core.contracts import Motion
from core.errors import InputError
from sadtalker_runner.film_coefficients import angle_path, film_coefficients, pose_of_motion

RANDOM = np.random.default_rng(0)
VOICE = RANDOM.standard_normal((10, 70)).astype(np.float32)


@pytest.mark.parametrize("length", [70, 73])
def test_film_coefficients(length):
    portrait = RANDOM.standard_normal(length).astype(np.float32)
    plain = film_coefficients(VOICE[:, :64], VOICE[:, 64:], portrait, 1.0)
    assert plain.shape == (10, length)
    assert (plain[:, :70] == VOICE).all() and (plain[:, 70:] == portrait[70:]).all()
    still = film_coefficients(VOICE[:, :64], None, portrait, 2.0)
    assert np.allclose(still[:, :64], VOICE[:, :64] * 2) and (still[:, 64:] == portrait[64:]).all()


def motion(fps, frames, yaw=0.0, pitch=0.0, roll=0.0, shift=(0.0, 0.0, 0.0)):
    ramp = np.linspace(0, 1, frames, dtype=np.float32)[:, None]
    zeros = np.zeros((frames, 2), np.float32)
    turn = ramp * np.array([[yaw, pitch, roll]], np.float32)
    return Motion(fps, np.zeros((frames, 52), np.float32), turn, ramp * np.array([shift], np.float32), zeros, zeros[:, 0])


def rotated(angles, point):
    """A point turned as the 3D model turns it: about x, then y, then z; y up, z to the viewer."""
    x, y, z = angles
    about_x = np.array([[1, 0, 0], [0, np.cos(x), -np.sin(x)], [0, np.sin(x), np.cos(x)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(z), -np.sin(z), 0], [np.sin(z), np.cos(z), 0], [0, 0, 1]])
    return about_z @ about_y @ about_x @ np.array(point, float)


def test_our_motion_turns_the_model_the_way_it_is_defined():
    """Yaw turns the nose to the picture's right, pitch raises it, roll tips the head's top to the picture's right."""
    portrait, nose, top = np.zeros(70, np.float32), (0, 0, 1), (0, 1, 0)
    assert rotated(pose_of_motion(motion(25, 5, yaw=20), portrait)[-1, :3], nose)[0] == pytest.approx(np.sin(np.radians(20)))
    assert rotated(pose_of_motion(motion(25, 5, pitch=20), portrait)[-1, :3], nose)[1] == pytest.approx(np.sin(np.radians(20)))
    assert rotated(pose_of_motion(motion(25, 5, roll=20), portrait)[-1, :3], top)[0] == pytest.approx(np.sin(np.radians(20)))
    shift = pose_of_motion(motion(25, 5, shift=(1, 1, 1)), portrait)[-1, 3:]
    assert shift[0] > 0 and shift[1] < 0 and shift[2] < 0


@pytest.mark.parametrize("fps", [25.0, 50.0, 30.0])
def test_our_motion_keeps_its_time(fps):
    portrait = np.full(73, 0.5, np.float32)
    pose = pose_of_motion(motion(fps, round(2 * fps) + 1, yaw=10), portrait)
    assert pose[0] == pytest.approx([0.5] * 6)
    assert pose[25, 1] == pytest.approx(0.5 + np.radians(5), abs=1e-3), "at 1 s of 2 it is half way"


def test_angle_path():
    path = angle_path([-20, 30, 10], 71)
    assert path.shape == (71,) and path[0] == -20 and path[50] == pytest.approx(30) and path[-1] == 10
    assert np.allclose(np.abs(np.diff(path)), 1, atol=1e-4), "one speed"
    assert (angle_path([7], 4) == 7).all() and angle_path([1, 2], 1).tolist() == [1]
    for wrong in ([], [float("nan")], [[1.0]]):
        with pytest.raises(InputError, match="such as -20 30 10"):
            angle_path(wrong, 5)
