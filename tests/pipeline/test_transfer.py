"""A film moves a portrait, from film and picture to film: what is followed, what is heard, what is said, what is left."""

from __future__ import annotations

import dataclasses
import subprocess
from pathlib import Path

import numpy as np
import pytest

from animators.mesh.runner import MeshRenderer
from core.contracts import BLENDSHAPE_INDEX, Motion
from core.errors import Cancelled, InputError
from core.work import WorkInput, WorkOrder
from faces.faces import FaceFinder
from media.ffmpeg_run import ffmpeg_path
from media.media import FilmWriter, probe_audio, probe_video, read_audio, read_frames
from motion.files.motion_csv import read_motion_csv
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_to_motion import film_to_motion
from pipeline.portrait_step import prepare
from pipeline.stages import Stages
from pipeline.transfer import transfer
from pipeline.transfer_settings import FollowSettings, TransferSettings, transfer_options
from pipeline.works.transfer import TRANSFER
from tests.pipeline.dubbing import OpenJaw, WholeIsVoice, tone

FPS, FRAMES, HEIGHT = 25.0, 40, 256
SMALL = SongToVideoSettings(height=128)


def acted() -> Motion:
    """The jaw opens and shuts twice, and the head turns to one side and the other, from a face at rest in the middle."""
    times = np.arange(FRAMES) / FPS
    shapes = np.zeros((FRAMES, 52), np.float32)
    shapes[:, BLENDSHAPE_INDEX["jawOpen"]] = 0.6 * np.maximum(0, np.sin(2 * np.pi * times / 0.8))
    turn = np.zeros((FRAMES, 3), np.float32)
    turn[:, 0] = 12 * np.sin(2 * np.pi * times / 1.6)
    still = np.zeros((FRAMES, 3), np.float32)
    return Motion(FPS, shapes, turn, still, still[:, :2].copy(), np.zeros(FRAMES, np.float32))


@pytest.fixture(scope="module")
def portrait(root_dir) -> Path:
    return root_dir / "demo" / "portrait.jpg"


@pytest.fixture(scope="module")
def driving(portrait, tmp_path_factory) -> Path:
    """A film with sound of a face that does what is known."""
    folder = tmp_path_factory.mktemp("driving")
    actor, _, _ = prepare(portrait, SongToVideoSettings(height=HEIGHT, engine="mesh"), lambda *_: None)
    size = actor.image.shape[1], actor.image.shape[0]
    with FilmWriter(folder / "actor.mp4", size, FPS, tone(folder / "tone.wav", FRAMES / FPS)) as writer:
        for frame in MeshRenderer().frames(actor, acted()):
            writer.write(frame)
    return folder / "actor.mp4"


def known_stages() -> Stages:
    """Stages in which all of a sound is voice, and the sound holds the mouth half open."""
    return Stages(separator=lambda settings: WholeIsVoice(), motion_source=lambda settings: OpenJaw())


def run(portrait, driving, out, film=SMALL, stages=None, **settings):
    return transfer(portrait, driving, out, TransferSettings(film=film, **settings), stages=stages)


def turns(path: Path) -> np.ndarray:
    """The yaw of the face in each frame of a film, in degrees."""
    with FaceFinder(video=True) as finder:
        found = [finder.track(frame, index / FPS) for index, frame in enumerate(read_frames(path))]
    return np.array([face.rotation_deg[0] for face in found if face is not None])


@pytest.mark.slow
def test_the_portrait_turns_as_the_driver_and_is_heard_as_the_driver(portrait, driving, tmp_path):
    report = run(portrait, driving, tmp_path / "o.mp4")
    assert (report.frames, report.fps, report.height, report.engine) == (FRAMES, FPS, 128, "mesh")
    assert (report.driving_face, report.faces, report.seen) == (1, 1, 1.0)
    found = turns(tmp_path / "o.mp4")
    assert len(found) == FRAMES
    assert np.corrcoef(found, acted().rotation_deg[:, 0])[0, 1] > 0.9
    heard = read_audio(tmp_path / "o.mp4", 48_000, 1)[:, 0]
    assert abs(np.argmax(np.abs(np.fft.rfft(heard[:48_000]))) - 330) <= 1, "the driving film's own sound"
    assert probe_video(tmp_path / "o.mp4").metadata["title"] == "actor"
    still = run(portrait, driving, tmp_path / "still.mp4", sound="none", strength_head=0.0)
    assert np.ptp(turns(tmp_path / "still.mp4")) < 0.3 * np.ptp(found)
    assert still.cached_stages == ("portrait", "faces"), "the driver is followed once"
    with pytest.raises(InputError):
        probe_audio(tmp_path / "still.mp4")


