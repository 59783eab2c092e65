"""The preview: which seconds of the film it shows, that they are the film's own, and where it is written."""

from __future__ import annotations

import json
import shutil
from contextlib import ExitStack
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from core.contracts import DrivingSound, Motion
from media.media import probe_video, read_audio, read_frames
from motion.files.motion_csv import write_motion_csv
from pipeline.__main__ import main
from pipeline.cache import CacheSettings, StageCache
from pipeline.film_settings import PREVIEW_HEIGHT, PREVIEW_S, SongToVideoSettings
from pipeline.preview import cut_voice, fullest, shown_small
from pipeline.run import Run
from pipeline.song_to_video import song_to_video
from pipeline.stages import Stages
from pipeline.steps import Vocals
from tests.pipeline.test_song_to_video import PlainRenderer

PLAIN = Stages(renderer=PlainRenderer)
PART = SongToVideoSettings(height=PREVIEW_HEIGHT, start_s=2.0, duration_s=6.0)


@pytest.fixture(scope="module")
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


@pytest.fixture
def warm(tmp_path_factory, once, monkeypatch):
    monkeypatch.setenv("BELCANTO_CACHE_DIR", str(once("preview-stages", lambda path: path.mkdir())))


def shown_part(report):
    """First and last second of the song that the preview's note tells."""
    note = next(note for note in report.notes if note.code.startswith("pipeline.preview"))
    return note.code, note.values["start"], note.values["stop"]


def test_the_seconds_in_which_most_is_sung_and_of_equals_the_first():
    sung = np.zeros(200)
    sung[60:70] = sung[120:150] = 1.0
    assert fullest(sung, 30) == 120
    assert fullest(sung, 20) == 120
    assert fullest(np.zeros(200), 75) == fullest(np.ones(200), 75) == fullest(np.full(200, 0.1), 75) == 0
    assert fullest(sung[:75], 75) == 0


def test_only_the_height_is_another_and_only_of_a_preview():
    film = SongToVideoSettings(height=1080, style="sad", fps=30.0)
    assert shown_small(film) is film
    assert shown_small(replace(film, preview=True)) == replace(film, height=PREVIEW_HEIGHT, preview=True)
    assert shown_small(SongToVideoSettings(preview=True)).height == PREVIEW_HEIGHT
    assert shown_small(SongToVideoSettings(height=128, preview=True)).height == 128, "a film that is smaller yet"


@pytest.mark.slow
def test_it_shows_the_films_own_frames_and_sound(demo, tmp_path, warm):
    film, preview = tmp_path / "film.mp4", tmp_path / "preview.mp4"
    edited = replace(PART, intensity_points=((0.0, 0.2), (5.5, 0.9)))  # times of the film, not of what is shown of it
    song_to_video(*demo, film, edited, stages=PLAIN)
    report = song_to_video(*demo, preview, replace(edited, height=512, preview=True), stages=PLAIN)
    code, start_s, stop_s = shown_part(report)
    assert code == "pipeline.preview_where_most_is_sung" and stop_s - start_s == pytest.approx(PREVIEW_S)
    assert PART.start_s <= start_s and stop_s <= PART.start_s + 6.0 + 1e-6
    assert set(report.cached_stages) >= {"decode", "portrait", "separate", "motion"}, "nothing is heard anew for it"
    told = probe_video(preview)
    assert (told.width, told.height, told.frames, told.duration_s) == (256, 256, 75, pytest.approx(3.0, abs=0.03))
    first = round((start_s - PART.start_s) * 25)
    whole = np.stack([frame for _, frame in zip(range(first + 75), read_frames(film), strict=False)])[first:]
    seen = np.stack(list(read_frames(preview)))
    brightness = [frames.mean(axis=(1, 2, 3)) for frames in (seen, whole)]
    assert np.ptp(brightness[1]) > 3, "the mouth moves"
    apart = [np.abs(brightness[0][1:-1] - brightness[1][1 + by : 74 + by]).mean() for by in (-1, 0, 1)]
    assert apart[1] < 0.4 < min(apart[0], apart[2]), "frame by frame, but for the encoder's noise"
    heard, song = read_audio(preview, 16_000, 1), read_audio(demo[1], 16_000, 1)
    begin = round(start_s * 16_000)
    expected = song[begin : begin + len(heard)].reshape(-1)[: 2 * 16_000]
    assert np.corrcoef(heard.reshape(-1)[: len(expected)], expected)[0, 1] > 0.95


