"""Which engine a picture gets, what each can be told, and the sentences where that can't be."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from animators.anime.engine import ANIME
from animators.mesh.engine import MESH
from core.errors import InputError, MissingError
from core.messages import as_written
from core.work import WorkInput, WorkOrder
from filters.frame_rate import FrameRateOptions
from filters.restoration import RestoreOptions
from media.pictures import load_picture
from pipeline import engine_list
from pipeline.cli.arguments import SentenceParser
from pipeline.cli.options import film_settings
from pipeline.cli.sing import add_parser
from pipeline.engine_list import engine_named
from pipeline.engines import check_engine, engine_for
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import find_face
from sadtalker_runner.options import PoseChoice, SadTalkerOptions


def parsed(*arguments):
    """The settings that a command line gives."""
    parser = SentenceParser()
    add_parser(parser.add_subparsers())
    return film_settings(parser.parse_args(["sing", "--portrait", "p", "--song", "s", "--out", "f.mp4", *arguments]))


@pytest.mark.parametrize(
    ("picture", "expected"), [("anime_rgba.png", ANIME), ("man_photo.jpg", MESH), ("painting_mona_lisa.jpg", MESH)]
)
def test_auto_sends_drawings_to_the_anime_engine_and_says_so(shared_dir, picture, expected):
    loaded = load_picture(shared_dir / "portraits" / picture)
    engine, reason = engine_for(loaded, SongToVideoSettings())
    assert engine is expected and f"the engine is {expected.name}" in str(reason).lower()
    named, silent = engine_for(loaded, SongToVideoSettings(engine="mesh"))
    assert named is MESH and silent is None


def test_a_framed_face_is_a_drawn_one(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "man_photo.jpg")
    engine, _ = engine_for(picture, SongToVideoSettings(face_frame=(10, 10, 200, 200)))
    assert engine is ANIME


def test_a_drawing_where_the_anime_engine_lacks_something(shared_dir, monkeypatch):
    """The film is made by the mesh engine, and the note says why; one who named the engine is told what to do."""
    drawing = load_picture(shared_dir / "portraits" / "anime_rgba.png")
    lacking = replace(ANIME, missing=lambda settings: as_written("Install this."))
    monkeypatch.setattr(engine_list, "ENGINES", [MESH, lacking])
    engine, reason = engine_for(drawing, SongToVideoSettings())
    assert engine is MESH and "can't run" in str(reason) and str(reason).endswith("Install this.")
    with pytest.raises(MissingError, match="Install this"):
        engine_for(drawing, SongToVideoSettings(face_frame=(0, 0, 50, 50)))
    with pytest.raises(MissingError, match="Install this"):
        check_engine(SongToVideoSettings(engine="anime"))
    check_engine(SongToVideoSettings())


def test_faces_of_drawings_have_no_numbers(shared_dir):
    picture = load_picture(shared_dir / "portraits" / "anime_rgba.png")
    with pytest.raises(InputError, match="no face 2"):
        find_face(picture, ANIME, SongToVideoSettings(engine="anime", face=2))


def test_every_engine_is_known_by_its_name():
    assert [engine_named(engine.name) for engine in engine_list.ENGINES] == engine_list.ENGINES
    with pytest.raises(InputError, match="no engine 'magic'; choose one of auto, mesh, anime, sadtalker"):
        engine_named("magic")


def test_the_command_line_tells_sadtalker_everything():
    settings = parsed(
        *("--engine", "sadtalker", "--size", "512", "--preprocess", "crop", "--pose", "voice", "--pose-style", "7"),
        *("--yaw=-20,30", "--pitch=5", "--restore", "0.5", "--in-between", "interpolated", "--device", "cpu"),
    )
    assert settings.own(SadTalkerOptions) == SadTalkerOptions(512, "crop", "voice", 7, (-20.0, 30.0), (5.0,), ())
    assert settings.own(RestoreOptions).restore == 0.5 and settings.own(FrameRateOptions).in_between == "interpolated"
    assert settings.device == "cpu"
    followed = parsed("--engine", "sadtalker", "--pose", "dance.mp4")
    assert followed.own(SadTalkerOptions).pose == Path("dance.mp4") and dict(followed.files()) == {
        Path("dance.mp4"): PoseChoice.file_words
    }
    assert parsed("--frame", "10,20,110,140").face_frame == (10.0, 20.0, 110.0, 140.0)
    assert parsed().engine_options is None and parsed().face_frame is None


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--size", "512"], "belong to the engine sadtalker"),
        (["--engine", "anime", "--yaw=3"], "belong to the engine sadtalker"),
        (["--engine", "sadtalker", "--pose-style", "3"], "add --pose voice"),
        (["--engine", "sadtalker", "--pose", "voice", "--pose-style", "46"], "0 to 45"),
        (["--engine", "sadtalker", "--yaw=70"], "-60 to 60"),
        (["--engine", "sadtalker", "--roll=a"], "--roll is a; a number"),
        (["--engine", "mesh", "--frame", "1,2,30,40"], "for drawn faces"),
        (["--frame", "1,2,30,40", "--face", "1"], "not by both"),
        (["--frame", "1,2,3"], "four numbers"),
        (["--frame", "50,2,30,40"], "right of left"),
        (["--restore", "1.5"], "from 0 to 1 is accepted"),
        (["--restore", "nan"], "from 0 to 1 is accepted"),
    ],
)
def test_what_does_not_fit_ends_in_a_sentence(arguments, sentence):
    with pytest.raises(InputError, match=sentence):
        parsed(*arguments)


@pytest.mark.parametrize("wrong", [{"size": 128}, {"preprocess": "warp"}, {"pose": "dance"}, {"yaw_deg": (float("nan"),)}])
def test_sadtalker_refuses_what_it_does_not_know(wrong):
    with pytest.raises(InputError):
        SadTalkerOptions(**wrong)


def test_texts_as_numbers():
    assert parsed("--yaw=", "--frame", " ").engine_options is None
    assert parsed("--engine", "sadtalker", "--yaw=-20, 3.5").own(SadTalkerOptions).yaw_deg == (-20.0, 3.5)


def test_an_order_keeps_its_options_on_its_way_to_the_worker():
    own = SadTalkerOptions(512, "full", Path("film.mp4"), 0, (1.0, 2.0))
    settings = SongToVideoSettings(
        engine="sadtalker", engine_options=own, filter_options=(RestoreOptions(0.3),), motion_csv=Path("m.csv")
    )
    for each in (settings, SongToVideoSettings(face_frame=(1, 2, 30, 40))):
        order = WorkOrder("1", "song_to_film", {"song": WorkInput(Path("s"), "S")}, each.as_json(), {"film": Path("v.mp4")})
        again = WorkOrder.from_json(json.loads(json.dumps(order.as_json())))
        assert again == order and SongToVideoSettings.from_json(again.options) == each
