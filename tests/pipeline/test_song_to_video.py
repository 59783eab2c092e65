"""The whole way with real ffmpeg, separation, motion and face finding; where the way itself is tried, a plain renderer draws."""

from __future__ import annotations

import dataclasses
import json
import shutil
import sys

import numpy as np
import pytest

from core.contracts import Motion
from core.errors import Cancelled, InputError, MissingError
from filters.label import LabelOptions
from media.media import probe_video, read_audio, read_frames
from motion.files.motion_csv import write_motion_csv
from pipeline.film_report import FilmReport
from pipeline.film_settings import SongToVideoSettings
from pipeline.portrait_step import film_size
from pipeline.run import peak_rss_mb
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages

pytestmark = pytest.mark.long

SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)
STAGE_NAMES = ["decode", "portrait", "separate", "motion", "frames", "mux"]


class PlainRenderer:
    """Draws the portrait, darker the wider the jaw opens."""

    def __init__(self, settings=None, wrong_by=0):
        self.wrong_by = wrong_by

    def frames(self, portrait, motion, progress=None):
        opening = motion.shape("jawOpen")
        for number in range(len(motion) + self.wrong_by):
            light = 1 - 0.5 * opening[min(number, len(motion) - 1)]
            yield (portrait.image * light).astype(np.uint8)


PLAIN = Stages(renderer=PlainRenderer)


@pytest.fixture(scope="module")
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


@pytest.fixture(scope="module")
def own_cache_of_module(tmp_path_factory):
    return tmp_path_factory.mktemp("module-cache")


@pytest.fixture
def warm(own_cache_of_module, monkeypatch):
    """One cache for the tests of this module that don't ask what is in it, so that separation runs once."""
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(own_cache_of_module))


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@pytest.mark.slow
def test_first_and_second_film_of_a_song(demo, tmp_path):
    heard = []
    out = tmp_path / "a.mp4"
    report = song_to_video(*demo, out, SHORT, lambda stage, done, total: heard.append((stage, done, total)), PLAIN)

    fields = [field.name for field in dataclasses.fields(FilmReport)]
    assert " ".join(fields) == "video duration_s frames fps width height engine seconds peak_rss_mb cached_stages notes emotion"
    film = probe_video(out)
    assert (film.width, film.height, film.fps, film.frames) == (128, 128, 25, 38)
    assert (report.width, report.height, report.fps, report.frames) == (128, 128, 25, 38)
    assert report.duration_s == pytest.approx(1.5, abs=1 / 25)
    assert report.engine == "mesh" and report.video == str(out) and report.cached_stages == ()
    assert list(report.seconds) == ["total", *STAGE_NAMES]
    assert report.seconds["total"] >= sum(report.seconds[name] for name in STAGE_NAMES) - 0.01
    assert 50 < report.peak_rss_mb <= peak_rss_mb()  # of this process, whatever other tests did in it
    stages = list(dict.fromkeys(stage for stage, _, _ in heard))
    assert stages == STAGE_NAMES
    assert ("frames", 38, 38) in heard

    again = song_to_video(*demo, tmp_path / "b.mp4", dataclasses.replace(SHORT, seed=7), stages=PLAIN)
    assert set(again.cached_stages) == {"decode", "portrait", "separate", "motion"}
    assert names(tmp_path) == ["a.mp4", "b.mp4"]


@pytest.mark.slow
def test_sound_is_the_songs_own_excerpt(demo, tmp_path, warm):
    song_to_video(*demo, tmp_path / "a.mp4", SHORT, stages=PLAIN)
    heard = read_audio(tmp_path / "a.mp4", 48_000, 1)[:, 0]
    meant = read_audio(demo[1], 48_000, 1, 4.0, 1.5)[:, 0]
    length = min(len(heard), len(meant))
    assert abs(len(heard) - len(meant)) <= 48_000 / 25
    assert np.corrcoef(heard[:length], meant[:length])[0, 1] > 0.98


@pytest.mark.slow
def test_the_label_and_the_motion_reach_the_film(demo, tmp_path, warm):
    films = {}
    for name, label in (("plain", False), ("marked", True)):
        out = tmp_path / f"{name}.mp4"
        song_to_video(*demo, out, dataclasses.replace(SHORT, filter_options=(LabelOptions(label),), height=256), stages=PLAIN)
        films[name] = np.stack(list(read_frames(out))).astype(int)
    difference = np.abs(films["marked"] - films["plain"]).mean(axis=(0, 3))
    assert difference[-24:, -80:].max() > 40 and difference[:200].max() < 12
    assert np.ptp(films["plain"].mean(axis=(1, 2, 3))) > 2, "the jaw moves, so the light does"


