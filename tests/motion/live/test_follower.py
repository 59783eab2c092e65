"""The motion of a face before a camera as it comes: rest is learned, what changes is followed, who leaves comes to rest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from motion.live.follower import CALMER_EACH_S, EASE_S, FIRST_S, LOST_S, LiveFollower
from tests.motion.live.faces import face, width_px

FPS = 25.0
OWN_LOOK = {"yaw": 5.0, "mouthSmileLeft": 0.3, "mouthSmileRight": 0.3}


def follow(follower, faces, begin_s=0.0):
    """Show it the faces at the camera's rate; gives its motion at each."""
    rows = []
    for number, each in enumerate(faces):
        follower.see(each, begin_s + number / FPS)
        rows.append(follower.motion(1))
    return rows


@pytest.fixture
def calm():
    """A follower that has seen a face with a slight smile at rest, turned by five degrees."""
    follower = LiveFollower(FPS)
    rows = follow(follower, [face(**OWN_LOOK)] * 50)
    assert not rows[10].blendshapes.any() and np.abs(rows[-1].rotation_deg).max() < 1e-3
    assert rows[-1].blendshapes.max() < 0.02 and not follower.learning
    return follower


def test_while_the_rest_is_learned_the_portrait_rests():
    follower = LiveFollower(FPS)
    rows = follow(follower, [face(jawOpen=0.8, yaw=20.0)] * round(FIRST_S * FPS))
    assert follower.learning and not any(each.blendshapes.any() or each.rotation_deg.any() for each in rows)


def test_what_changes_from_rest_is_followed_and_the_drivers_look_is_not(calm):
    moved = follow(calm, [face(**OWN_LOOK | {"yaw": 20.0}, jawOpen=0.6)] * 25, 2.0)[-1]
    assert moved.shape("jawOpen")[0] == pytest.approx(0.6, abs=0.08)
    assert moved.rotation_deg[0, 0] == pytest.approx(15.0, abs=1.0)
    assert moved.shape("mouthSmileLeft")[0] < 0.08
    wide = follow(calm, [face(yaw=5.0, mouthSmileLeft=1.0, mouthSmileRight=1.0)] * 25, 3.0)[-1]
    assert wide.shape("mouthSmileLeft")[0] > 0.5


@pytest.mark.parametrize("name", ["jawOpen", "mouthLeft", "browInnerUp", "eyeBlinkLeft", "eyeWideRight", "mouthPucker"])
def test_a_movement_that_the_network_reads_at_half_is_told_by_the_landmarks(calm, name):
    """What a fit is for: the prior says half of what the landmarks show."""
    shown = face(**OWN_LOOK, **{name: 0.8})
    half = np.array(shown.blendshapes)
    half[half == np.float32(0.8)] = 0.4
    moved = follow(calm, [replace(shown, blendshapes=half)] * 25, 2.0)[-1]
    assert 0.55 < moved.shape(name)[0] <= 1.0


def test_half_of_a_quick_turn_is_followed_within_two_pictures(calm):
    rows = follow(calm, [face(**OWN_LOOK | {"yaw": 25.0})] * 4, 2.0)
    assert rows[1].rotation_deg[0, 0] > 10.0


def test_shifts_are_told_in_face_widths_and_nearness_by_size(calm):
    moved = follow(calm, [face(**OWN_LOOK, shift=(24.0, -12.0))] * 50, 2.0)[-1]
    assert moved.translation[0, :2] == pytest.approx([24 / width_px(), -12 / width_px()], abs=0.02)
    nearer = follow(calm, [face(**OWN_LOOK, size=1.25)] * 50, 4.0)[-1]
    assert nearer.translation[0, 2] < -0.4 and np.abs(nearer.translation[0, :2]).max() < 0.1
    assert nearer.shape("jawOpen")[0] < 0.05, "who comes nearer opens no mouth"


def test_the_gaze_is_read_off_the_irises(calm):
    moved = follow(calm, [face(**OWN_LOOK, look=0.04)] * 50, 2.0)[-1]
    # of the irises and of the network's shapes, which stand still here, the mean is taken
    assert moved.gaze_deg[0, 0] == pytest.approx(np.degrees(np.arcsin(0.04 / 0.133)) / 2, abs=1.5)
    assert abs(moved.gaze_deg[0, 1]) < 1.0


def test_who_leaves_comes_to_rest_and_back_without_a_leap(calm):
    talking = face(**OWN_LOOK, jawOpen=0.8)
    before = follow(calm, [talking] * 25, 2.0)[-1]
    gone = follow(calm, [None] * 40, 3.0)
    assert gone[2].shape("jawOpen")[0] == pytest.approx(before.shape("jawOpen")[0], abs=0.02), "a moment without is bridged"
    assert gone[round((LOST_S + EASE_S) * FPS) + 2].shape("jawOpen")[0] == 0.0
    back = [each.shape("jawOpen")[0] for each in follow(calm, [talking] * 25, 4.6)]
    assert back[0] < 0.1 and back[-1] > 0.6 and np.diff(back).max() < 0.2


def test_a_rest_that_was_wrong_is_mended_by_itself_or_on_demand():
    follower = LiveFollower(FPS)
    follow(follower, [face(jawOpen=0.5)] * 30)
    later = follow(follower, [face()] * round((2 * CALMER_EACH_S + 1.0) * FPS), 1.2)[-1]
    assert later.blendshapes.max() < 0.05
    assert follow(follower, [face(jawOpen=0.5)] * 10, 13.2)[-1].shape("jawOpen")[0] > 0.3
    follower.begin_anew()
    assert follower.learning and not follower.motion(2).blendshapes.any()


def test_a_motion_has_as_many_frames_as_are_asked_for(calm):
    follow(calm, [face(**OWN_LOOK, jawOpen=0.5)] * 5, 2.0)
    rows = calm.motion(3)
    assert len(rows) == 3 and (rows.blendshapes == rows.blendshapes[0]).all()


def test_what_cannot_be_is_kept_within_reason(calm):
    far = replace(face(shift=(4000.0, 0.0)), rotation_deg=(300.0, 0.0, 0.0))
    moved = follow(calm, [far] * 25, 2.0)[-1]
    assert np.abs(moved.rotation_deg).max() <= 60.0 and np.abs(moved.translation).max() <= 1.0