@pytest.mark.slow
def test_a_longer_sound_moves_the_lips_and_the_driver_runs_back(portrait, driving, tmp_path):
    song = tone(tmp_path / "song.wav", 2.4, 440.0)
    report = run(portrait, driving, tmp_path / "o.mp4", stages=known_stages(), sound=song, lips="sound")
    assert report.frames == 60 and report.seconds["separate"] >= 0
    heard = read_audio(tmp_path / "o.mp4", 48_000, 1)[:, 0]
    assert abs(np.argmax(np.abs(np.fft.rfft(heard[:48_000]))) - 440) <= 1
    found = turns(tmp_path / "o.mp4")
    back = acted().rotation_deg[[*range(40), *range(38, 18, -1)], 0]
    assert np.corrcoef(found, back)[0, 1] > 0.9
    cut = run(portrait, driving, tmp_path / "c.mp4", stages=known_stages(), sound=song)
    assert cut.frames == FRAMES and [note.code for note in cut.notes].count("pipeline.sound_is_cut") == 1
    part = run(portrait, driving, tmp_path / "p.mp4", sound=song, sound_start_s=1.0, sound_duration_s=0.8, fps=10.0)
    assert (part.frames, part.fps) == (8, 10.0)


@pytest.mark.slow
def test_the_motion_of_a_film_is_a_file_that_sing_takes(driving, tmp_path):
    report = film_to_motion(driving, tmp_path / "m.csv", FollowSettings(start_s=0.4, duration_s=0.8))
    motion, notes = read_motion_csv(tmp_path / "m.csv")
    assert (report.frames, len(motion), motion.fps, notes) == (20, 20, 25.0, ())
    assert np.corrcoef(motion.rotation_deg[:, 0], acted().rotation_deg[10:30, 0])[0, 1] > 0.95
    assert np.corrcoef(motion.shape("jawOpen"), acted().shape("jawOpen")[10:30])[0, 1] > 0.9
    halved = film_to_motion(driving, tmp_path / "h.csv", FollowSettings(strength_head=0.5, fps=50.0))
    assert (halved.frames, halved.fps) == (80, 50.0)


def test_options_that_do_not_go_together_are_one_sentence(portrait, driving, tmp_path):
    def code(**settings) -> str:
        with pytest.raises(InputError) as refused:
            run(portrait, driving, tmp_path / "o.mp4", **settings)
        return refused.value.message.code

    assert code(lips="sound", sound="none") == "pipeline.lips_without_sound"
    assert code(film=dataclasses.replace(SMALL, lips_engine="mesh")) == "pipeline.lips_engine_without_sound"
    assert code(sound_start_s=1.0) == "pipeline.part_of_no_sound_file"
    assert code(driving_face=2) == "pipeline.no_such_face_in_film"
    assert code(strength_head=2.5) == "core.option_out_of_range"
    assert not (tmp_path / "o.mp4").exists()


def test_a_film_without_anybody_or_without_sound(portrait, tmp_path):
    grey = np.full((96, 96, 3), 120, np.uint8)
    with FilmWriter(tmp_path / "grey.mp4", (96, 96), FPS, None, duration_s=0.4) as writer:
        for _ in range(10):
            writer.write(grey)
    for settings, code in (
        ({}, "pipeline.no_face_in_film"),
        ({"lips": "sound"}, "pipeline.driving_film_without_sound"),
        ({"start_s": 3.0}, "media.film_start_behind_the_end"),
    ):
        with pytest.raises(InputError) as refused:
            run(portrait, tmp_path / "grey.mp4", tmp_path / "o.mp4", **settings)
        assert refused.value.message.code == code
    with pytest.raises(InputError):
        run(portrait, portrait, tmp_path / "o.mp4")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["decode", "portrait", "faces", "motion", "frames"])
def test_cancelling_leaves_nothing_in_any_stage(portrait, driving, tmp_path, own_cache, stage):
    def progress(name, done, total):
        if name == stage:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        transfer(portrait, driving, tmp_path / "o.mp4", TransferSettings(film=SMALL), progress)
    assert list(tmp_path.iterdir()) == []


