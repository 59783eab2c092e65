"""Films beside each other: in step whatever their rates and lengths, named, and with the driver's sound."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from animators.mesh.engine import MESH
from core.errors import Cancelled, InputError
from core.film_tags import ENGINES
from core.work import WorkInput, WorkOrder
from drawing.side_by_side import lay_out
from lipsync.mesh_lips.engine import MESH_LIPS
from media.film_writer import COMPARED_COMMENT, FilmWriter
from media.media import probe_audio, probe_video, read_audio, read_frames
from pipeline.__main__ import main
from pipeline.compare_films import compare_films, names_of
from pipeline.compare_settings import CompareSettings
from pipeline.film_marks import marks_of
from pipeline.works.compare_films import COMPARE_FILMS
from tests.pipeline.dubbing import tone

HEIGHT = 64


def film(path, frames, fps, size=(96, 64), sound_s=None, tags=None):
    """A film whose frame number n is grey of the level 20 + 3 n; with a tone where `sound_s` says how long."""
    song = None if sound_s is None else tone(path.with_suffix(".wav"), sound_s)
    with FilmWriter(path, size, fps, song, duration_s=frames / fps, tags=tags) as writer:
        for number in range(frames):
            writer.write(np.full((size[1], size[0], 3), 20 + 3 * number, np.uint8))
    return path


def levels(path, sizes):
    """The mean level (T, cells) of every cell."""
    cells = lay_out(sizes, HEIGHT).cells
    inner = [(cell.top + 4, cell.top + cell.height - 4, cell.left + 4, cell.left + cell.width - 4) for cell in cells]
    parts = [(slice(top, bottom), slice(left, right)) for top, bottom, left, right in inner]
    return np.array([[frame[part].mean() for part in parts] for frame in read_frames(path)])


def test_films_of_other_rates_and_lengths_run_in_step_and_hold_their_last_picture(tmp_path):
    driver = film(tmp_path / "driver.mp4", 20, 25.0, sound_s=0.8)
    quick = film(tmp_path / "quick.mp4", 60, 50.0, (64, 64))
    short = film(tmp_path / "short.mp4", 5, 12.5, (128, 64))
    Image.new("RGB", (66, 88), (200, 200, 200)).save(tmp_path / "picture.png")
    seen = []
    report = compare_films(
        *(driver, [quick, short], tmp_path / "o.mp4", tmp_path / "picture.png", CompareSettings(height=HEIGHT)),
        lambda stage, done, total: seen.append(stage),
        title="All of them",
    )
    assert report.names == ("Driving film", "Portrait", "quick", "short") and report.frames == 30 and report.fps == 25
    assert list(dict.fromkeys(seen)) == ["decode", "frames", "mux"]
    told = probe_video(tmp_path / "o.mp4")
    assert told.frames == 30 and told.metadata["title"] == "All of them" and told.metadata["comment"] == COMPARED_COMMENT
    shown = levels(tmp_path / "o.mp4", [(96, 64), (66, 88), (64, 64), (128, 64)])
    number = np.arange(30)
    wanted = np.stack(
        [20 + 3 * np.minimum(number, 19), np.full(30, 200), 20 + 3 * (2 * number + 0.5), 20 + 3 * np.minimum(number // 2, 4)], 1
    )
    assert np.abs(shown - wanted).max() < 4
    assert probe_audio(tmp_path / "o.mp4").duration_s == pytest.approx(1.2, abs=0.06)
    heard = np.abs(read_audio(tmp_path / "o.mp4", 16000, 1)[:, 0])
    assert heard[2000:10000].max() > 0.1 and heard[-4000:].max() < 0.01, "behind the driver's end there is silence"


def test_the_others_begin_where_in_the_driver_they_were_made_of(tmp_path):
    driver, other = film(tmp_path / "driver.mp4", 40, 25.0), film(tmp_path / "other.mp4", 15, 25.0, sound_s=0.6)
    settings = CompareSettings(height=HEIGHT, start_s=0.4, duration_s=0.6)
    report = compare_films(driver, [other], tmp_path / "o.mp4", settings=settings)
    shown = levels(tmp_path / "o.mp4", [(96, 64), (96, 64)])
    assert report.frames == 15 and np.abs(shown[:, 0] - shown[:, 1] - 30).max() < 3
    heard = probe_audio(tmp_path / "o.mp4")
    assert heard.duration_s == pytest.approx(0.6, abs=0.06), "a silent driver leaves the sound to others"


def test_without_any_sound_the_film_is_silent(tmp_path):
    driver, other = film(tmp_path / "driver.mp4", 5, 25.0), film(tmp_path / "other.mp4", 5, 25.0)
    compare_films(driver, [other] * 4, tmp_path / "o.mp4", settings=CompareSettings(height=HEIGHT))
    with pytest.raises(InputError, match="has no sound"):
        probe_audio(tmp_path / "o.mp4")


def test_names_are_the_engines_of_the_metadata(tmp_path):
    mesh = film(tmp_path / "a.mp4", 2, 25.0, tags=marks_of(MESH))
    again = film(tmp_path / "b.mp4", 2, 25.0, tags=marks_of(MESH))
    lips = film(tmp_path / "c.mp4", 2, 25.0, tags={ENGINES: f"adasr {MESH_LIPS.name} unheard-of"})
    plain = film(tmp_path / "d.mp4", 2, 25.0)
    assert names_of([mesh, lips, plain], ["", "", "My film"]) == ["Mesh", "AdaSR + Mesh + unheard-of", "My film"]
    assert names_of([mesh, again], []) == ["Mesh (a)", "Mesh (b)"]


@pytest.mark.parametrize("films", [0, 5])
def test_none_and_too_many_films_are_refused(films, tmp_path):
    driver = film(tmp_path / "driver.mp4", 2, 25.0)
    with pytest.raises(InputError, match="From one to 4 films"):
        compare_films(driver, [driver] * films, tmp_path / "o.mp4")


def test_files_that_cannot_be_used_are_told_in_a_sentence(tmp_path):
    driver = film(tmp_path / "driver.mp4", 2, 25.0)
    (tmp_path / "text.mp4").write_text("no film")
    for given, said in (
        ((driver, [tmp_path / "none.mp4"], tmp_path / "o.mp4"), "none.mp4"),
        ((driver, [tmp_path / "text.mp4"], tmp_path / "o.mp4"), "text.mp4"),
        ((driver, [driver], driver), "driver.mp4"),
        ((driver, [driver], tmp_path / "o.avi"), "o.avi"),
    ):
        with pytest.raises(InputError, match=said) as told:
            compare_films(*given)
        assert "\n" not in str(told.value) and not (tmp_path / "o.mp4").exists()


def test_cancelled_it_leaves_nothing_behind(tmp_path):
    driver = film(tmp_path / "driver.mp4", 20, 25.0)

    def stop(stage, done, total):
        if stage == "frames" and done == 3:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        compare_films(driver, [driver], tmp_path / "o.mp4", progress=stop, settings=CompareSettings(height=HEIGHT))
    assert sorted(path.name for path in tmp_path.iterdir() if "o.mp4" in path.name or path.suffix == ".part") == []


def test_the_command(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(tmp_path / "cache"))
    driver, out = str(film(tmp_path / "driver.mp4", 4, 25.0)), str(tmp_path / "o.mp4")
    assert (
        main(["compare", "--driving", driver, "--film", driver, "--film", driver, "--out", out, "--height", "64", "--json"]) == 0
    )
    told = json.loads(capsys.readouterr().out)
    assert told["video"] == out and told["names"] == ["Driving film", "driver", "driver"] and told["frames"] == 4
    assert main(["compare", "--driving", driver, "--film", driver, "--out", out, "--height", "4"]) == 2


def test_the_kind_of_work(tmp_path):
    driver, other = film(tmp_path / "driver.mp4", 4, 25.0), film(tmp_path / "other.mp4", 8, 25.0)
    facts = {"duration_s": 0.32, "width": 96, "height": 64}
    inputs = {"driving": WorkInput(driver, "Smile"), "film": WorkInput(other, "Mona", facts), "film_3": WorkInput(driver, "Lisa")}
    order = WorkOrder("j", "compare_films", inputs, COMPARE_FILMS.settled({"height": 64}), {"film": tmp_path / "film.mp4"}, "T")
    plan = COMPARE_FILMS.plan(order, None)
    assert plan.length_s == 0.32 and [stage.name for stage in plan.stages] == list(COMPARE_FILMS.stages)
    told = COMPARE_FILMS.run(order, lambda *_: None)
    assert told["video"] == "film.mp4" and told["names"] == ("Driving film", "Mona", "Lisa") and told["frames"] == 8
    assert probe_video(tmp_path / "film.mp4").metadata["title"] == "T"
    assert COMPARE_FILMS.needed == {"driving", "film"}
    with pytest.raises(InputError, match="height"):
        COMPARE_FILMS.settled({"height": 4000})
