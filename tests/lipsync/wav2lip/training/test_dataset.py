"""Clips on disk, and what is drawn from them."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import InputError
from lipsync.sync_rows import APART, ROW
from lipsync.training_films import apart
from lipsync.wav2lip.training.dataset import (
    STRETCH,
    draw_rows,
    draw_stretches,
    elsewhere,
    read_clips,
    write_clip,
)


def chance():
    return np.random.default_rng(5)


def test_clips_come_back_as_they_were_written(clips):
    assert [clip.person for clip in clips] == ["ann", "ann", "bob"]
    assert clips[2].crops.shape == (40, 96, 96, 3) and clips[2].crops[0, 0, 0, 0] == 150
    assert clips[0].windows.shape == (40, 1, 80, 16)


def test_people_are_held_out(clips):
    own, strangers = apart(clips, ["ann"])
    assert [clip.person for clip in own] == ["bob"] and len(strangers) == 2


def test_a_folder_without_clips_says_so(tmp_path):
    write_clip(tmp_path / "short", "ann", np.zeros((6, 96, 96, 3), np.uint8), 6, np.zeros((30, 80), np.float32))
    with pytest.raises(InputError, match="no clip"):
        read_clips(tmp_path)


def test_elsewhere_is_never_near():
    starts = [elsewhere(12, 40, np.random.default_rng(seed)) for seed in range(60)]
    assert min(abs(start - 12) for start in starts) >= APART and {*starts} <= set(range(40 - STRETCH + 1))
    assert min(starts) < 12 < max(starts)


def test_frames_and_their_sound_belong_together(clips):
    """The mouth's size in each picture is what its window begins with."""
    stretches = draw_stretches(clips, 6, chance())
    assert stretches.frames.shape == (6, 5, 3, 96, 96) and stretches.sound.shape == (6, 5, 1, 80, 16)
    dark = (stretches.frames[:, :, 0, 70:86, 48] < 0.1).sum(-1)
    loud = (stretches.sound[:, :, 0, 0, 0] + 4) / 8
    assert ((dark - 2) / 14 - loud).abs().max() < 0.04
    assert not (stretches.out_of_step == stretches.sound).all()
    assert (stretches.others != stretches.frames).flatten(1).any(dim=1).all()


def test_rows_are_of_one_clip_and_every_sound_has_its_mouth(clips):
    rows = draw_rows(clips, 3, chance())
    assert rows.sound.shape == (3, ROW, 1, 80, 16) and rows.frames.shape == (3, ROW, 5, 3, 96, 96)
    dark = (rows.frames[:, :, 0, 0, 70:86, 48] < 0.1).sum(-1)
    assert ((dark - 2) / 14 - (rows.sound[:, :, 0, 0, 0] + 4) / 8).abs().max() < 0.04
    skins = rows.frames[:, :, :, :, 10, 10].flatten(1)
    assert (skins == skins[:, :1]).all()


def test_the_same_seed_draws_the_same(clips):
    first, second = draw_rows(clips, 2, chance(), 1.0), draw_rows(clips, 2, chance(), 1.0)
    assert (first.frames == second.frames).all() and (first.sound == second.sound).all()
