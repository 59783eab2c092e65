"""From a voice to coefficients: windows, blinks, smoothing, and what each frame may know."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from scipy.signal import savgol_filter  # noqa: E402

from sadtalker_runner.audio_to_coefficients import (  # noqa: E402
    BATCH_FRAMES,
    blink_ratio,
    expression_coefficients,
    pose_coefficients,
    pose_of_voice,
    pose_windows,
    smoothed,
)
from sadtalker_runner.networks.expression_net import ExpressionNet  # noqa: E402
from sadtalker_runner.networks.pose_vae import PoseVAE  # noqa: E402
from sadtalker_runner.semantics import semantic_windows, source_window  # noqa: E402
from tests.sadtalker_runner.conftest import deterministic_state  # noqa: E402


@pytest.fixture(scope="module")
def networks():
    made = ExpressionNet(), PoseVAE()
    for network in made:
        network.load_state_dict(deterministic_state(network.state_dict()))
        network.eval()
    return made


SPECTROGRAM = np.random.default_rng(1).uniform(-4, 4, (400, 80)).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 2, 5, 31, 32, 33, 34, 64, 65, 66, 100])
def test_pose_windows_cover_every_moving_frame_once(frames):
    used = [frame for start, skip in pose_windows(frames) for frame in range(start + skip, start + 32)]
    assert used == list(range(1, frames))
    assert all(start + 32 <= max(frames, 1) for start, _ in pose_windows(frames))


@pytest.mark.parametrize("frames", [1, 5, 33, 40])
def test_pose_begins_with_the_portraits_own(networks, frames):
    first = np.linspace(-1, 1, 6, dtype=np.float32)
    noise = torch.randn(len(pose_windows(frames)), 64)
    pose = pose_coefficients(networks[1], SPECTROGRAM, first, frames, 3, noise)
    assert pose.shape == (frames, 6) and np.isfinite(pose).all()
    assert (pose[0] == first).all()
    if frames > 1:
        other = pose_coefficients(networks[1], SPECTROGRAM, first, frames, 4, noise)
        assert np.abs(pose[1:] - first).max() > 1e-3 and np.abs(other - pose).max() > 1e-4, "sound and style matter"


def test_expression_in_batches_is_expression_at_once(networks):
    frames = BATCH_FRAMES + 7
    blink = blink_ratio(frames, np.random.default_rng(0))
    whole = expression_coefficients(networks[0], SPECTROGRAM, np.zeros(64), blink)
    assert whole.shape == (frames, 64)
    shut = expression_coefficients(networks[0], SPECTROGRAM, np.zeros(64), np.zeros(frames))
    changed = np.abs(whole - shut).max(axis=1) > 1e-6
    assert (changed == (blink > 0)).all()
    one = networks[0](
        torch.from_numpy(SPECTROGRAM[int(80 * 64 / 25) : int(80 * 64 / 25) + 16].T.copy())[None, None],
        torch.zeros(1, 64),
        torch.full((1, 1), float(blink[66])),
    )
    assert np.abs(one.detach().numpy()[0] - whole[66]).max() < 1e-4


@pytest.mark.parametrize("frames", [0, 1, 20, 21, 22, 30, 1000])
def test_blinks(frames):
    for seed in range(20):
        ratio = blink_ratio(frames, np.random.default_rng(seed))
        assert ratio.shape == (frames,)
        starts = np.flatnonzero((ratio[1:] > 0) & (ratio[:-1] == 0)) + 1
        for start in starts:
            assert ratio[start : start + 5].tolist() == pytest.approx([0.5, 0.9, 1, 0.9, 0.5])
        assert np.diff(starts).min(initial=99) >= 10
        assert frames < 1000 or 1000 / 75 - 1 <= len(starts) <= 1000 / 15
        assert frames > 20 or not ratio.any()


def test_smoothing_is_savitzky_and_golays():
    pose = np.random.default_rng(0).standard_normal((40, 6)).astype(np.float32)
    assert np.allclose(smoothed(pose), savgol_filter(pose, 13, 2, axis=0), atol=1e-5)
    parabola = np.arange(40.0)[:, None] ** 2 * np.ones(6)
    assert np.allclose(smoothed(parabola), parabola, rtol=1e-5), "the filter leaves a parabola as it is"
    for frames in range(1, 14):
        assert smoothed(pose[:frames]).shape == (frames, 6)


@pytest.mark.slow
def test_a_voice_moves_the_head_the_same_way_again_and_another_seed_another_way(networks):
    def pose(seed):
        return pose_of_voice(networks[1], SPECTROGRAM, np.zeros(6), 50, 0, np.random.default_rng(seed))

    first = pose(1)
    assert first.shape == (50, 6) and first.dtype == np.float32
    assert (pose(1) == first).all()
    assert (pose(2) != first).any()


def test_semantic_windows():
    coefficients = np.arange(50, dtype=np.float32)[:, None] * np.ones((1, 70), np.float32)
    windows = semantic_windows(coefficients, 0, 50)
    assert windows.shape == (50, 70, 27)
    for i in (0, 20, 49):
        assert (windows[i, 5] == np.clip(np.arange(i - 13, i + 14), 0, 49)).all()
    assert (semantic_windows(coefficients, 30, 3) == windows[30:33]).all()
    # At 50 frames a second, every second frame sees what the network was trained on, and the others lie half way.
    fast = semantic_windows(coefficients, 0, 100, 50.0)
    assert np.allclose(fast[::2], windows) and np.allclose(fast[41, 0], np.clip(20.5 + np.arange(-13, 14), 0, 49))
    assert (source_window(coefficients[7]) == 7).all() and source_window(coefficients[7]).shape == (70, 27)
