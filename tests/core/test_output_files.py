"""Outputs are tried before the work, whatever they are called, and written under names that no file system refuses."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PIL import Image

from core import output_files
from core.contracts import BLENDSHAPE_NAMES, Motion
from core.errors import InputError
from core.output_files import check_output, check_output_folder, left_parts, new_part, whole_file
from media.film_writer import FilmWriter, remove_left_parts
from media.media import FilmSettings, probe_video
from metrics.__main__ import main as metrics_main
from metrics.__main__ import write_text
from metrics.contact_sheet import write_png
from motion.files.motion_csv import read_motion_csv, write_motion_csv
from pipeline.__main__ import main
from separation.__main__ import main as separation_main

LONGEST = 255


def named(suffix: str, size: int = LONGEST) -> str:
    """A name of so many bytes; its letters take two each."""
    rest = size - len(suffix)
    return "x" * (rest % 2) + "ü" * (rest // 2) + suffix


@pytest.fixture
def song(tmp_path) -> Path:
    path = tmp_path / "song.wav"
    soundfile.write(path, 0.1 * np.random.default_rng(0).normal(size=44100).astype(np.float32), 44100)
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def test_every_output_may_have_the_longest_name(folder, song):
    """The case that was found: a name of 248 bytes was refused after all the work."""
    film = folder / named(".mp4")
    with FilmWriter(film, (32, 32), 10, song, settings=FilmSettings(preset="ultrafast", threads=1)) as writer:
        for _ in range(writer.frames):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    assert probe_video(film).frames == 10
    zeros = np.zeros((3, 3), np.float32)
    motion = Motion(25.0, np.zeros((3, len(BLENDSHAPE_NAMES)), np.float32), zeros, zeros, zeros[:, :2], zeros[:, 0])
    write_motion_csv(folder / named(".csv"), motion)
    assert len(read_motion_csv(folder / named(".csv"))[0]) == 3
    write_png(np.zeros((8, 8, 3), np.uint8), folder / named(".png"))
    assert Image.open(folder / named(".png")).size == (8, 8)
    write_text(folder / named(".html"), "<p>")
    assert sorted(path.name for path in folder.iterdir()) == sorted(named(end) for end in (".mp4", ".csv", ".png", ".html"))


def test_what_a_killed_run_left_is_found_by_the_films_name(folder):
    long, other = folder / named(".mp4"), folder / "other.mp4"
    for path in (long, other):
        os.close(new_part(path)[0])
    assert all(len(os.fsencode(path.name)) < 32 for path in folder.iterdir())
    remove_left_parts(long)
    assert not list(left_parts(long)) and len(list(left_parts(other))) == 1


COMMANDS = {
    "sing": lambda out, song: ["sing", "--portrait", "demo/portrait.jpg", "--song", str(song), "--out", str(out)],
    "motion": lambda out, song: ["motion", "--voice", str(song), "--out", str(out)],
    "sheet": lambda out, song: ["sheet", str(song), "--out", str(out)],
    "report": lambda out, song: ["report", str(song), "--song", str(song), "--html", str(out)],
}
SUFFIXES = {"sing": ".mp4", "motion": ".csv", "sheet": ".png", "report": ".html"}


def refused(command: str, out: Path, song: Path, capfd, monkeypatch, root_dir) -> str:
    """The sentence of a command that must refuse this output before anything is decoded."""
    monkeypatch.chdir(root_dir)

    def work(*_: object, **__: object) -> None:
        raise AssertionError("the work had begun")

    monkeypatch.setattr("media.ffmpeg_run.subprocess.Popen", work)
    run = main if command in ("sing", "motion") else metrics_main
    assert run(COMMANDS[command](out, song)) == 2
    sentence = " ".join(capfd.readouterr().err.split())
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize("command", COMMANDS)
def test_a_name_that_is_too_long_is_refused_before_the_work(command, folder, song, capfd, monkeypatch, root_dir):
    out = folder / named(SUFFIXES[command], LONGEST + 1)
    assert "is too long (256 bytes" in refused(command, out, song, capfd, monkeypatch, root_dir)
    assert not list(folder.iterdir())


@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_takes_no_file_is_refused_before_the_work(command, song, capfd, monkeypatch, root_dir):
    out = Path("/proc") / f"x{SUFFIXES[command]}"  # where not even root makes files
    assert "The folder /proc can't be written" in refused(command, out, song, capfd, monkeypatch, root_dir)
    out = song / f"x{SUFFIXES[command]}"
    assert "is a file" in refused(command, out, song, capfd, monkeypatch, root_dir)


def full(monkeypatch, free: int) -> None:
    monkeypatch.setattr(output_files, "shutil", SimpleNamespace(disk_usage=lambda _: shutil._ntuple_diskusage(10**9, 0, free)))


@pytest.mark.slow
def test_a_disk_without_room_is_told_before_the_work(folder, song, capfd, monkeypatch, root_dir):
    full(monkeypatch, 2_000_000)
    check_output(folder / "a.mp4", ".mp4", (), 500_000)
    with pytest.raises(InputError, match=r"has 2\.0 MB of free space, and about 30 MB are needed; free some"):
        check_output(folder / "a.mp4", ".mp4", (), 30_000_000)
    monkeypatch.chdir(root_dir)
    full(monkeypatch, 1_000)
    arguments = ["sing", "--portrait", "demo/portrait.jpg", "--song", str(song), "--out", str(folder / "a.mp4"), "--lips"]
    assert main([*arguments, "features", "--height", "256"]) == 2
    assert "has 0.0 MB of free space" in " ".join(capfd.readouterr().err.split())
    assert separation_main([str(song), "--out", str(folder / "stems")]) == 2
    assert "has 0.0 MB of free space, and about 0.7 MB are needed" in " ".join(capfd.readouterr().err.split())
    assert not list(folder.iterdir())


def test_folders_are_tried_too(folder, tmp_path):
    check_output_folder(folder / "new" / "deep", ("vocals.wav",))
    assert not (folder / "new").exists()
    (tmp_path / "file").write_text("x")
    with pytest.raises(InputError, match="is a file, and a folder is needed"):
        check_output_folder(tmp_path / "file", ("vocals.wav",))
    with pytest.raises(InputError, match="too long"):
        check_output_folder(tmp_path / ("f" * 300), ("vocals.wav",))
    with pytest.raises(InputError, match="can't be written"):
        check_output_folder(Path("/proc/stems"), ("vocals.wav",))


def test_a_file_is_there_as_a_whole_or_not_at_all(folder):
    with pytest.raises(KeyError), whole_file(folder / "a.txt", "The text") as file:
        file.write(b"half")
        raise KeyError
    assert not list(folder.iterdir())
    with (
        pytest.raises(InputError, match=r"The text can't be written to .*\(No such file"),
        whole_file(folder / "no" / "a", "The text"),
    ):
        pass
    with whole_file(folder / "a.txt", "The text") as file:
        file.write(b"whole")
    assert (folder / "a.txt").read_bytes() == b"whole"
    assert (folder / "a.txt").stat().st_mode & 0o044
