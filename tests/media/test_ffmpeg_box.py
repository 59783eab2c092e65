"""ffmpeg in its box: what it may open, with which demuxers and decoders; and pictures that are decoded in a box."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from benchmarks.fuzzing.canaries import Canaries, Watch, referring_movies
from core.errors import InputError, KindError
from core.sandbox import landlock
from core.sandbox.box import FILM_BYTES, LOG_BYTES
from core.sandbox.sandbox import boxed
from media import boxed_pictures, ffmpeg_lists
from media.boxed_pictures import load_given_picture
from media.ffmpeg_args import FORMATS, global_arguments, input_arguments, probe_sound_arguments
from media.ffmpeg_box import box_for, files_of
from media.ffmpeg_lists import DECODERS, guarded
from media.ffmpeg_run import Ffmpeg, FfmpegError, ffmpeg_path, read_from
from media.film_reader import probe_video
from media.pictures import load_picture
from media.sound_reader import count_audio, probe_audio

FILES = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")


def made(*arguments: object) -> None:
    subprocess.run([ffmpeg_path(), "-loglevel", "error", *map(str, arguments)], check=True, timeout=60, stdin=subprocess.DEVNULL)


def after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A tone in some kinds, with wrong names: content tells."""
    path = tmp_path_factory.mktemp("kinds")
    for name, form in {
        "a.mp3": "mp3",
        "b.mp3": "mp4",
        "c.mp3": "flac",
        "d.mp3": "ogg",
        "e.mp3": "matroska",
        "f.mp3": "aiff",
    }.items():
        made("-f", "lavfi", "-i", "sine=duration=0.6", "-f", form, path / name)
    (path / "g.mp3").write_bytes(b"#EXTM3U\n#EXTINF:9,\n/etc/hostname\n")
    (path / "h.mp3").write_bytes(b"\x01\x02\x03" * 30)
    return path


@pytest.mark.parametrize(
    ("name", "formats"),
    [("b", ("mov",)), ("c", ("flac",)), ("d", ("ogg",)), ("e", ("matroska",)), ("f", ("aiff",)), ("g", FORMATS), ("h", FORMATS)],
)
def test_only_the_demuxers_of_its_kind_open_a_file(folder, name, formats):
    command = guarded(probe_sound_arguments("ffmpeg", folder / f"{name}.mp3"))
    assert after(command, "-format_whitelist") == ",".join(formats)
    assert after(command, "-protocol_whitelist") == "file,pipe"
    assert after(command, "-max_alloc") == str(ffmpeg_lists.MAX_ALLOC)
    assert ("-enable_drefs" in command) == (name == "b")


def test_sound_behind_a_tag_is_read_whatever_it_is(folder, tmp_path):
    formats = after(guarded(probe_sound_arguments("ffmpeg", folder / "a.mp3")), "-format_whitelist").split(",")
    assert {"mp3", "aac", "flac"} <= set(formats) and not {"mov", "matroska", "avi"} & set(formats)
    tagged = tmp_path / "tagged.flac"
    tagged.write_bytes(b"ID3\x04\x00\x00\x00\x00\x00\x0a" + bytes(10) + (folder / "c.mp3").read_bytes())
    assert probe_audio(tagged).codec == "flac"


def test_decoders_that_no_song_or_film_has_are_not_reached(tmp_path, monkeypatch):
    film = tmp_path / "old.avi"
    made("-f", "lavfi", "-i", "testsrc=duration=0.4:size=64x64:rate=10", "-c:v", "asv1", film)
    view = [*global_arguments(ffmpeg_path()), *input_arguments(film), "-f", "null", "-"]
    with pytest.raises(FfmpegError), read_from(view):
        pass
    monkeypatch.setattr(ffmpeg_lists, "DECODERS", (*DECODERS, "asv1"))
    with read_from(view):
        pass


def test_a_box_holds_the_files_of_its_command_alone(tmp_path):
    command = ["ffmpeg", "-i", f"file:{tmp_path}/in.mp3", "-i", "pipe:0", "-f", "mp4", f"file:{tmp_path}/out.mp4", "-"]
    assert files_of(command) == ([f"{tmp_path}/in.mp3"], [f"{tmp_path}/out.mp4"])
    box, begun = box_for(command)
    assert box.reads == (f"{tmp_path}/in.mp3",) and box.writes == (f"{tmp_path}/out.mp4",) and not box.processes
    assert begun == [tmp_path / "out.mp4"] and box.output_bytes == FILM_BYTES
    assert box_for(command[:-3])[0].output_bytes == LOG_BYTES


def test_a_file_that_ffmpeg_did_not_write_is_not_there(tmp_path):
    command = [ffmpeg_path(), "-i", f"file:{tmp_path}/none.mp3", f"file:{tmp_path}/out.wav"]
    with Ffmpeg(command) as run, pytest.raises(FfmpegError):
        run.wait()
    assert not list(tmp_path.iterdir())
    older = tmp_path / "out.wav"
    older.write_bytes(b"")
    with Ffmpeg(command) as run, pytest.raises(FfmpegError):
        run.wait()
    assert older.exists()


