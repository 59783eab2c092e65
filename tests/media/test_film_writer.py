"""Writing films: what is left after trouble, kills, disks without locks, and encoders that die."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import Cancelled, InputError
from core.output_files import new_part
from media import film_writer
from media.ffmpeg_run import Ffmpeg
from media.media import (
    FilmWriter,
    probe_audio,
    probe_video,
)
from tests.media.sounds import QUICK, names_in, write_some


@pytest.mark.parametrize("trouble", [Cancelled("Stopped."), KeyboardInterrupt(), ZeroDivisionError()])
def test_nothing_is_left_after_trouble(tmp_path, wav, started, trouble):
    path = tmp_path / "film.mp4"
    path.write_bytes(b"an older film")
    with pytest.raises(type(trouble)), FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, 10)
        assert len(names_in(tmp_path)) == 2
        raise trouble
    assert names_in(tmp_path) == ["film.mp4"]
    assert path.read_bytes() == b"an older film"
    assert all(process.poll() is not None for process in started)


def test_too_few_or_wrong_frames_are_a_mistake(tmp_path, wav):
    with (
        pytest.raises(ValueError, match="10 frames were written; 50 belong"),
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
    ):
        write_some(writer, 10)
    for count in (47, 48, 52, 53, 55):  # one more or less is the rounding of a length; two are a hole
        with (
            pytest.raises(ValueError, match=f"{count} frames were written; 50 belong"),
            FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
        ):
            write_some(writer, count)
    with pytest.raises(ValueError, match="is expected"), FilmWriter(tmp_path / "f.mp4", (32, 64), 25, wav) as writer:
        write_some(writer, 1)
    with pytest.raises(ValueError, match="even"):
        FilmWriter(tmp_path / "f.mp4", (33, 32), 25, wav)
    assert names_in(tmp_path) == []


def test_unwritable_targets_are_one_sentence(tmp_path, wav):
    with pytest.raises(InputError, match="can't be written"), FilmWriter(tmp_path / "no" / "f.mp4", (32, 32), 25, wav):
        pass
    with pytest.raises(InputError, match="does not exist"):
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, tmp_path / "no.wav")


def test_a_dying_encoder_is_one_sentence(tmp_path, wav, started):
    with (
        pytest.raises(InputError, match="can't be written"),
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, wav, settings=QUICK) as writer,
    ):
        write_some(writer, 1)
        probing = len(started)
        started[probing - 1].kill()
        started[probing - 1].wait()
        write_some(writer, 49)
    assert names_in(tmp_path) == []


KILLED = """
import os, signal, sys
import numpy as np
from pathlib import Path
from media.media import FilmWriter
with FilmWriter(Path(sys.argv[1]), (32, 32), 25, Path(sys.argv[2])) as writer:
    writer.write(np.zeros((32, 32, 3), np.uint8))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def wait_until_nobody_writes(path: Path) -> None:
    """Wait for the orphaned ffmpeg, which ends by itself when its input does."""
    until = time.monotonic() + 60
    while str(path) in subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout:
        assert time.monotonic() < until, "ffmpeg goes on for a minute though its input has ended"
        time.sleep(0.05)
    assert path.stat().st_size > 0


@pytest.mark.slow
def test_what_a_killed_run_leaves_goes_with_the_next(tmp_path, wav, root_dir):
    path = tmp_path / "film.mp4"
    subprocess.run([sys.executable, "-c", KILLED, str(path), str(wav)], cwd=root_dir, check=False)
    assert not path.exists()
    assert len(names_in(tmp_path)) == 1
    wait_until_nobody_writes(tmp_path / names_in(tmp_path)[0])
    with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, writer.frames)
    assert names_in(tmp_path) == ["film.mp4"]


def test_two_runs_for_one_film_do_not_disturb_each_other(tmp_path, wav):
    path = tmp_path / "film.mp4"
    with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as first:
        write_some(first, 10)
        with FilmWriter(path, (32, 32), 25, wav, settings=QUICK) as second:
            write_some(second, second.frames)
        write_some(first, first.frames - 10)
    assert probe_video(path).frames == 50
    assert names_in(tmp_path) == ["film.mp4"]


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc, and flock is not what Windows has")
def test_a_film_is_written_to_a_disk_without_locks_as_well(tmp_path, wav, monkeypatch):
    def refuse(*given):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", refuse)
    left = tmp_path / ".film.mp4.abc.part"
    left.write_bytes(b"x")
    before = descriptors()
    with FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK) as writer:
        write_some(writer, writer.frames)
    assert names_in(tmp_path) == [left.name, "film.mp4"], "nobody can tell whether the other part is in use"
    assert descriptors() == before


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_a_film_that_cannot_be_begun_leaves_no_part_and_no_descriptor(tmp_path, wav, monkeypatch):
    def fail(*given, **named):
        raise OSError(errno.EIO, "Input/output error")

    writer = FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK)
    before = descriptors()
    for place in ("hold", "Ffmpeg", "widen"):
        with monkeypatch.context() as patched:
            patched.setattr(film_writer, place, fail)
            with pytest.raises(OSError, match="Input/output"), writer:
                pass
        assert names_in(tmp_path) == [] and descriptors() == before, place


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_encoder_that_does_not_end_keeps_no_part(tmp_path, wav, monkeypatch, caplog):
    """It hangs in the system, on a disk that does not answer, and outlasts even a kill."""
    writer = FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, settings=QUICK)
    before = descriptors()
    real = subprocess.Popen.wait

    def hang(process, timeout=None):
        if timeout is not None:
            raise subprocess.TimeoutExpired("ffmpeg", timeout)
        return real(process)

    with monkeypatch.context() as patched:
        patched.setattr(subprocess.Popen, "wait", hang)
        with pytest.raises(Cancelled), writer:
            write_some(writer, 3)
            raise Cancelled("Stopped.")
    assert names_in(tmp_path) == [] and descriptors() == before
    assert "does not end" in caplog.text


def test_the_log_of_a_writer_never_blocks_it(monkeypatch):
    """A writer's ffmpeg that says much while it is fed; another program stands in for it, which no box is made for."""
    monkeypatch.setenv("BELCANTO_SANDBOX", "off")
    chatty = "import sys\nwhile sys.stdin.buffer.read(1000): sys.stderr.write('z' * 10000)"
    with Ffmpeg([sys.executable, "-c", chatty], feeds=True) as run:
        for _ in range(300):
            run.stdin.write(bytes(1000))
        run.stdin.close()
        run.wait()


def test_part_files_of_other_films_are_left_alone(tmp_path, wav):
    descriptor, other = new_part(tmp_path / "other.mp4")
    os.close(descriptor)
    film_writer.remove_left_parts(tmp_path / "film.mp4")
    assert other.exists()
    film_writer.remove_left_parts(tmp_path / "other.mp4")
    assert not other.exists()


def test_a_film_without_a_sound_is_silent(tmp_path):
    with FilmWriter(tmp_path / "f.mp4", (32, 32), 25, None, duration_s=0.4, settings=QUICK) as writer:
        write_some(writer, 10)
    assert probe_video(tmp_path / "f.mp4").frames == 10
    with pytest.raises(InputError):
        probe_audio(tmp_path / "f.mp4")
    with pytest.raises(ValueError, match="duration"):
        FilmWriter(tmp_path / "f.mp4", (32, 32), 25, None)
