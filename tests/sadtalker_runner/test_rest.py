"""The mouth rests in long pauses of our motion, and there alone."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from core.contracts import BLENDSHAPE_INDEX, Motion  # noqa: E402
from sadtalker_runner.audio_to_coefficients import expression_coefficients  # noqa: E402
from sadtalker_runner.networks.expression_net import ExpressionNet  # noqa: E402
from sadtalker_runner.rest import rest_share, rested  # noqa: E402


def motion_with_jaw(jaw_open, fps):
    frames = len(jaw_open)
    shapes = np.zeros((frames, 52), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = jaw_open
    zeros = np.zeros((frames, 3), np.float32)
    return Motion(fps, shapes, zeros, zeros, zeros[:, :2], zeros[:, 0])


@pytest.mark.parametrize("fps", [25.0, 50.0])
def test_long_pauses_are_rests_and_consonants_are_not(fps):
    jaw = np.full(round(8 * fps), 0.4)
    jaw[: round(2 * fps)] = 0  # the film begins with a pause,
    jaw[round(3 * fps) : round(3.2 * fps)] = 0  # a closure,
    jaw[round(4 * fps) : round(5 * fps)] = 0.01  # and a pause in the song
    share = rest_share(motion_with_jaw(jaw, fps))
    assert len(share) == 200 and (share >= 0).all() and (share <= 1).all()
    assert (share[:44] == 1).all(), "from the first frame on"
    assert (share[51:99] == 0).all() and (share[126:] == 0).all()
    assert (share[107:118] == 1).all() and np.abs(np.diff(share)).max() < 0.4
    assert (rest_share(motion_with_jaw(np.zeros(1), fps)) == 0).all(), "too short to tell a pause from a consonant"


def test_a_resting_mouth_is_the_networks_silence_and_the_eyes_go_on():
    torch.manual_seed(0)
    network = ExpressionNet().eval()
    random = np.random.default_rng(0)
    own, blink = random.standard_normal(64), random.uniform(0, 1, 30)
    silence = expression_coefficients(network, np.full((9, 80), -4, np.float32), own, blink)
    sung = random.standard_normal((30, 64)).astype(np.float32)
    share = np.repeat([0.0, 0.5, 1.0], 10)
    result = rested(network, sung, own, blink, share)
    assert (result[:10] == sung[:10]).all()
    assert np.allclose(result[10:20], (sung[10:20] + silence[10:20]) / 2, atol=1e-4)
    assert np.allclose(result[20:], silence[20:], atol=1e-4)
    assert np.abs(np.diff(result[20:], axis=0)).max() > 1e-3, "blinks are seen"
