"""Spoilt sets: every fault gets its sentence, and a good set none."""

from __future__ import annotations

import numpy as np
import pytest

from core.rigs.rig_list import ARKIT
from motion.emotion.styles import FPS, SAMPLE_RATE_HZ, STYLES
from motion.emotion.training.checking import faults_of_take, lag_frames, loudness, main
from motion.emotion.training.take_set import read_set
from tests.motion.emotion.training.conftest import motion_of, write_take

LENGTH = 4 * SAMPLE_RATE_HZ


def checked(folder, sound, motion=None):
    write_take(folder, "ann/happy/take1", sound, motion)
    (take,) = read_set(folder).takes
    return faults_of_take(take, ARKIT)


def test_a_good_take_has_no_faults(tmp_path, song):
    assert checked(tmp_path, song[:LENGTH]) == []


@pytest.mark.parametrize("delay", [-12, 9])
def test_a_jaw_out_of_step_is_found(tmp_path, song, delay):
    (fault,) = checked(tmp_path, song[:LENGTH], motion_of(song[:LENGTH], delay_frames=delay))
    assert f"{abs(delay) / FPS:.2f} s {'later' if delay > 0 else 'earlier'}" in fault


def test_a_jaw_a_little_off_or_unlike_is_no_fault(song):
    levels = loudness(song[:LENGTH])
    assert lag_frames(levels, np.roll(levels, 3)) == 0
    assert lag_frames(levels, np.roll(levels, 10)) == 10
    assert lag_frames(levels, np.random.default_rng(0).normal(size=len(levels))) == 0
    assert lag_frames(levels, np.zeros(len(levels))) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda sound: sound[:16000], "at least 2 s"),
        (lambda sound: 1e-5 * sound, "silent"),
        (lambda sound: np.clip(20.0 * sound, -1.0, 1.0), "clipped"),
    ],
)
def test_a_spoilt_sound_is_said(tmp_path, song, spoil, said):
    spoilt = spoil(song[:LENGTH]).astype(np.float32)
    assert any(said in fault for fault in checked(tmp_path, spoilt, motion_of(song[: len(spoilt)])))


def test_lengths_that_differ_and_a_flat_face_are_said(tmp_path, song):
    (fault,) = checked(tmp_path, song[:LENGTH], motion_of(song[: LENGTH + SAMPLE_RATE_HZ]))
    assert "4.00 s and the curves 5.00 s" in fault
    (fault,) = checked(tmp_path, song[:LENGTH], motion_of(np.zeros(LENGTH)))
    assert "flat" in fault


def test_files_that_cannot_be_read_are_said(tmp_path, song):
    write_take(tmp_path, "ann/happy/take1", song[:LENGTH])
    (tmp_path / "ann" / "happy" / "take1.wav").write_bytes(b"no sound")
    (tmp_path / "ann" / "happy" / "take1.csv").write_text("no,curves\n1,2\n")
    faults = faults_of_take(read_set(tmp_path).takes[0], ARKIT)
    assert len(faults) == 2 and "take1.csv" in faults[1]


def test_the_command_says_everything_and_its_code_tells(tmp_path, song, capsys):
    assert main([str(tmp_path / "nothing")]) == 2
    for number, style in enumerate(STYLES * 3):
        start = number * SAMPLE_RATE_HZ
        write_take(tmp_path, f"ann/{style}/take{number}", song[start : start + LENGTH])
    assert main([str(tmp_path)]) == 0 and "15 takes: nothing is wrong." in capsys.readouterr().out
    (tmp_path / "ann" / "sad" / "take13.csv").unlink()
    write_take(tmp_path, "ann/happy/take2", song[:16000])
    assert main([str(tmp_path)]) == 1
    said = capsys.readouterr().out
    for sentence in ("take13.wav has no curves", "ann/happy/take2: It lasts 1.00 s", "sad has 2 takes", "14 takes: 3 faults."):
        assert sentence in said
