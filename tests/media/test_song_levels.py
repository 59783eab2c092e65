"""Loudness by EBU R 128, the fine shape of a song, and where it is cut at full scale."""

from __future__ import annotations

import subprocess

import numpy as np
import pytest
import soundfile

from core.errors import InputError
from media.ffmpeg_run import ffmpeg_path
from media.song_levels import FULL, STRETCHES_PER_S, is_cut, loudness_of, read_levels

RATE_HZ = 48000


def write(path, sound, rate_hz=RATE_HZ):
    soundfile.write(path, sound, rate_hz, "PCM_16")
    return path


def sine(level_dbfs, seconds=5.0, hz=997.0):
    """In both channels; `level_dbfs`: of its peak."""
    times = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    return np.repeat((10 ** (level_dbfs / 20) * np.sin(2 * np.pi * hz * times))[:, None], 2, axis=1)


@pytest.mark.parametrize("level_dbfs", [-23.0, -33.0])
def test_loudness_is_that_of_ebu_tech_3341(tmp_path, level_dbfs):
    """Its first two tests: a stereo sine of 1 kHz at -23 dBFS is -23 LUFS, at -33 dBFS -33 LUFS."""
    assert read_levels(write(tmp_path / "sine.wav", sine(level_dbfs))).loudness_lufs == pytest.approx(level_dbfs, abs=0.15)


def test_silence_has_no_loudness(tmp_path):
    levels = read_levels(write(tmp_path / "silence.wav", np.zeros((2 * RATE_HZ, 2))))
    assert levels.loudness_lufs is None and not levels.peaks.any() and levels.clipped == ()
    assert loudness_of("") is None


def test_the_shape_is_told_in_fine_steps(tmp_path):
    sound = sine(-12.0, 2.0)
    sound[RATE_HZ : RATE_HZ + RATE_HZ // 2] *= 0.5
    levels = read_levels(write(tmp_path / "steps.wav", sound))
    assert len(levels.peaks) == 2 * STRETCHES_PER_S and levels.peaks.max() == FULL and levels.peaks.dtype == np.uint8
    assert levels.peaks[60] == FULL // 2 and levels.peaks[90] == FULL


@pytest.mark.parametrize("kind", ["wav", "mp3", "opus"])
def test_what_is_cut_at_full_scale_is_found_in_its_place(tmp_path, song_path_of_demo, kind):
    sound, rate_hz = soundfile.read(song_path_of_demo)
    part = sound[3 * rate_hz : 6 * rate_hz]
    loud = part.copy()
    loud[rate_hz : 2 * rate_hz] = np.clip(8 * loud[rate_hz : 2 * rate_hz], -1, 1)
    clean, cut = (write(tmp_path / f"{name}.wav", each, rate_hz) for name, each in (("clean", part), ("cut", loud)))
    for path in (clean, cut):
        if kind != "wav":
            subprocess.run([ffmpeg_path(), "-v", "error", "-i", path, "-b:a", "192k", path.with_suffix(f".{kind}")], check=True)
    levels = read_levels(cut.with_suffix(f".{kind}"))
    assert read_levels(clean.with_suffix(f".{kind}")).clipped == ()
    inside = [each for each in levels.clipped if 0.9 * STRETCHES_PER_S < each < 2.1 * STRETCHES_PER_S]
    assert len(inside) > 20 and inside == list(levels.clipped)
    assert levels.clipped_share == pytest.approx(len(inside) / len(levels.peaks))


@pytest.fixture
def song_path_of_demo(root_dir):
    return root_dir / "demo" / "song.mp3"


def test_one_channel_alone_may_be_cut_and_a_single_peak_is_none():
    sizes = np.full((50, 2), 0.5, np.float32)
    sizes[10, 0] = sizes[12, 0] = sizes[14, 0] = 1.0
    assert not is_cut(sizes)
    sizes[10:13, 1] = 1.2
    assert is_cut(sizes)
    assert not is_cut(np.ones((2, 2), np.float32))


def test_what_is_no_sound_is_refused(tmp_path):
    (tmp_path / "none.mp3").write_bytes(b"ID3" + bytes(3000))
    with pytest.raises(InputError):
        read_levels(tmp_path / "none.mp3")
