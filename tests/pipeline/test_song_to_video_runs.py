"""Whole runs of the command beside each other and killed: what they leave, and what the next one finds."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from media.media import probe_video
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def started(command, cache, **options):
    """The command as a program of its own, with that cache."""
    return subprocess.Popen(
        [*map(str, command)],
        cwd=ROOT,
        env=os.environ | {"BELCANTO_CACHE_DIR": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def sing(demo, out, cache, *more, **options):
    portrait, song = demo
    command = [sys.executable, "-m", "pipeline", "sing", "--portrait", portrait, "--song", song, "--out", out]
    return started([*command, "--height", "128", "--start", "4", "--json", *more], cache, **options)


def wait_for_part(process, folder):
    """Until the film is being written."""
    deadline = time.monotonic() + 120
    while not list(folder.glob(".*.part")):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
def test_a_killed_run_leaves_no_film_and_is_resumed(demo, tmp_path, own_cache):
    process = sing(demo, tmp_path / "a.mp4", own_cache, "--duration", "2")
    wait_for_part(process, tmp_path)
    process.kill()
    process.communicate()
    assert not (tmp_path / "a.mp4").exists()
    process = sing(demo, tmp_path / "a.mp4", own_cache, "--duration", "2")
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    assert '"cached_stages": ["decode", "portrait", "separate", "motion"]' in stdout.splitlines()[-1]
    assert names(tmp_path) == ["a.mp4"], "the killed run's part went with the new film"
    assert probe_video(tmp_path / "a.mp4").frames == 50


@pytest.mark.slow
def test_two_runs_of_one_song_at_once(demo, tmp_path, own_cache):
    outs = [tmp_path / "a.mp4", tmp_path / "b.mp4"]
    processes = [sing(demo, out, own_cache, "--duration", "1") for out in outs]
    reports = []
    for process in processes:
        stdout, stderr = process.communicate(timeout=300)
        assert process.returncode == 0, stderr
        reports.append(stdout.splitlines()[-1])
    assert [probe_video(Path(out)).frames for out in outs] == [25, 25]
    assert sum('"separate"' in report.partition("cached_stages")[2] for report in reports) == 1, "one separated, one waited"
