"""A driving film that was drawn from a known motion comes back as that motion; what is missing is bridged; strengths act."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX, columns_of
from core.driving import Strength
from core.easing import kept_within
from core.errors import InputError
from faces.tracking.tracks import FaceState
from motion.driving.runner import DrivingSettings, driven_motion, read_driver
from tests.motion.driving.conftest import FRAMES, part_of

#: Of what the mesh engine was told it draws the translation eased, so far at the most.
FURTHEST_SHIFT = 0.12


@pytest.fixture(scope="module")
def driver(known_film):
    return read_driver(known_film.faces, 1)


@pytest.fixture(scope="module")
def told(driver, portrait):
    return driven_motion(driver, portrait.face, DrivingSettings())


def together(known, read):
    return float(np.corrcoef(known, read)[0, 1])


def lag_of(known, read):
    """Frames by which the second comes after the first, by the best correlation."""
    lags = range(-5, 6)
    return max(lags, key=lambda lag: together(known[8:-8], read[8 + lag : len(read) - 8 + lag]))


@pytest.mark.parametrize(("axis", "within_deg"), [(0, 3.0), (1, 1.5), (2, 1.2)], ids=["yaw", "pitch", "roll"])
def test_the_heads_turns_come_back(known_film, told, axis, within_deg):
    known, read = known_film.motion.rotation_deg[:, axis], told.rotation_deg[:, axis]
    assert together(known, read) > 0.95
    assert np.sqrt(np.mean((known - known.mean() - read + read.mean()) ** 2)) < within_deg
    assert abs(lag_of(known, read)) <= 1


def test_shift_and_nearness_come_back(known_film, told):
    known = kept_within(known_film.motion.translation, FURTHEST_SHIFT)
    for axis, least in ((0, 0.85), (1, 0.9), (2, 0.9)):
        assert together(known[:, axis], told.translation[:, axis]) > least
    assert np.abs(told.translation - np.median(told.translation, axis=0)).max() < 0.25


@pytest.mark.parametrize(
    ("name", "least"),
    [
        *(("jawOpen", 0.95), ("eyeBlinkLeft", 0.9), ("eyeBlinkRight", 0.9), ("browInnerUp", 0.85), ("mouthPucker", 0.85)),
        *(("mouthSmileLeft", 0.75), ("mouthSmileRight", 0.75), ("mouthLeft", 0.85)),
    ],
)
def test_shapes_come_back(known_film, told, name, least):
    known, read = known_film.motion.shape(name), told.shape(name)
    assert together(known, read) > least
    assert abs(lag_of(known, read)) <= 1
    assert 0.25 < read.max() / known.max() < 1.3


def test_the_gaze_comes_back(known_film, told):
    open_eyes = known_film.motion.shape("eyeBlinkLeft") < 0.2
    known, read = known_film.motion.gaze_deg[open_eyes, 0], told.gaze_deg[open_eyes, 0]
    assert together(known, read) > 0.95
    assert 0.7 < np.polyfit(known, read, 1)[0] < 1.3


def test_neutral_is_neither_the_laugh_at_the_beginning_nor_a_blink(known_film, driver):
    shapes = known_film.motion.blendshapes[driver.neutral]
    mouth_and_lids = [*columns_of("lips"), BLENDSHAPE_INDEX["eyeBlinkLeft"]]
    assert driver.neutral > 14
    assert shapes[mouth_and_lids].max() < 0.15


def test_strength_0_is_still_and_of_one_part_leaves_the_others(driver, portrait, told):
    still = driven_motion(driver, portrait.face, DrivingSettings(strength=Strength(0, 0, 0, 0)))
    for values in (still.blendshapes, still.rotation_deg, still.translation, still.gaze_deg):
        assert not values.any()
    part = driven_motion(driver, portrait.face, DrivingSettings(strength=Strength(lips=0)))
    assert not part.blendshapes[:, columns_of("lips")].any()
    for name in ("eyes", "brows"):
        assert np.array_equal(part.blendshapes[:, columns_of(name)], told.blendshapes[:, columns_of(name)])
    assert np.array_equal(part.rotation_deg, told.rotation_deg)
    double = driven_motion(driver, portrait.face, DrivingSettings(strength=Strength(head=2)))
    assert np.allclose(double.rotation_deg, 2 * told.rotation_deg)


def test_absolute_takes_the_drivers_own_pose_and_gaze_against_the_portraits(driver, portrait):
    face = replace(portrait.face, rotation_deg=(10.0, 0.0, 0.0))
    absolute = driven_motion(driver, face, DrivingSettings(relative=False))
    assert np.allclose(absolute.rotation_deg[:, 0], driver.motion.rotation_deg[:, 0] - 10, atol=1.0)
    relative = driven_motion(driver, face, DrivingSettings())
    assert absolute.blendshapes[driver.neutral].sum() > relative.blendshapes[driver.neutral].sum()
    alone = driven_motion(driver, None, DrivingSettings(relative=False))
    assert np.allclose(alone.gaze_deg, driver.motion.gaze_deg)


def test_a_gap_is_bridged_and_said(known_film, told):
    frames = list(range(FRAMES))
    faces = part_of(known_film.faces, frames, dict.fromkeys(range(60, 70), FaceState.ABSENT))
    driver = read_driver(faces, 1, start_s=60.0)
    motion = driven_motion(driver, None, DrivingSettings())
    assert not driver.seen[60:70].any() and driver.seen[:60].all()
    assert [str(note) for note in driver.notes if "1:02.4-1:02.8" in str(note)]
    jumps = np.abs(np.diff(motion.rotation_deg[58:72], axis=0)).max()
    assert jumps < 2.5
    low, high = np.sort(motion.rotation_deg[[59, 70]], axis=0)
    assert (motion.rotation_deg[60:70] >= low - 1e-4).all() and (motion.rotation_deg[60:70] <= high + 1e-4).all()


def test_in_a_long_gap_the_face_rests(known_film):
    frames = [*range(40, 60), *[60] * 60, *range(60, 80)]
    faces = part_of(known_film.faces, frames, dict.fromkeys(range(20, 80), FaceState.ABSENT))
    motion = driven_motion(read_driver(faces, 1), None, DrivingSettings())
    assert np.abs(motion.blendshapes[40:60]).max() < 1e-5
    assert np.abs(motion.rotation_deg[40:60]).max() < 1e-3


def test_covered_lips_are_bridged_and_the_head_is_not(known_film, told):
    faces = part_of(known_film.faces, list(range(FRAMES)), dict.fromkeys(range(47, 54), FaceState.COVERED))
    driver = read_driver(faces, 1)
    motion = driven_motion(driver, None, DrivingSettings())
    assert motion.shape("jawOpen")[47:54].max() < 0.2 < 0.4 < told.shape("jawOpen")[47:54].max()
    assert np.allclose(motion.rotation_deg, told.rotation_deg, atol=0.5)
    assert len(driver.notes) == 1


def test_nothing_goes_over_a_cut(known_film):
    """Two shots of the same person: in the second the head is elsewhere in the picture, and larger."""
    frames = [*range(30, 70), *range(80, 120)]
    whole = part_of(known_film.faces, frames, cuts=[40])
    track = whole.tracks[0]
    track.landmarks[40:] = 1.7 * track.landmarks[40:] + np.array([150, 40, 0], np.float32)
    driver = read_driver(whole, 1)
    motion = driven_motion(driver, None, DrivingSettings())
    assert driver.cuts == (40,)
    assert np.abs(motion.translation).max() < 0.3
    assert np.abs(np.median(motion.translation[40:], axis=0)).max() < 1e-3
    hidden = part_of(whole, list(range(80)), dict.fromkeys(range(36, 40), FaceState.ABSENT), cuts=[40])
    before = driven_motion(read_driver(hidden, 1), None, DrivingSettings())
    assert np.array_equal(before.rotation_deg[36:40], np.repeat(before.rotation_deg[35:36], 4, axis=0))


def test_a_face_that_is_never_seen_is_said(known_film):
    faces = part_of(known_film.faces, list(range(5)), dict.fromkeys(range(5), FaceState.ABSENT))
    with pytest.raises(InputError, match="in no frame"):
        read_driver(faces, 1)


def test_progress_may_end_the_work(known_film):
    def stop(stage, done, total):
        raise KeyboardInterrupt(stage)

    with pytest.raises(KeyboardInterrupt, match="motion"):
        read_driver(known_film.faces, 1, stop)


@pytest.mark.parametrize("frames", [1, 2, 5])
def test_a_film_of_a_few_frames_is_read(known_film, frames):
    driver = read_driver(part_of(known_film.faces, list(range(30, 30 + frames))), 1)
    motion = driven_motion(driver, None, DrivingSettings())
    assert len(motion) == frames and 0 <= driver.neutral < frames


def test_a_face_that_is_never_clear_is_read_all_the_same(known_film):
    turned = dict.fromkeys(range(FRAMES), FaceState.TURNED)
    motion = driven_motion(read_driver(part_of(known_film.faces, list(range(FRAMES)), turned), 1), None, DrivingSettings())
    assert together(known_film.motion.rotation_deg[:, 0], motion.rotation_deg[:, 0]) > 0.9