@pytest.mark.slow
def test_an_introduction_without_a_voice_is_passed_over(demo, tmp_path, warm):
    sound = read_audio(demo[1], 44_100, 2)[3 * 44_100 : 7 * 44_100]
    quiet = np.random.default_rng(0).normal(0, 1e-3, (5 * 44_100, 2))
    soundfile.write(tmp_path / "late.wav", np.concatenate([quiet, sound]), 44_100)
    settings = SongToVideoSettings(preview=True)
    report = song_to_video(demo[0], tmp_path / "late.wav", tmp_path / "a.mp4", settings, stages=PLAIN)
    assert shown_part(report)[1] > 4.5


@pytest.mark.slow
def test_a_shorter_part_is_shown_whole_and_a_motion_file_where_its_mouth_moves(demo, tmp_path, warm):
    short = replace(PART, duration_s=1.5, preview=True)
    report = song_to_video(*demo, tmp_path / "a.mp4", short, stages=PLAIN)
    assert shown_part(report) == ("pipeline.preview_of_all", 2.0, 3.5) and report.frames == 38
    shapes, zeros = np.zeros((150, 52), np.float32), np.zeros((150, 3), np.float32)
    shapes[75:125, 17] = 0.5  # jawOpen
    write_motion_csv(tmp_path / "m.csv", Motion(25.0, shapes, zeros, zeros, zeros[:, :2], zeros[:, 0]))
    recorded = SongToVideoSettings(duration_s=6.0, motion_csv=tmp_path / "m.csv", preview=True)
    report = song_to_video(*demo, tmp_path / "a.mp4", recorded, stages=PLAIN)
    assert shown_part(report)[1] == pytest.approx(2.0, abs=0.05), "the first three seconds that hold it all"


def test_whoever_draws_by_ear_hears_the_same_seconds(tmp_path):
    rate_hz = 44_100
    voice = np.repeat(np.arange(8), rate_hz)[:, None] / 10 * np.ones((1, 2))
    soundfile.write(tmp_path / "voice.wav", voice, rate_hz, subtype="FLOAT")
    with ExitStack() as release:
        run = Run(StageCache(CacheSettings(tmp_path / "cache")), lambda *_: None, release)
        whole = Vocals(DrivingSound(tmp_path / "voice.wav", tmp_path / "voice.wav", 25.0, 200), {"mix": "0" * 64})
        heard, _ = soundfile.read(cut_voice(run, whole, 4.0, 3.0).sound.voice)
    assert len(heard) == 3 * rate_hz
    assert [round(float(heard[(2 * second + 1) * rate_hz // 2, 0]), 2) for second in range(3)] == [0.4, 0.5, 0.6]


@pytest.mark.slow
def test_at_the_command_line_the_film_is_not_overwritten(demo, tmp_path, warm, capfd):
    film = tmp_path / "film.mp4"
    shutil.copyfile(demo[0], film)
    files = ["--portrait", demo[0], "--song", demo[1], "--out", film]
    assert main([*map(str, ("sing", *files, "--preview", "--height", 512, "--label", "--duration", 4, "--json"))]) == 0
    told = capfd.readouterr()
    report = json.loads(told.out.splitlines()[-1])
    assert report["video"] == str(tmp_path / "film-preview.mp4") and "where most is sung" in told.err
    assert film.read_bytes() == demo[0].read_bytes()
    made = probe_video(tmp_path / "film-preview.mp4")
    assert (made.width, made.height, made.frames) == (256, 256, 75)
    frame = next(read_frames(tmp_path / "film-preview.mp4"))
    plain = main([*map(str, ("sing", *files, "--preview", "--duration", 4))])
    bare = next(read_frames(tmp_path / "film-preview.mp4"))
    assert plain == 0 and np.abs(frame[-20:].astype(int) - bare[-20:]).max() > 60, "the label is seen, as in the film"
