"""What a motion becomes in the 45 parameters: known faces, signs, ranges; and how few poses stand for many."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from animators.anime.key_poses import PARTS, key_poses, poses_of, scale_of
from animators.anime.pose import PARAMETER_INDEX, PARAMETER_NAMES, pose_curves
from animators.anime.pose_blend import blend_poses, uncertainty
from animators.anime.settings import AnimeSettings
from benchmarks.anime import made_up_motion
from core.contracts import BLENDSHAPE_NAMES, Motion
from tests.animators.anime.drawing import joined, motion_of

LAG_S = 0.25


def moved(motion, **values):
    """The motion with rows of the same values in some of its parts."""
    return replace(motion, **{name: np.tile(np.float32(value), (len(motion), 1)) for name, value in values.items()})


def parameters(**motion):
    curves = pose_curves(motion_of(3, **motion), LAG_S)
    return {name: float(curves.parameters[-1, index]) for name, index in PARAMETER_INDEX.items()}


def test_the_parameters_are_those_of_the_networks():
    assert len(PARAMETER_NAMES) == 45 == len(set(PARAMETER_NAMES))
    assert PARAMETER_NAMES[12] == "eye_wink_left"
    assert PARAMETER_NAMES[26] == "mouth_aaa"
    assert PARAMETER_NAMES[39:] == ("head_x", "head_y", "neck_z", "body_y", "body_z", "breathing")


def test_rest_is_rest():
    assert not any(parameters().values())


@pytest.mark.parametrize(
    ("shapes", "vowel"),
    [
        ({"jawOpen": 0.6, "mouthLowerDown": 0.35}, "mouth_aaa"),
        ({"jawOpen": 0.6, "mouthFunnel": 0.45, "mouthPucker": 0.2}, "mouth_ooo"),
        ({"jawOpen": 0.1, "mouthFunnel": 0.2, "mouthPucker": 0.5}, "mouth_uuu"),
        ({"jawOpen": 0.12, "mouthStretch": 0.25, "mouthSmile": 0.35}, "mouth_iii"),
        ({"jawOpen": 0.45, "mouthStretch": 0.25, "mouthSmile": 0.35}, "mouth_eee"),
        ({"jawOpen": 0.04, "mouthLowerDown": 0.42, "mouthStretch": 0.2}, "mouth_iii"),
    ],
    ids=["a", "o", "u", "i", "e", "hiss"],
)
def test_each_vowel_has_its_mouth(shapes, vowel):
    found = parameters(**shapes)
    mouths = {name: found[name] for name in ("mouth_aaa", "mouth_iii", "mouth_uuu", "mouth_eee", "mouth_ooo", "mouth_delta")}
    assert max(mouths, key=lambda name: mouths[name]) == vowel
    assert mouths[vowel] > 0.25


def test_lips_that_touch_shut_the_mouth():
    pressed = parameters(jawOpen=0.3, mouthClose=0.3, mouthPress=0.3)
    assert sum(pressed[name] for name in PARAMETER_NAMES if name.startswith("mouth_") and "corner" not in name) < 0.02
    assert parameters(jawOpen=0.3)["mouth_aaa"] > 0.2  # the control


def test_wider_jaws_are_wider_mouths():
    jaws = np.linspace(0.0, 0.7, 15)
    sizes = []
    for jaw in jaws:
        found = parameters(jawOpen=float(jaw))
        sizes.append(found["mouth_aaa"] + 0.5 * found["mouth_delta"])
    assert (np.diff(sizes) >= -1e-6).all()
    assert sizes[-1] > 0.9


def test_feelings_move_brows_and_lids():
    assert parameters(browDown=0.7)["eyebrow_angry_left"] > 0.9
    sad = parameters(browInnerUp=0.6, mouthFrown=0.5)
    assert sad["eyebrow_troubled_left"] > 0.6
    assert sad["mouth_lowered_corner_left"] > 0.6
    happy = parameters(mouthSmile=0.7, cheekSquint=0.5, eyeBlink=0.9)
    assert happy["eye_happy_wink_left"] > 0.9 > 0.1 > happy["eye_wink_left"]
    assert happy["eyebrow_happy_right"] > 0.6
    assert happy["eye_happy_wink_left"] > parameters(mouthSmile=0.7, cheekSquint=0.5)["eye_happy_wink_left"] > 0.1
    assert parameters(eyeWide=0.5)["eye_surprised_right"] > 0.9
    assert parameters(browInnerUp=0.5, browOuterUp=0.5)["eyebrow_raised_left"] > 0.5


def test_feelings_that_share_a_movement_stay_apart():
    glare = parameters(browDown=0.6, eyeWide=0.4, mouthFrown=0.3)
    assert glare["eyebrow_angry_left"] > 0.8 > 0.2 > glare["eye_surprised_left"]
    assert glare["eye_unimpressed_left"] > 0.15
    assert parameters(eyeWide=0.4)["eye_surprised_left"] > 0.8  # the control: the same eyes without the brows
    grief = parameters(browInnerUp=0.7, browDown=0.5, mouthFrown=0.5)
    assert grief["eyebrow_troubled_left"] > 0.9 > 0.1 > grief["eyebrow_angry_left"]
    singing = parameters(browInnerUp=0.7, mouthFrown=0.5, jawOpen=0.6)
    assert singing["mouth_lowered_corner_left"] > 0.3  # sorrow is heard and seen


def test_sides_stay_sides():
    wink = parameters(eyeBlinkLeft=0.9)
    assert wink["eye_wink_left"] > 0.9
    assert wink["eye_wink_right"] == 0.0


def test_the_head_turns_the_way_of_the_motion():
    # By the networks' own axes: head_x raises the nose, head_y turns it to the picture's left, neck_z tips the top there.
    turned = parameters(rotation_deg=(4.0, 3.0, 2.0))
    assert turned["head_y"] == pytest.approx(-0.4)
    assert turned["head_x"] == pytest.approx(0.2)
    assert turned["neck_z"] == pytest.approx(-2 / 15)
    assert abs(parameters(rotation_deg=(90.0, 90.0, 90.0))["head_y"]) <= 0.75


def test_the_eyes_turn_the_way_of_the_motion():
    # By the networks' own axes: iris_rotation_x lifts the irises, iris_rotation_y takes them to the picture's left.
    def irises(gaze_deg):
        found = pose_curves(moved(motion_of(2), gaze_deg=gaze_deg), LAG_S).parameters[-1]
        return found[PARAMETER_INDEX["iris_rotation_x"]], found[PARAMETER_INDEX["iris_rotation_y"]]

    assert irises((13.0, 0.0)) == (0.0, pytest.approx(-0.5))
    assert irises((0.0, 13.0)) == (pytest.approx(0.5), 0.0)
    assert irises((-90.0, -90.0)) == (pytest.approx(-0.8), pytest.approx(0.8))


def test_inner_ends_of_the_eyebrows_alone_are_trouble_and_outer_ends_alone_are_not():
    inner, outer = parameters(browInnerUp=0.6), parameters(browOuterUp=0.6)
    assert inner["eyebrow_troubled_left"] == inner["eyebrow_troubled_right"] > 0.6
    assert outer["eyebrow_troubled_left"] == outer["eyebrow_troubled_right"] == 0.0
    assert outer["eyebrow_raised_left"] > 0.2
    assert parameters(browInnerUp=0.6, browOuterUp=0.6)["eyebrow_troubled_left"] == 0.0
    one = parameters(browDownLeft=0.7)
    assert one["eyebrow_angry_left"] > 0.9 and one["eyebrow_angry_right"] == 0.0


@pytest.mark.parametrize("side", ["mouthLeft", "mouthRight"])
def test_a_mouth_drawn_aside_smirks_to_either_side(side):
    assert parameters(**{side: 0.5})["mouth_smirk"] == pytest.approx(0.5)
    assert parameters(mouthLeft=0.5, mouthRight=0.5)["mouth_smirk"] == 0.0


def test_the_chest_rises_with_a_breath():
    def breathing(down):
        return pose_curves(moved(motion_of(2), translation=(0.0, down, 0.0)), LAG_S).parameters[-1, PARAMETER_INDEX["breathing"]]

    assert breathing(-0.008) == pytest.approx(0.5) and breathing(0.008) == 0.0  # y goes down in the picture


def test_the_body_follows_later():
    motion = joined(motion_of(10), motion_of(40, rotation_deg=(5.0, 0.0, 5.0)))
    curves = pose_curves(motion, LAG_S)
    body = curves.parameters[:, PARAMETER_INDEX["body_y"]]
    assert body[9] == 0.0
    assert 0 < abs(body[12]) < 0.5 * abs(body[-1])
    for part, leader in (("body_y", "head_y"), ("body_z", "neck_z")):  # it goes where the head goes, and less far
        followed, led = (curves.parameters[-1, PARAMETER_INDEX[name]] for name in (part, leader))
        assert led < 0 and 0.3 < followed / led < 0.6, part


def test_no_motion_leaves_the_ranges():
    rng = np.random.default_rng(5)
    frames = 200
    motion = Motion(
        30.0,
        rng.uniform(0, 1, (frames, len(BLENDSHAPE_NAMES))).astype(np.float32),
        rng.normal(0, 30, (frames, 3)).astype(np.float32),
        rng.normal(0, 0.1, (frames, 3)).astype(np.float32),
        rng.normal(0, 30, (frames, 2)).astype(np.float32),
        rng.uniform(0, 1, frames).astype(np.float32),
    )
    found = pose_curves(motion, LAG_S).parameters
    assert found[:, :37].min() >= 0.0
    assert found[:, :37].max() <= 1.0
    assert np.abs(found[:, 37:]).max() <= 1.0


NO_KEYS = np.zeros((0, 4), np.float32)


def path_of_poses(frames=300):
    t = np.linspace(0, 12, frames)
    return np.stack([np.sin(t), 0.6 * np.cos(1.7 * t), 0.5 * np.sin(0.6 * t), 0 * t], axis=1).astype(np.float32)


def test_poses_that_were_asked_for_are_exact_and_weights_sum_to_one():
    poses = path_of_poses()
    blend = blend_poses(poses, NO_KEYS, np.ones(4), 20, 0.0)
    assert len(blend.further) == 20
    weights = np.array([blend.weights(pose) for pose in poses])
    np.testing.assert_allclose(weights.sum(axis=1), 1.0, atol=1e-3)
    np.testing.assert_allclose(weights[blend.further], np.eye(20), atol=0.02)


def test_what_lies_between_is_interpolated():
    poses = path_of_poses()

    def shown(p):
        return np.stack([np.sin(2 * p[:, 0]) * p[:, 1], p[:, 2] ** 2 + p[:, 0]], axis=1)

    truth = shown(poses)
    blend = blend_poses(poses, NO_KEYS, np.ones(4), 24, 0.0)
    error = np.abs(np.array([blend.weights(pose) for pose in poses]) @ truth[blend.further] - truth).max()
    nearest = np.linalg.norm(poses[:, None] - poses[blend.further][None], axis=2).argmin(axis=1)
    control = np.abs(truth[blend.further][nearest] - truth).max()
    assert error < 0.08 < 0.2 < control


def test_few_poses_do_where_nothing_moves():
    still = np.tile(np.float32([0.3, 0.0, 0.1]), (50, 1))
    blend = blend_poses(still, NO_KEYS[:, :3], np.ones(3), 30, 0.02)
    assert len(blend.further) == 1
    np.testing.assert_allclose(blend.weights(still[7]), 1.0, atol=1e-5)


def test_only_what_the_key_poses_do_not_reach_is_asked_for_besides():
    poses = path_of_poses()
    keys = poses[[*range(0, 300, 20), 299]]
    within = blend_poses(poses, keys, np.ones(4), 12, 0.15)
    assert len(within.further) == 0
    assert within.weights(poses[7]).shape == (len(keys),)
    poses[100] = (0.0, 0.0, 0.0, 1.0)
    beyond = blend_poses(poses, keys, np.ones(4), 12, 0.15)
    assert beyond.further.tolist() == [100]
    np.testing.assert_allclose(beyond.weights(poses[100]), np.eye(len(keys) + 1)[-1], atol=1e-3)


def test_key_poses_begin_at_rest_and_reach_a_song():
    settings = AnimeSettings()
    counts, curves = settings.key_counts, pose_curves(made_up_motion(8.0), LAG_S).parameters
    for part in PARTS:
        keys = key_poses(part, counts[part])
        assert len(keys) == counts[part]
        assert not keys[0].any()
        assert np.abs(keys).max() <= 1.0
        unsure = uncertainty(poses_of(part, curves) * scale_of(part), keys * scale_of(part))
        assert unsure.max() < 0.25