@FILES
@pytest.mark.parametrize("name", ["url.mov", "alis.mov"])
def test_a_film_that_names_another_file_does_not_get_it(tmp_path, name):
    """By the program's own command it is not followed; told to follow, the box has no such file."""
    canaries = Canaries(tmp_path / "canaries", b"words of a canary, eight bits each")
    canaries.make()
    film = tmp_path / name
    film.write_bytes(referring_movies(str(canaries.sound).encode())[name])
    watch = Watch(canaries)
    with suppress(InputError):
        count_audio(film)
    assert not watch.opened()
    following = [ffmpeg_path(), "-loglevel", "error", "-enable_drefs", "1", "-use_absolute_path", "1", "-i", f"file:{film}"]
    following += ["-f", "s16be", "-c:a", "copy", "pipe:1"]
    free = subprocess.run(following, capture_output=True, timeout=60, stdin=subprocess.DEVNULL, check=False)
    held = subprocess.run(boxed(following, box_for(following)[0]), capture_output=True, timeout=60, check=False)
    assert not canaries.seen_in(held.stdout)
    if name == "alis.mov":  # the way that ffmpeg knows: outside the box it is gone
        assert canaries.seen_in(free.stdout), free.stderr
        assert watch.opened()
    watch.close()


def test_no_server_is_asked(tmp_path):
    came = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def accept() -> None:
            try:
                server.accept()[0].close()
                came.append(True)
            except OSError:
                pass

        threading.Thread(target=accept, daemon=True).start()
        asking = [
            ffmpeg_path(),
            "-loglevel",
            "error",
            "-i",
            f"http://127.0.0.1:{server.getsockname()[1]}/x.mp3",
            "-f",
            "null",
            "-",
        ]
        held = subprocess.run(boxed(asking, box_for(asking)[0]), capture_output=True, timeout=60, check=False)
        assert held.returncode != 0 and not came
        subprocess.run(asking, capture_output=True, timeout=60, check=False, stdin=subprocess.DEVNULL)
        assert came


def test_no_key_of_the_server_is_told_to_a_decoder(monkeypatch):
    monkeypatch.setenv("BELCANTO_MASTER_KEY", "secret")
    handed = {}
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: handed.update(options) or popen(command, **options))
    with Ffmpeg([ffmpeg_path(), "-version"]) as run:
        run.stdout.read()
        run.wait()
    assert "PATH" in handed["env"] and "BELCANTO_MASTER_KEY" not in handed["env"]


def test_a_film_is_written_and_read_in_boxes(tmp_path, wav):
    from media.film_writer import FilmWriter

    with FilmWriter(tmp_path / "film.mp4", (32, 32), 25, wav, duration_s=0.6) as writer:
        for _ in range(15):
            writer.write(np.zeros((32, 32, 3), np.uint8))
    assert probe_video(tmp_path / "film.mp4").frames == 15
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


# --- pictures --------------------------------------------------------------------------------------------------------


@pytest.fixture
def clear(tmp_path) -> Path:
    values = np.random.default_rng(3).integers(0, 256, (80, 70, 4), np.uint8)
    path = tmp_path / "clear.gif"
    first = Image.fromarray(values, "RGBA")
    first.save(path, save_all=True, append_images=[Image.fromarray(values[::-1].copy(), "RGBA")])
    return path


def test_a_boxed_picture_is_the_same(clear):
    boxed_one, own = load_given_picture(clear), load_picture(clear)
    np.testing.assert_array_equal(boxed_one.image, own.image)
    np.testing.assert_array_equal(boxed_one.alpha, own.alpha)
    assert own.notes and boxed_one.notes == own.notes
    assert load_given_picture(clear, kept_pixels=2000).image.shape == load_picture(clear, kept_pixels=2000).image.shape


def test_what_is_wrong_with_a_picture_is_told_through_the_box(tmp_path):
    for name, data, kind in (("a.png", b"GIF89a" + bytes(50), InputError), ("b.png", b"ID3" + bytes(50), KindError)):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(kind) as through:
            load_given_picture(path)
        with pytest.raises(kind) as own:
            load_picture(path)
        assert through.value.message == own.value.message and type(through.value) is type(own.value)


@pytest.mark.parametrize(
    "trouble", ["kill -SEGV $$", "exec sleep 60", 'echo \'{"shape": [90, 90, 3], "alpha": false, "notes": []}\'']
)
def test_a_decoder_that_breaks_down_is_the_files_fault(clear, monkeypatch, trouble):
    monkeypatch.setattr(boxed_pictures, "TIME_S", 1.5)
    monkeypatch.setattr(boxed_pictures, "boxed_module", lambda module, arguments, box: ["/bin/sh", "-c", trouble])
    with pytest.raises(InputError, match="breaks its decoder"):
        load_given_picture(clear)


@FILES
def test_the_pictures_box_opens_nothing_else(clear, tmp_path, monkeypatch):
    other = tmp_path / "other.png"
    Image.new("RGB", (70, 70)).save(other)
    whole = boxed_pictures.boxed_module
    asked_for = [str(other), "1000000", "1000000"]
    monkeypatch.setattr(boxed_pictures, "boxed_module", lambda module, arguments, box: whole(module, asked_for, box))
    with pytest.raises(InputError, match="breaks its decoder"):
        load_given_picture(clear)
    monkeypatch.undo()
    assert load_given_picture(other).image.shape == (70, 70, 3)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no boxes")
def test_without_boxes_pictures_are_decoded_here(clear, monkeypatch):
    monkeypatch.setenv("BELCANTO_SANDBOX", "off")
    monkeypatch.setattr(boxed_pictures, "boxed_module", None)
    assert load_given_picture(clear).image.shape == (80, 70, 3)


def test_every_run_of_ffmpeg_is_boxed(monkeypatch, folder):
    started = []
    popen = subprocess.Popen
    monkeypatch.setattr(subprocess, "Popen", lambda command, **options: started.append(command) or popen(command, **options))
    count_audio(folder / "c.mp3")
    (command,) = started
    assert command[0] == sys.executable and command.index("--") < command.index(ffmpeg_path(), 5)
    assert f"r{(folder / 'c.mp3')}" in command and "p" not in command
