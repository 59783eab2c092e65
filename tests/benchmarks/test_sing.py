"""The benchmark of films: its loops are as long as asked, its targets read the figures, and one short film is really made."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.encoder_alone import AgainstEncoder, encoder_table
from benchmarks.machine import describe_machine
from benchmarks.sing import FLAC_BLOCK, Measurement, loop_arguments, main, table, targets, write_looped
from media.media import probe_audio, read_audio
from tests.metrics.films import write_wav


def row(duration_s: float, height: int, per_second: float, memory_mb: float) -> Measurement:
    wall = duration_s * per_second
    return Measurement(
        duration_s, height, {"total": wall - 1, "frames": wall - 2, "start": 1.0}, wall, per_second, wall, memory_mb, None
    )


def test_song_is_looped_to_the_sample(tmp_path):
    sound = 0.5 * np.random.default_rng(0).normal(size=44100).clip(-1, 1)
    song = write_wav(tmp_path / "song.wav", sound)
    write_looped(song, tmp_path / "long.flac", 3.5)
    assert probe_audio(tmp_path / "long.flac").duration_s == pytest.approx(3.5, abs=1e-3)
    long = read_audio(tmp_path / "long.flac", 44100, 1)[:, 0]
    assert long[44100 : 2 * 44100] == pytest.approx(long[:44100], abs=1e-3)


def test_the_blocks_of_a_looped_song_are_as_long_as_any_songs(root_dir, tmp_path):
    """An MP3's last frame is short (47 samples of the demo's); blocks of that length took most of a film's time to read."""
    write_looped(root_dir / "demo" / "song.mp3", tmp_path / "long.flac", 30.0)
    head = (tmp_path / "long.flac").read_bytes()[:12]  # "fLaC", a header of four bytes, then the least and the most of a block
    assert [int.from_bytes(head[at : at + 2]) for at in (8, 10)] == [FLAC_BLOCK, FLAC_BLOCK]


def test_loop_arguments_are_a_list_without_a_shell():
    arguments = loop_arguments("ffmpeg", Path("a b.mp3"), Path("c.flac"), 10)
    assert arguments[0] == "ffmpeg"
    assert "a b.mp3" in arguments
    assert arguments[-1] == "c.flac"


def test_targets_read_the_figures():
    good = [row(60, 512, 0.9, 1000), row(300, 512, 0.8, 1050), row(300, 1080, 2.0, 1200)]
    assert list(targets(good).values()) == [True, True, True]
    bad = [row(60, 512, 0.9, 1000), row(300, 512, 1.3, 1600)]
    assert list(targets(bad).values()) == [False, False, False]
    assert list(targets([row(10, 256, 1.0, 900)]).values()) == [None, None, True]


def test_table_has_a_row_for_each_film():
    text = table([row(10, 512, 0.5, 700), row(60, 512, 0.5, 700)], describe_machine())
    assert text.count("\n| ") == len(("head", "rule", "10 s", "60 s"))
    assert "| 60 s, 512 px | 0.500 |" in text


def test_missing_song_is_one_sentence(tmp_path, capsys):
    assert main(["--quick", "--song", str(tmp_path / "none.mp3")]) == 2
    assert "does not exist" in capsys.readouterr().err


@pytest.mark.slow
def test_a_short_film_is_measured(root_dir, capsys):
    if not (root_dir / "demo" / "portrait.jpg").exists():
        pytest.skip("the demo's portrait is not there")
    assert main(["--durations", "2", "--heights", "128", "--json"]) == 0
    found = json.loads(capsys.readouterr().out.strip().splitlines()[-1])
    measured = found["rows"][0]
    assert measured["duration_s"] == pytest.approx(2.0, abs=0.04)
    assert measured["height"] == 128
    assert measured["seconds"]["total"] <= measured["wall_seconds"]
    assert measured["peak_rss_mb"] > 100
    assert found["machine"]["cores"] >= 1


@pytest.mark.slow
def test_a_films_frames_are_held_against_the_encoder_alone(root_dir, capsys):
    if not (root_dir / "demo" / "portrait.jpg").exists():
        pytest.skip("the demo's portrait is not there")
    assert main(["--durations", "2", "--heights", "128", "--against-encoder", "--json"]) == 0
    (measured,) = json.loads(capsys.readouterr().out.strip().splitlines()[-1])["rows"]
    assert measured["duration_s"] == pytest.approx(2.0, abs=0.04) and measured["height"] == 128
    assert measured["ratio"] == measured["frames_seconds"] / measured["encoder_seconds"] > 1
    assert 0 < measured["encoder_processor_seconds"] < measured["program_processor_seconds"]


def test_table_against_the_encoder_tells_the_ratio():
    text = encoder_table([AgainstEncoder(10.0, 512, 6.0, 4.0, 9.0, 5.0)], describe_machine())
    assert "| 10 s, 512 px | 6.0 | 4.0 | 1.50 | 9.0 | 5.0 |" in text
