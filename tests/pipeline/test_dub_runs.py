"""Dubbing as a program: killed in the middle it leaves no film, and the next run takes over what was found before."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest

from drawing.resizing import resized
from media.media import FilmWriter, probe_video
from media.pictures import load_picture
from tests.pipeline.dubbing import tone
from tests.pipeline.test_song_to_video_runs import names, started, wait_for_part

pytestmark = pytest.mark.long
SIDE, FPS, FRAMES = 256, 25.0, 75


@pytest.fixture(scope="module")
def film(root_dir, tmp_path_factory):
    """Three seconds in which the demo portrait moves to and fro."""
    folder = tmp_path_factory.mktemp("films")
    picture = resized(load_picture(root_dir / "demo" / "portrait.jpg").image, SIDE, SIDE)
    with FilmWriter(folder / "talk.mp4", (SIDE, SIDE), FPS, tone(folder / "tone.wav", FRAMES / FPS)) as writer:
        for number in range(FRAMES):
            writer.write(np.roll(picture, round(5 * np.sin(number / 7)), axis=1))
    return folder / "talk.mp4"


def dub(film, out, cache, *more):
    command = [sys.executable, "-m", "pipeline", "dub", "--film", str(film), "--sound", str(film), "--out", str(out), "--json"]
    return started([*command, "--engine", "mesh", *more], cache)


@pytest.mark.slow
def test_a_killed_dub_leaves_no_film_and_is_resumed(film, tmp_path, own_cache):
    process = dub(film, tmp_path / "a.mp4", own_cache)
    wait_for_part(process, tmp_path)
    process.kill()
    process.communicate()
    assert not (tmp_path / "a.mp4").exists()
    process = dub(film, tmp_path / "a.mp4", own_cache)
    stdout, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    report = json.loads(stdout.splitlines()[-1])
    assert {"decode", "faces", "separate", "motion"} <= set(report["cached_stages"])
    assert names(tmp_path) == ["a.mp4"], "the killed run's part went with the new film"
    assert probe_video(tmp_path / "a.mp4").frames == FRAMES