@pytest.mark.slow
def test_a_motion_file_takes_the_place_of_the_songs(demo, tmp_path):
    frames = 60
    shapes = np.zeros((frames, 52), np.float32)
    shapes[:, 17] = np.linspace(0, 1, frames)  # jawOpen
    zeros = np.zeros((frames, 3), np.float32)
    write_motion_csv(tmp_path / "m.csv", Motion(30.0, shapes, zeros, zeros, zeros[:, :2], zeros[:, 0]))
    settings = dataclasses.replace(SHORT, start_s=0.5, motion_csv=tmp_path / "m.csv")
    report = song_to_video(*demo, tmp_path / "a.mp4", settings, stages=PLAIN)
    assert "separate" not in report.seconds and report.emotion is None
    assert any("resampled to the film's 25" in str(note) for note in report.notes)
    light = np.array([frame.mean() for frame in read_frames(tmp_path / "a.mp4")])
    jaw = 2 * (1 - light / light[0])  # the plain renderer's law, relative to the first frame
    meant = (0.5 + (np.arange(len(light)) + 0.5) / 25) * 30 - 0.5
    meant = meant / (frames - 1)
    assert np.corrcoef(jaw, meant)[0, 1] > 0.99


def test_style_and_intensity_reach_report_and_file_without_listening_again(demo, tmp_path, warm):
    felt = dataclasses.replace(SHORT, style="sad", intensity_points=((0.0, 0.2), (1.0, 0.9)))
    plain, edited = (song_to_video(*demo, tmp_path / f"{k}.mp4", each, stages=PLAIN) for k, each in enumerate((SHORT, felt)))
    assert "motion" in edited.cached_stages, "the analysis does not depend on style and intensity"
    assert (plain.emotion.style, plain.emotion.points) == ("auto", ()) and plain.emotion.intensity == plain.emotion.automatic
    assert [part.style for part in edited.emotion.sections] == ["sad"]
    assert (
        edited.emotion.intensity == pytest.approx((0.2, 0.55, 0.9, 0.9)) and edited.emotion.automatic == plain.emotion.automatic
    )
    assert len(plain.emotion.intensity) == 4 and plain.emotion.step_s == 0.5
    assert json.loads(json.dumps(edited.as_json()))["emotion"]["points"] == [[0.0, 0.2], [1.0, 0.9]]
    tag = json.loads(probe_video(tmp_path / "1.mp4").metadata["emotion"])
    assert tag == {"style": "sad", "sections": [[0.0, 1.52, "sad"]], "intensity": "0:0.20,1:0.90"}


def test_emotion_that_does_not_fit_is_refused_before_any_work(demo, tmp_path, own_cache):
    with pytest.raises(InputError, match=r"beyond the film's end at 1\.50 s"):
        song_to_video(*demo, tmp_path / "a.mp4", dataclasses.replace(SHORT, intensity_points=((2.0, 1.0),)), stages=PLAIN)
    with pytest.raises(InputError, match="leave --style and --intensity out"):
        SongToVideoSettings(motion_csv=tmp_path / "m.csv", style="happy")
    assert names(tmp_path) == [] and not list(own_cache.glob("s*/*"))


@pytest.mark.slow
def test_cancelling_leaves_nothing_in_any_stage(demo, tmp_path, own_cache, monkeypatch):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in STAGE_NAMES:

        def stop(stage, done, total, name=name):
            if stage == name and (done or total or name == "mux"):
                raise Cancelled("stop")

        with pytest.raises(Cancelled):
            song_to_video(*demo, tmp_path / "a.mp4", SHORT, stop, PLAIN)
        assert names(tmp_path) == [], name
        assert not list(own_cache.rglob("*.part")), name
    report = song_to_video(*demo, tmp_path / "a.mp4", SHORT, stages=PLAIN)
    assert set(report.cached_stages) == {"decode", "portrait", "separate", "motion"}, "finished stages were kept"


def test_a_failing_renderer_leaves_no_film(demo, tmp_path, warm):
    class Failing(PlainRenderer):
        def frames(self, portrait, motion, progress=None):
            yield portrait.image
            raise InputError("The face went away.")

    for renderer, error in ((Failing, InputError), (lambda _: PlainRenderer(wrong_by=-3), RuntimeError)):
        with pytest.raises(error):
            song_to_video(*demo, tmp_path / "a.mp4", SHORT, stages=Stages(renderer=renderer))
        assert names(tmp_path) == []


