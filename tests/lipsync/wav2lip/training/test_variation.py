# ruff: noqa: E402 - without torch the imports below would fail before the test can skip
"""Variation changes what it says, all frames of a draw alike."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lipsync.wav2lip.training.variation import SHIFT, at_other_place, in_other_light, varied_frames, varied_sound

pytestmark = pytest.mark.usefixtures("one_thread")


def dot():
    """(5, 3, 96, 96) grey frames, each with a bright square about its middle."""
    frames = torch.full((5, 3, 96, 96), 0.4)
    frames[:, :, 44:52, 44:52] = 0.8
    return frames


def test_without_variety_frames_are_mirrored_at_most():
    frames = torch.rand(2, 3, 96, 96)
    kinds = set()
    for seed in range(12):
        varied = varied_frames(frames, np.random.default_rng(seed), 0.0)
        kinds.add("same" if torch.equal(varied, frames) else "mirrored" if torch.equal(varied, frames.flip(-1)) else "other")
    assert kinds == {"same", "mirrored"}


def test_all_frames_change_alike():
    varied = varied_frames(dot(), np.random.default_rng(3), 1.0)
    assert varied.shape == (5, 3, 96, 96) and (varied == varied[:1]).all() and not torch.equal(varied, dot())
    assert varied.min() >= 0 and varied.max() <= 1


def test_light():
    grey = torch.full((1, 3, 8, 8), 0.4)
    lit = torch.stack([in_other_light(grey, np.random.default_rng(seed), 1.0)[0, :, 0, 0] for seed in range(40)])
    assert lit.min() > 0.15 and lit.max() < 0.9 and lit.mean(1).std() > 0.05
    assert (lit.amax(1) - lit.amin(1)).mean() > 0.02, "tints differ"


def test_place():
    rows, columns = torch.meshgrid(torch.arange(96.0), torch.arange(96.0), indexing="ij")
    middles = []
    for seed in range(40):
        weight = at_other_place(dot(), np.random.default_rng(seed), 1.0)[0, 0] - 0.4
        middles.append([(weight * rows).sum() / weight.sum(), (weight * columns).sum() / weight.sum()])
    away = (torch.tensor(middles) - 47.5).abs()
    assert 2 < away.max() < 96 * SHIFT * 1.3
    small = at_other_place(dot(), np.random.default_rng(0), 1e-6)
    assert (small - dot()).abs().max() < 1e-3


def test_sound():
    windows = torch.rand(3, 1, 80, 16) - 0.5
    assert torch.equal(varied_sound(windows, np.random.default_rng(0), 0.0), windows)
    change = varied_sound(windows, np.random.default_rng(0), 1.0) - windows
    assert torch.allclose(change, change[:1, :, :, :1].expand_as(change), atol=1e-5), "the same in every window, at every time"
    assert change.abs().max() > 0.1 and change[0, 0, :, 0].std() > 0.01
