"""Films in other shapes, loops, stems and motion: made of real pictures and sounds, and looked at again."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
import soundfile
from PIL import Image

from core.errors import Cancelled, InputError
from faces.faces import FaceFinder
from filters.look import LOOKS
from media.film_reader import probe_video, read_frames
from media.film_writer import FilmWriter
from media.sound_reader import probe_audio
from motion.files.motion_csv import read_motion_csv
from pipeline.__main__ import main
from pipeline.film_motion import write_film_motion
from pipeline.film_settings import SongToVideoSettings
from pipeline.film_stems import write_stems
from pipeline.head_export import export_head_of_film
from pipeline.look_pictures import write_look_pictures
from pipeline.reshaping.reshape import make_loop, reshape_film
from pipeline.reshaping.settings import LoopSettings, ShapeSettings
from tests.pipeline.dubbing import tone

FPS, FRAMES = 25.0, 50
SIZE = (640, 360)


@pytest.fixture(scope="module")
def walk(tmp_path_factory, root_dir):
    """A face walks across a wide picture in a second and a half, and stands still; something is heard."""
    folder = tmp_path_factory.mktemp("films")
    sound = tone(folder / "walk.wav", FRAMES / FPS)
    face = np.asarray(Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((220, 220)))
    with FilmWriter(folder / "walk.mp4", SIZE, FPS, sound, title="Walk") as writer:
        for number in range(FRAMES):
            frame = np.full((SIZE[1], SIZE[0], 3), 128, np.uint8)
            left = round(410 * min(1.0, number / 37))
            frame[100:320, left : left + 220] = face
            writer.write(frame)
    return folder / "walk.mp4"


def test_the_face_stays_in_an_upright_film_and_the_sound_as_it_was(walk, tmp_path):
    stages, out = [], tmp_path / "o.mp4"
    report = reshape_film(walk, out, ShapeSettings("vertical", "480"), lambda stage, *_: stages.append(stage))
    before, after = probe_video(walk), probe_video(out)
    assert (report.width, report.height) == (after.width, after.height) == (480, 854)
    assert after.frames == before.frames and after.fps == pytest.approx(before.fps)
    assert after.metadata["title"] == "Walk" and after.metadata["comment"] == before.metadata["comment"]
    assert probe_audio(out).duration_s == pytest.approx(probe_audio(walk).duration_s, abs=0.01)
    assert dict.fromkeys(stages) == {"faces": None, "mux": None} and report.seen == 1.0
    with FaceFinder() as finder:
        for index, frame in enumerate(read_frames(out)):
            if index % 12 == 0:
                (face,) = finder.find(frame)
                assert face.box[0] > 0 and face.box[2] < 480, index


def test_a_close_face_stands_before_a_blurred_ground(root_dir, tmp_path):
    sound = tone(tmp_path / "s.wav", 0.6)
    picture = np.asarray(Image.open(root_dir / "demo" / "portrait.jpg").convert("RGB").resize((256, 256)))
    with FilmWriter(tmp_path / "f.mp4", (256, 256), FPS, sound) as writer:
        for _ in range(15):
            writer.write(picture)
    reshape_film(tmp_path / "f.mp4", tmp_path / "o.mp4", ShapeSettings("vertical", "480"))
    frame = next(read_frames(tmp_path / "o.mp4"))
    sharp = np.abs(cv2.Laplacian(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), cv2.CV_64F)).mean(axis=1)
    assert frame.shape == (854, 480, 3) and sharp[300:550].mean() > 3 * sharp[:60].mean()
    with FaceFinder() as finder:
        assert len(finder.find(frame)) == 1


@pytest.mark.parametrize(("ending", "kind"), [("gif", "GIF"), ("webp", "WEBP")])
def test_a_part_plays_for_ever(walk, tmp_path, ending, kind):
    out = tmp_path / f"o.{ending}"
    report = make_loop(walk, out, LoopSettings(start_s=0.5, duration_s=1.0, loop_size="240"))
    with Image.open(out) as picture:
        assert picture.format == kind and picture.size == (240, 136) == (report.width, report.height)
        assert picture.info["loop"] == 0 and picture.n_frames >= 12
    with pytest.raises(InputError):
        make_loop(walk, tmp_path / f"late.{ending}", LoopSettings(start_s=5.0))


def test_a_run_that_is_cancelled_leaves_nothing(walk, tmp_path):
    def cancel(stage, done, total):
        if stage == "mux":
            raise Cancelled("core.cancelled")

    with pytest.raises(Cancelled):
        reshape_film(walk, tmp_path / "o.mp4", ShapeSettings(), cancel)
    assert list(tmp_path.iterdir()) == []


def test_the_command_writes_what_the_name_says(walk, tmp_path, capsys):
    out = tmp_path / "o.mp4"
    assert main(["reshape", "--film", str(walk), "--out", str(out), "--shape", "square", "--size", "480", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["width"] == 480 and probe_video(out).height == 480
    assert main(["reshape", "--film", str(walk), "--out", str(tmp_path / "o.gif"), "--duration", "0.5"]) == 0
    assert main(["reshape", "--film", str(walk), "--out", str(tmp_path / "o.avi")]) == 2


def test_stems_and_motion_of_a_songs_film(root_dir, walk, tmp_path):
    settings = SongToVideoSettings(start_s=3.0, duration_s=1.5)
    song, files = root_dir / "demo" / "song.mp3", {"voice": tmp_path / "v.flac", "accompaniment": tmp_path / "a.flac"}
    length_s = write_stems(song, files, settings).duration_s
    sounds = [soundfile.read(path)[0] for path in files.values()]
    assert length_s == pytest.approx(1.5, abs=0.01) and all(len(each) == round(44100 * length_s) for each in sounds)
    assert all(np.abs(each).max() > 0.02 for each in sounds)
    frames, fps, _ = write_film_motion(walk, song, tmp_path / "m.csv", settings)
    motion, _ = read_motion_csv(tmp_path / "m.csv")
    assert len(motion) == frames == 38 and motion.fps == fps == 25.0 and motion.blendshapes.max() > 0.1


def test_without_a_song_the_film_itself_is_followed(walk, tmp_path):
    frames, fps, _ = write_film_motion(walk, None, tmp_path / "m.csv", SongToVideoSettings())
    assert frames == FRAMES and fps == FPS and len(read_motion_csv(tmp_path / "m.csv")[0]) == FRAMES


def test_a_moment_in_every_look(walk, tmp_path):
    paths = {look: tmp_path / f"{look}.jpg" for look in ("none", *LOOKS)}
    assert write_look_pictures(walk, paths) == 5
    pictures = {look: np.asarray(Image.open(path)).astype(float) for look, path in paths.items()}
    assert all(max(each.shape) == 240 for each in pictures.values())
    assert all(np.abs(pictures[look] - pictures["none"]).mean() > 1 for look in LOOKS)


def test_a_head_does_what_is_seen_in_a_film(root_dir, walk, tmp_path):
    report = export_head_of_film(root_dir / "demo" / "portrait.jpg", walk, tmp_path / "h.glb", SongToVideoSettings())
    assert report.frames == FRAMES and (tmp_path / "h.glb").read_bytes()[:4] == b"glTF"
