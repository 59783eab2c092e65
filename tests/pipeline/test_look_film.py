from __future__ import annotations

import json
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest

from core.errors import InputError
from core.work import WorkInput, WorkOrder
from filters.look import LookOptions
from media.film_reader import probe_video, read_frames
from media.film_writer import DRAWN_COMMENT, FilmWriter
from media.sound_reader import probe_audio
from pipeline.__main__ import main
from pipeline.look_film import comment_of, look_film, write_svg
from pipeline.look_settings import LookFilmSettings
from pipeline.works.look_film import LOOK_FILM
from tests.pipeline.dubbing import film

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def talk(tmp_path_factory):
    """A disc moves through 15 frames, and something is heard."""
    folder = tmp_path_factory.mktemp("films")
    film(folder / "talk.mp4", 15)
    path = folder / "disc.mp4"
    with FilmWriter(path, (96, 64), 25.0, folder / "talk.wav", duration_s=0.6, comment="A film.") as writer:
        for number in range(15):
            frame = np.full((64, 96, 3), (40, 60, 90), np.uint8)
            cv2.circle(frame, (30 + number, 32), 18, (220, 180, 150), -1, cv2.LINE_AA)
            cv2.circle(frame, (30 + number, 32), 7, (150, 40, 40), -1, cv2.LINE_AA)
            writer.write(frame)
    return path


def settings(**more):
    return LookFilmSettings.from_json(more)


def test_a_film_is_drawn_again_twice_as_large_with_its_sound(talk, tmp_path):
    seen, out = [], tmp_path / "o.mp4"
    report = look_film(talk, out, settings(look="poster", look_scale=2, label=True), lambda stage, *_: seen.append(stage))
    before, after = probe_video(talk), probe_video(out)
    assert (after.width, after.height, after.frames) == (2 * before.width, 2 * before.height, 15)
    assert after.fps == pytest.approx(before.fps) and report.frames == 15
    assert dict.fromkeys(seen) == dict.fromkeys(LOOK_FILM.stages)
    assert probe_audio(out).duration_s == pytest.approx(15 / before.fps, abs=0.1)
    large = cv2.resize(next(read_frames(talk)), None, fx=2, fy=2).astype(float)
    assert 1.0 < np.abs(next(read_frames(out)) - large).mean() < 60.0
    assert "drawn again" in after.metadata["comment"]


def test_a_part_of_it_and_what_it_said_of_itself_stays(talk, tmp_path):
    first, second = tmp_path / "1.mp4", tmp_path / "2.mp4"
    look_film(talk, first, settings(look="ink", start_s=0.04, duration_s=0.52))
    assert probe_video(first).frames == 13
    assert comment_of(first) == DRAWN_COMMENT
    made = film(tmp_path / "made.mp4", 15)
    assert comment_of(made).startswith("AI-generated: ") and comment_of(made).endswith(f". {DRAWN_COMMENT}")
    look_film(made, second, settings(look="poster"))
    assert comment_of(second) == comment_of(made), "said once, however often it is drawn"


def test_a_frame_as_svg_is_what_the_film_shows(talk, tmp_path, capsys):
    out = tmp_path / "frame.svg"
    assert main(["look", "--film", str(talk), "--look", "vector", "--at", "0.2", "--svg", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"svg": str(out)}
    root = ElementTree.parse(out).getroot()
    info = probe_video(talk)
    assert root.get("viewBox") == f"0 0 {info.width} {info.height}" and len(root.findall(f"{SVG}path")) >= 2
    assert write_svg(talk, tmp_path / "end.svg", 99.0, settings(look="ink")).stat().st_size > 100


def test_what_can_not_be_drawn_is_told(talk, tmp_path, capsys):
    out = tmp_path / "o.mp4"
    with pytest.raises(InputError) as error:
        look_film(talk, out, settings())
    assert error.value.message.code == "pipeline.no_look"
    with pytest.raises(InputError) as error:
        write_svg(talk, tmp_path / "o.svg", 0.0, settings(label=True))
    assert error.value.message.code == "pipeline.no_look"
    with pytest.raises(InputError):
        look_film(talk, talk, settings(look="ink"))
    with pytest.raises(InputError):
        write_svg(talk, tmp_path / "o.png", 0.0, settings(look="ink"))
    assert main(["look", "--film", str(talk), "--look", "ink", "--json"]) == 2
    assert "--svg" in capsys.readouterr().out and not out.exists()


def test_frames_that_would_be_too_large_are_refused_and_leave_nothing(talk, tmp_path, monkeypatch):
    monkeypatch.setattr("filters.look.MOST_PX", 100)
    with pytest.raises(InputError) as error:
        look_film(talk, tmp_path / "o.mp4", settings(look="ink", look_scale=4))
    assert error.value.message.code == "filters.look_too_large" and not list(tmp_path.iterdir())


def test_the_kind_of_work(talk, tmp_path):
    kept = LOOK_FILM.settled({"look": "ink", "duration_s": "0,52"})
    assert kept == {"look": "ink", "look_scale": 1, "label": False, "start_s": 0.0, "duration_s": 0.52}
    with pytest.raises(InputError):
        LOOK_FILM.settled({"engine": "mesh"})
    info, out = probe_video(talk), tmp_path / "film.mp4"
    facts = {"duration_s": 0.6, "width": info.width, "height": info.height}
    order = WorkOrder("j", LOOK_FILM.name, {"film": WorkInput(talk, "Talk", facts)}, kept, {"film": out}, "Talk")
    plan = LOOK_FILM.plan(order, None)
    assert [stage.name for stage in plan.stages] == list(LOOK_FILM.stages) and plan.length_s == pytest.approx(0.52)
    assert LOOK_FILM.run(order, lambda *_: None)["video"] == "film.mp4" and probe_video(out).frames == 13
    assert LookFilmSettings.from_json(kept).own(LookOptions).look == "ink"
