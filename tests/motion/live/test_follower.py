"""The motion of a face before a camera as it comes: rest is learned, what changes is followed, who leaves comes to rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.blendshapes import BLENDSHAPE_INDEX
from core.contracts import Face
from motion.live.follower import EASE_S, FIRST_S, LOST_S, LiveFollower, gaze_of

FPS, WIDTH_PX = 25.0, 480
JAW, SMILE = BLENDSHAPE_INDEX["jawOpen"], BLENDSHAPE_INDEX["mouthSmileLeft"]


def face(yaw=0.0, jaw=0.0, smile=0.0, shift=(0.0, 0.0), size=1.0, look=0.0):
    """A face of 100 x 140 px in the middle of the picture, whose eyes are 30 px wide; `look` px aside."""
    points = np.zeros((478, 3), np.float32)
    for index, place in {234: (-50, 0), 454: (50, 0), 10: (0, -70), 152: (0, 70), 33: (-40, -10), 133: (-10, -10)}.items():
        points[index, :2] = place
    for index, place in {362: (10, -10), 263: (40, -10), 468: (-25 + look, -10), 473: (25 + look, -10)}.items():
        points[index, :2] = place
    points = points * size + np.array([240 + shift[0], 180 + shift[1], 0], np.float32)
    shapes = np.zeros(52, np.float32)
    shapes[JAW], shapes[SMILE] = jaw, smile
    return Face(points, shapes, (yaw, 0.0, 0.0), (190.0, 110.0, 290.0, 250.0))


def follow(follower, faces, begin_s=0.0):
    """Show it the faces at the camera's rate; gives its motion at each."""
    rows = []
    for number, each in enumerate(faces):
        follower.see(each, begin_s + number / FPS, WIDTH_PX)
        rows.append(follower.motion(1))
    return rows


@pytest.fixture
def calm():
    """A follower that has seen a face with a slight smile at rest, turned by five degrees."""
    follower = LiveFollower(FPS)
    rows = follow(follower, [face(yaw=5.0, smile=0.3)] * 50)
    assert not rows[10].blendshapes.any() and np.abs(rows[-1].rotation_deg).max() < 1e-6
    assert not follower.learning
    return follower


def test_while_the_rest_is_learned_the_portrait_rests():
    follower = LiveFollower(FPS)
    rows = follow(follower, [face(jaw=0.8, yaw=20.0)] * round(FIRST_S * FPS))
    assert follower.learning and not any(each.blendshapes.any() or each.rotation_deg.any() for each in rows)


def test_what_changes_from_rest_is_followed_and_the_drivers_look_is_not(calm):
    moved = follow(calm, [face(yaw=20.0, smile=0.3, jaw=0.6)] * 25, 2.0)[-1]
    assert moved.shape("jawOpen")[0] == pytest.approx(0.6, abs=0.03)
    assert moved.rotation_deg[0, 0] == pytest.approx(15.0, abs=1.0)
    assert moved.shape("mouthSmileLeft")[0] < 0.03
    wide = follow(calm, [face(yaw=5.0, smile=1.0)] * 25, 3.0)[-1]
    assert wide.shape("mouthSmileLeft")[0] > 0.9


def test_half_of_a_quick_turn_is_followed_within_two_pictures(calm):
    rows = follow(calm, [face(yaw=25.0, smile=0.3)] * 4, 2.0)
    assert rows[1].rotation_deg[0, 0] > 10.0


def test_shifts_are_told_in_face_widths_and_nearness_by_size(calm):
    width = np.sqrt(100 * 140)
    moved = follow(calm, [face(yaw=5.0, smile=0.3, shift=(24.0, -12.0))] * 50, 2.0)[-1]
    assert moved.translation[0, :2] == pytest.approx([24 / width, -12 / width], abs=0.01)
    nearer = follow(calm, [face(yaw=5.0, smile=0.3, size=1.25)] * 50, 4.0)[-1]
    assert nearer.translation[0, 2] < -0.4 and np.abs(nearer.translation[0, :2]).max() < 0.01


def test_the_gaze_is_read_off_the_irises(calm):
    moved = follow(calm, [face(yaw=5.0, smile=0.3, look=4.0)] * 50, 2.0)[-1]
    assert 7.5 < moved.gaze_deg[0, 0] < 11.0 and abs(moved.gaze_deg[0, 1]) < 1.0
    assert gaze_of(np.asarray(face(look=-4.0).landmarks, float))[0] < -15.0


def test_who_leaves_comes_to_rest_and_back_without_a_leap(calm):
    talking = face(yaw=5.0, smile=0.3, jaw=0.8)
    before = follow(calm, [talking] * 25, 2.0)[-1]
    gone = follow(calm, [None] * 40, 3.0)
    assert gone[2].shape("jawOpen")[0] == pytest.approx(before.shape("jawOpen")[0], abs=0.02), "a moment without is bridged"
    assert gone[round((LOST_S + EASE_S) * FPS) + 2].shape("jawOpen")[0] == 0.0
    back = [each.shape("jawOpen")[0] for each in follow(calm, [talking] * 25, 4.6)]
    assert back[0] < 0.1 and back[-1] > 0.75 and np.diff(back).max() < 0.2


def test_a_rest_that_was_wrong_is_mended_by_itself_or_on_demand():
    follower = LiveFollower(FPS)
    follow(follower, [face(jaw=0.5)] * 30)
    later = follow(follower, [face()] * 300, 1.2)[-1]
    assert follow(follower, [face(jaw=0.5)] * 10, 13.2)[-1].shape("jawOpen")[0] > 0.4
    assert not later.blendshapes.any()
    follower.begin_anew()
    assert follower.learning and not follower.motion(2).blendshapes.any()


def test_a_motion_has_as_many_frames_as_are_asked_for(calm):
    follow(calm, [face(jaw=0.5)] * 5, 2.0)
    rows = calm.motion(3)
    assert len(rows) == 3 and (rows.blendshapes == rows.blendshapes[0]).all()


def test_what_cannot_be_is_kept_within_reason(calm):
    far = replace(face(), landmarks=face(shift=(4000.0, 0.0)).landmarks, rotation_deg=(300.0, 0.0, 0.0))
    moved = follow(calm, [far] * 25, 2.0)[-1]
    assert np.abs(moved.rotation_deg).max() <= 60.0 and np.abs(moved.translation).max() <= 1.0
