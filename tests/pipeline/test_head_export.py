"""`belcanto export`: from a portrait to a GLB file, still, by a motion file or by a song; and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.contracts import Motion
from media.glb import read_glb
from motion.files.motion_csv import write_motion_csv
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.film_to_head import FILM_TO_HEAD


@pytest.fixture
def portrait(root_dir):
    return root_dir / "demo" / "portrait.jpg"


@pytest.fixture
def motion_csv(tmp_path):
    shapes = np.zeros((30, 52), np.float32)
    shapes[:, 17] = np.linspace(0, 1, 30)
    zeros = np.zeros((30, 3), np.float32)
    write_motion_csv(tmp_path / "m.csv", Motion(30.0, shapes, zeros, zeros, zeros[:, :2], zeros[:, 0]))
    return tmp_path / "m.csv"


def test_a_motion_file_moves_the_head(portrait, motion_csv, tmp_path, capfd):
    out = tmp_path / "head.glb"
    code = main(["export", "--portrait", str(portrait), "--motion", str(motion_csv), "--out", str(out), "--json"])
    told = json.loads(capfd.readouterr().out)
    assert code == 0 and told["size_bytes"] == out.stat().st_size and (told["frames"], told["fps"]) == (30, 30.0)
    document, _ = read_glb(out.read_bytes())
    (animation,) = document["animations"]
    times = document["accessors"][animation["samplers"][0]["input"]]
    assert times["count"] == 30 and times["max"][0] == pytest.approx(29 / 30)


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--out", "head.fbx"], ".glb"),
        (["--out", "head.glb", "--song", "nowhere.mp3"], "nowhere.mp3"),
        (["--out", "head.glb", "--portrait", "nowhere.jpg"], "nowhere.jpg"),
    ],
)
def test_what_does_not_fit_is_told_before_any_work(words, problem, portrait, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    assert main(["export", "--portrait", str(portrait), *words]) == 2
    assert problem in capfd.readouterr().err and not list(tmp_path.iterdir())


def test_a_drawing_has_no_such_head(root_dir, tmp_path, capfd):
    drawing = root_dir / "demo" / "examples" / "drawn_red.jpg"
    assert main(["export", "--portrait", str(drawing), "--out", str(tmp_path / "head.glb")]) == 2
    assert "drawing" in capfd.readouterr().err


def test_a_film_of_another_height_has_the_same_head():
    """What only changes the film's pictures changes no head; what moves it does."""
    plain = FILM_TO_HEAD.settled(SongToVideoSettings().as_json(pages=True))
    assert FILM_TO_HEAD.settled(SongToVideoSettings(height=360).as_json(pages=True)) == plain
    assert FILM_TO_HEAD.settled(SongToVideoSettings(style="sad").as_json(pages=True)) != plain
