"""Motion files of every kind from the command line, beside a film, and made of a finished film."""

from __future__ import annotations

import json

import numpy as np
import pytest
import soundfile

from core.contracts import silent
from core.rigs.rig_list import METAHUMAN
from core.work import WorkInput, WorkOrder
from media.glb import read_glb
from media.sound_reader import read_audio
from motion.files.any_file import read_curves, read_motion, write_motion
from pipeline.__main__ import main
from pipeline.film_settings import SongToVideoSettings
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages
from pipeline.works.film_motion import FILM_MOTION
from tests.motion.files.test_metahuman_files import a_performance
from tests.motion.files.test_motion_csv import assert_same

QUICK = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.0)


class PlainRenderer:
    """Shows the portrait."""

    def __init__(self, settings=None):
        pass

    def frames(self, portrait, motion, progress=None):
        return (portrait.image for _ in range(len(motion)))


@pytest.fixture(scope="module")
def voice(root_dir, tmp_path_factory):
    """A second of the demo's singing."""
    path = tmp_path_factory.mktemp("voice") / "v.wav"
    soundfile.write(path, read_audio(root_dir / "demo" / "song.mp3", 44100, 1, 4.0, 1.0), 44100)
    return path


@pytest.fixture(scope="module")
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


@pytest.mark.usefixtures("own_cache")
def test_the_names_ending_and_the_rig_decide(voice, tmp_path, capfd):
    def written(name, *more):
        out = tmp_path / name
        assert main(["motion", "--voice", str(voice), "--out", str(out), "--fps", "30", "--json", *more]) == 0
        assert json.loads(capfd.readouterr().out)["frames"] == 30
        return out

    ours, _ = read_motion(written("m.csv"))
    for name, more in (("a.csv", ["--rig", "metahuman"]), ("b.json", []), ("c.json", ["--rig", "metahuman"])):
        path = written(name, *more)
        assert "CTRL_expressions_jawOpen" in path.read_text() and ours.shape("jawOpen").max() > 0.05
        assert_same(read_motion(path)[0], ours, tolerance=1e-4)
    document, _ = read_glb(written("d.glb").read_bytes())
    assert document["animations"][0]["name"] == "Performance"


@pytest.mark.parametrize(
    ("name", "rig", "problem"),
    [
        ("m.json", "arkit", "the rig metahuman alone"),
        ("m.glb", "metahuman", "the rig arkit alone"),
        ("m.fbx", "arkit", ".csv"),
        ("m.csv", "cat", "choose one of arkit"),
    ],
)
def test_what_does_not_go_together_is_told_before_any_work(voice, tmp_path, capfd, name, rig, problem):
    assert main(["motion", "--voice", str(voice), "--out", str(tmp_path / name), "--rig", rig]) == 2
    assert problem in capfd.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["m.csv", "m.json"])
def test_a_metahumans_curves_lie_beside_the_film(demo, tmp_path, name, own_cache):
    motion = a_performance(25, 25.0)
    write_motion(tmp_path / "given.json", motion, metahuman=True)
    settings = SongToVideoSettings(height=128, duration_s=1.0, motion_csv=tmp_path / "given.json")
    report = song_to_video(*demo, tmp_path / "f.mp4", settings, silent, Stages(PlainRenderer), metahuman=tmp_path / name)
    assert report.frames == 25
    curves, fps = read_curves(tmp_path / name, METAHUMAN)
    assert fps == 25
    np.testing.assert_allclose(curves, read_curves(tmp_path / "given.json", METAHUMAN)[0], atol=1e-4)


def test_what_lies_beside_the_film_is_tried_before_the_work(demo, tmp_path, capfd):
    words = ["sing", "--portrait", str(demo[0]), "--song", str(demo[1]), "--out", str(tmp_path / "f.mp4")]
    assert main([*words, "--metahuman", str(tmp_path / "m.glb")]) == 2
    assert ".json" in capfd.readouterr().err and not list(tmp_path.iterdir())


@pytest.mark.usefixtures("own_cache")
def test_a_films_motion_is_given_out_in_three_files(demo, tmp_path):
    inputs = {"film": WorkInput(demo[0], "film"), "song": WorkInput(demo[1], "song")}
    outputs = {role: tmp_path / f"{role}{suffix}" for role, suffix in FILM_MOTION.outputs.items()}
    assert sorted(path.name for path in outputs.values()) == ["metahuman.csv", "metahuman_json.json", "motion.csv"]
    told = FILM_MOTION.run(WorkOrder("1", FILM_MOTION.name, inputs, QUICK.as_json(pages=True), outputs), silent)
    motions = [read_motion(path)[0] for path in outputs.values()]
    assert told["frames"] == 25 and [len(each) for each in motions] == [25] * 3
    for each in motions[1:]:
        assert_same(each, motions[0], tolerance=1e-4)