def test_settings_are_one_shape_at_every_door():
    given = TransferSettings(
        strength_eyes=0.5, lips="sound", absolute=True, loop="hold", film=SongToVideoSettings(engine="mesh", height=256)
    )
    assert TransferSettings.from_json(given.as_json()) == given
    assert set(given.as_json()) == {each.name for each in transfer_options()}
    pages = given.as_json(pages=True)
    assert "device" not in pages and TransferSettings.from_json(pages, pages=True) == given
    with_file = TransferSettings(sound=Path("song.mp3"))
    assert TransferSettings.from_json(with_file.as_json()) == with_file
    for unknown in ("expressiveness", "style", "preview", "x"):
        with pytest.raises(InputError) as refused:
            TransferSettings.from_json({unknown: 1})
        assert refused.value.message.code == "core.no_such_option"


def order(portrait, driving, out, sound=None, **options):
    facts = {"duration_s": FRAMES / FPS, "width": 256, "height": 256}
    inputs = {"portrait": WorkInput(portrait, "Aunt", facts), "driving": WorkInput(driving, "Me", facts)}
    if sound is not None:
        inputs["sound"] = WorkInput(sound, "Song", {"duration_s": 1.0})
    return WorkOrder("j", "transfer", inputs, TRANSFER.settled(options), {"film": out}, "Aunt · Me")


@pytest.mark.slow
def test_as_work_it_takes_a_sound_or_none(portrait, driving, tmp_path):
    out, song = tmp_path / "film-1.mp4", tone(tmp_path / "song.wav", 1.0, 440.0)
    told = TRANSFER.run(order(portrait, driving, out, song, height=128), lambda *_: None)
    assert told["video"] == "film-1.mp4" and told["frames"] == 25 and told["driving_face"] == 1
    heard = read_audio(out, 48_000, 1)[:, 0]
    assert abs(np.argmax(np.abs(np.fft.rfft(heard[:40_000]))) * 48_000 / 40_000 - 440) <= 2
    assert probe_video(out).metadata["title"] == "Aunt · Me"
    assert TRANSFER.needed == {"portrait", "driving"}


def test_the_plan_knows_length_and_stages(portrait, driving, tmp_path):
    out = tmp_path / "o.mp4"
    plan = TRANSFER.plan(order(portrait, driving, out), None)
    assert plan.length_s == pytest.approx(1.6) and [stage.name for stage in plan.stages] == [
        *("decode", "portrait", "faces", "motion", "frames", "mux")
    ]
    sung = TRANSFER.plan(order(portrait, driving, out, portrait, lips="sound"), None)
    assert sung.length_s == 1.0 and "separate" in [stage.name for stage in sung.stages]
    names = {engine.name for engine in ENGINES}
    assert all(TRANSFER.plan(order(portrait, driving, out, engine=name), None).stages for name in names)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "frames", "note"),
    [
        (["-vf", "scale=151:151", "-pix_fmt", "yuv444p", "-c:v", "libx264"], 20, "media.film_made_even"),
        (["-vf", "select='not(mod(n\\,3))'", "-fps_mode", "vfr", "-c:v", "libvpx", "-deadline", "realtime"], None, None),
        (["-vf", "transpose=2"], 20, None),
    ],
    ids=["odd sides, all colours", "pictures of unequal length", "a head that lies"],
)
def test_films_that_are_unlike_others_are_followed(portrait, driving, tmp_path, how, frames, note):
    ending = "webm" if "libvpx" in how else "mp4"
    other = tmp_path / f"other.{ending}"
    subprocess.run([ffmpeg_path(), "-v", "error", "-t", "0.8", "-i", driving, *how, "-an", other], check=True, timeout=60)
    report = run(portrait, other, tmp_path / "o.mp4")
    assert report.seen > 0.9 and (frames is None or report.frames == frames)
    assert note is None or note in [each.code for each in report.notes]
    assert "pipeline.driving_film_is_silent" in [each.code for each in report.notes]


def test_films_that_can_not_be_followed_are_one_sentence(portrait, driving, tmp_path):
    (tmp_path / "cut.mp4").write_bytes(driving.read_bytes()[:4000])
    (tmp_path / "empty.mp4").touch()
    subprocess.run([ffmpeg_path(), "-v", "error", "-i", driving, "-frames:v", "1", tmp_path / "one.mp4"], check=True, timeout=60)
    for name, code in (
        ("cut.mp4", "media.film_without_pictures"),
        ("empty.mp4", "pipeline.file_is_empty"),
        ("one.mp4", "pipeline.film_of_one_frame"),
    ):
        with pytest.raises(InputError) as refused:
            run(portrait, tmp_path / name, tmp_path / "o.mp4")
        assert refused.value.message.code == code
    assert not (tmp_path / "o.mp4").exists()
