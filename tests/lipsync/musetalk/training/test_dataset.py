"""Clips on disk, and what is drawn from them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.errors import InputError
from lipsync.musetalk.training.dataset import BELOW, draw_batch, read_clips, reference_of
from lipsync.musetalk.training.settings import STAGES, DataSettings
from lipsync.training_films import apart
from tests.lipsync.musetalk.training.conftest import FRAMES, HEIGHT_PX

pytest.importorskip("torch")
SOME = DataSettings(batch=3, frames=4)


def chance():
    return np.random.default_rng(5)


def test_clips_come_back_as_they_were_written(clips):
    assert [clip.person for clip in clips] == ["ann", "ann", "bob"] and len(clips[0]) == FRAMES
    assert clips[0].side == 64 and clips[2].crops[0, 0, 0, 0] == 150
    own, strangers = apart(clips, ["ann"])
    assert [clip.person for clip in own] == ["bob"] and len(strangers) == 2


def test_a_folder_without_clips_says_so(tmp_path):
    with pytest.raises(InputError, match="no clip"):
        read_clips(tmp_path)


def test_the_margin_moves_the_lower_edge(clips):
    """The mouth lies higher in a square that reaches further down; none reaches further than what is kept."""
    edges = [np.flatnonzero(clips[0].squares([3], margin)[0, :, 32, 0] < 100).min() for margin in (0, 25, 50, 500)]
    assert edges == sorted(edges, reverse=True) and edges[0] - edges[2] >= 7
    assert edges[2] == edges[3] and HEIGHT_PX * BELOW == 50
    assert edges[0] == pytest.approx(44, abs=1)


def test_frames_and_what_is_heard_belong_together(clips):
    batch = draw_batch(clips, SOME, chance())
    assert batch.frames.shape == batch.others.shape == (3, 4, 3, 64, 64) and -1 <= batch.frames.min() <= batch.frames.max() <= 1
    assert batch.features.shape == (3, 4, 50, 384) and batch.rows.shape == (3, 8, 5, 384)
    opened = (batch.frames[:, :, 0, :, 32] < -0.4).sum(-1).numpy()
    swell = batch.rows[:, ::2, 0, 0].numpy()
    assert np.corrcoef(opened.ravel(), swell.ravel())[0, 1] > 0.98
    own = batch.features[:, :, 4 * 5, 0].numpy()  # the row at the frame's beginning, four after the first that it sees
    assert np.abs(own - swell).max() < 1e-3


def test_the_other_picture_is_of_a_like_pose_and_another_mouth(clips):
    clip, number = clips[0], 30
    drawn = {reference_of(clip, number, SOME, np.random.default_rng(seed)) for seed in range(300)}
    assert number not in drawn and len(drawn) > 5
    turned = np.abs(clip.poses[:, 0] - clip.poses[number, 0])
    moved = np.abs(clip.mouths[:, 5] - clip.mouths[number, 5])
    others = np.delete(np.arange(FRAMES), number)
    assert max(turned[list(drawn)]) <= np.quantile(turned[others], 0.53)
    assert min(moved[list(drawn)]) >= np.quantile(moved[others], 0.47)
    anywhere = {reference_of(clip, number, replace(SOME, reference="any"), np.random.default_rng(seed)) for seed in range(500)}
    assert len(anywhere) > 1.5 * len(drawn) and number not in anywhere


def test_where_nothing_is_both_the_pose_decides(clips):
    few = replace(SOME, share=1 / FRAMES)
    number = int(np.argmax(clips[0].mouths[:, 5]))
    assert abs(reference_of(clips[0], number, few, chance()) - number) == 1


def test_margins_are_drawn_and_mirrors_where_asked(clips):
    fixed, spread = SOME, STAGES["second"].data
    lower = [draw_batch(clips, replace(each, batch=4, frames=1), chance()).frames for each in (fixed, spread)]
    assert not (lower[0] == lower[1]).all()
    same = [draw_batch(clips, SOME, chance()).frames for _ in range(2)]
    assert (same[0] == same[1]).all()