@pytest.mark.slow
@pytest.mark.parametrize(("package", "stage"), [("onnxruntime", "separation.spleeter"), ("numba", "animators.mesh.runner")])
def test_a_missing_package_is_named_with_its_install(demo, tmp_path, warm, monkeypatch, package, stage):
    for name in list(sys.modules):
        if name.startswith(("separation", "animators")) or name == package:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    settings = dataclasses.replace(SHORT, start_s=8.0, duration_s=0.6)
    with pytest.raises(MissingError, match=rf"'{package}' is missing.*pip install -r requirements.txt"):
        song_to_video(*demo, tmp_path / "a.mp4", settings)
    assert names(tmp_path) == []


def test_outputs_and_inputs_are_checked_first(demo, tmp_path):
    portrait, song = demo
    own_song = tmp_path / "song.mp4"
    shutil.copy(song, own_song)
    (tmp_path / "empty.mp3").touch()
    (tmp_path / "folder.mp4").mkdir()
    cases = [
        (portrait, song, tmp_path / "a.avi", "must end in .mp4"),
        (portrait, song, tmp_path / "none" / "a.mp4", "does not exist"),
        (portrait, song, tmp_path / "folder.mp4", "is a folder"),
        (portrait, own_song, own_song, "one of the inputs"),
        (tmp_path / "none.jpg", song, tmp_path / "a.mp4", "does not exist"),
        (portrait, tmp_path / "none.mp3", tmp_path / "a.mp4", "does not exist"),
        (portrait, tmp_path / "empty.mp3", tmp_path / "a.mp4", "is empty"),
        (portrait, tmp_path, tmp_path / "a.mp4", "not a file"),
        (song, song, tmp_path / "a.mp4", "song.mp3"),
        (portrait, portrait, tmp_path / "a.mp4", "portrait.jpg"),
    ]
    before = names(tmp_path)
    for picture, sound, out, problem in cases:
        with pytest.raises(InputError, match=problem) as caught:
            song_to_video(picture, sound, out, SHORT, stages=PLAIN)
        assert str(caught.value).endswith(".") and "\n" not in str(caught.value)
    assert names(tmp_path) == before


@pytest.mark.parametrize(
    "change",
    [
        {"fps": 9.0},
        {"fps": 61.0},
        {"fps": float("nan")},
        {"height": 10},
        {"height": 5000},
        {"start_s": -1.0},
        {"duration_s": 0.0},
        {"duration_s": float("inf")},
        {"seed": -1},
        {"face": 0},
        {"expressiveness": 2.5},
        {"head_motion": -0.1},
        {"engine": "magic"},
        {"style": "bored"},
        {"intensity_points": ((0.0, 1.5),)},
    ],
)
def test_settings_out_of_range_are_refused(change):
    with pytest.raises(InputError, match=r"\.$"):
        SongToVideoSettings(**change)


@pytest.mark.slow
def test_start_beyond_the_song_and_long_duration(demo, tmp_path, warm):
    with pytest.raises(InputError, match="22"):
        song_to_video(*demo, tmp_path / "a.mp4", dataclasses.replace(SHORT, start_s=30.0), stages=PLAIN)
    settings = dataclasses.replace(SHORT, start_s=21.8, duration_s=60.0)
    report = song_to_video(*demo, tmp_path / "a.mp4", settings, stages=PLAIN)
    assert report.frames == 25 and any("ends 1.00 s after the start" in str(note) for note in report.notes)


def test_film_sizes():
    assert film_size(1024, 1024, None) == (1024, 1024)
    assert film_size(3000, 2001, None) == (1080, 720)
    assert film_size(501, 333, None) == (500, 332)  # halves go to even numbers
    assert film_size(500, 333, 1080) == (1080, 720)
    assert film_size(400, 4000, None) == (384, 3840)
    with pytest.raises(InputError, match="at most --height 384"):
        film_size(400, 4000, 1080)


@pytest.mark.slow
def test_the_real_engine_end_to_end(demo, tmp_path, warm):
    settings = dataclasses.replace(SHORT, height=256, duration_s=2.0)
    report = song_to_video(*demo, tmp_path / "a.mp4", settings)
    assert report.engine == "mesh" and report.frames == 50
    frames = np.stack(list(read_frames(tmp_path / "a.mp4"))).astype(int)
    assert frames.shape == (50, 256, 256, 3)
    motion = np.abs(np.diff(frames, axis=0)).mean(axis=(1, 2, 3))
    assert motion.max() > 0.3, "something moves"
