"""The command line as a person meets it: mostly in this process, and in real ones where signals and exit codes matter."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import weakref
from pathlib import Path

import pytest
from rich.console import Console

from media.media import probe_video
from metrics.__main__ import main as metrics_main
from motion.files.motion_csv import read_motion_csv
from pipeline.__main__ import main
from pipeline.cli.terminal import StageBars, stop_signals

pytestmark = pytest.mark.long

KEYS = ["video", "duration_s", "frames", "fps", "width", "height", "engine", "seconds", "peak_rss_mb", "cached_stages", "notes"]
KEYS += ["emotion"]


@pytest.fixture(scope="module")
def demo(root_dir):
    return root_dir / "demo" / "portrait.jpg", root_dir / "demo" / "song.mp3"


def sing_arguments(demo, out, *more):
    return [*map(str, ("sing", "--portrait", demo[0], "--song", demo[1], "--out", out)), *map(str, more)]


def start(root_dir, *arguments):
    return subprocess.Popen(
        [sys.executable, "-m", "pipeline", *map(str, arguments)],
        cwd=root_dir,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def only_line(text):
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert lines[0].endswith(".") and lines[0][0].isupper()
    return lines[0]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "required"),
        (["dance"], "invalid choice"),
        (["sing"], "--portrait, --song, --out"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--fps", "fast"], "--fps is fast; a number"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--fps", "100"], "10 to 60"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--height", "7"], "64 to 2160"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--engine", "magic"], "magic; choose one of auto"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--start", "-1"], "a number from 0 to"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4"], "P does not exist"),
        (["sing", "--portrait", "P", "--song", "S", "--out", "F.mp4", "--so", "x"], "--so"),
        (["motion", "--voice", "V", "--out", "M.csv"], "V does not exist"),
        (["emotion", "--song", "S"], "S does not exist"),
        (["emotion", "--song", "S", "--style", "bored"], "bored; choose one of auto"),
        (["emotion", "--song", "S", "--intensity", "0:0.3;4:1"], "SECONDS:VALUE"),
        (["emotion", "--song", "S", "--intensity", "@none.csv"], "can't be read"),
        (["faces", "--portrait", "P"], "P does not exist"),
        (["faces", "--film", "F"], "F does not exist"),
        (["faces"], "--portrait --film"),
        (["faces", "--portrait", "P", "--film", "F"], "not allowed with"),
        (["faces", "--portrait", "P", "--start", "2"], "--start is about a film"),
        (["faces", "--film", "F", "--pictures", "none/such"], "none/such"),
    ],
)
def test_bad_arguments_are_one_sentence(arguments, problem, capfd):
    assert main(arguments) == 2
    out, err = capfd.readouterr()
    assert out == "" and problem in only_line(err)


@pytest.mark.parametrize("program", ["pipeline", "metrics"])
def test_with_json_an_error_is_told_to_programs_too(program, tmp_path, capfd):
    song = tmp_path / "none.mp3"
    if program == "pipeline":
        assert main(["emotion", "--song", str(song), "--json"]) == 2
    else:
        assert metrics_main(["report", str(song), "--song", str(song), "--json"]) == 2
    out, err = capfd.readouterr()
    told = json.loads(out)
    assert err.splitlines()[-1] == told["error"] and "does not exist" in told["error"]
    assert told["code"].endswith(".file_not_there") and told["values"]["path"] == str(song)


def test_help_names_every_option(capfd):
    with pytest.raises(SystemExit) as end:
        main(["sing", "--help"])
    assert end.value.code == 0
    named = set(re.findall(r"--[a-z-]+", capfd.readouterr().out))
    promised = "portrait song out engine fps height start duration seed face expressiveness head-motion label motion title json"
    assert named >= {f"--{name}" for name in re.findall(r"[a-z-]+", promised)}


@pytest.mark.parametrize("song", ["none.mp3", "text.mp3", "portrait"])
def test_bad_songs(demo, tmp_path, capfd, song):
    (tmp_path / "text.mp3").write_text("la la la")
    sound = demo[0] if song == "portrait" else tmp_path / song
    assert main(sing_arguments((demo[0], sound), tmp_path / "a.mp4")) == 2
    out, err = capfd.readouterr()
    assert out == "" and only_line("\n".join(line for line in err.splitlines() if ": done in" not in line))
    assert not (tmp_path / "a.mp4").exists() and not list(tmp_path.glob(".*"))


@pytest.mark.slow
def test_no_face_and_two_faces(demo, shared_dir, tmp_path, capfd):
    portraits = shared_dir / "portraits"
    assert main(sing_arguments((portraits / "no_face_dog.jpg", demo[1]), tmp_path / "a.mp4")) == 2
    assert "No human face was found" in capfd.readouterr().err
    assert main(sing_arguments((portraits / "two_faces.jpg", demo[1]), tmp_path / "a.mp4")) == 2
    assert "--face" in capfd.readouterr().err
    assert not list(tmp_path.iterdir())
    assert main(["faces", "--portrait", str(portraits / "two_faces.jpg"), "--json"]) == 0
    listed = json.loads(capfd.readouterr().out)
    assert [row["face"] for row in listed["faces"]] == [1, 2]
    assert listed["faces"][0]["box"][0] < listed["faces"][1]["box"][0]


@pytest.mark.slow
def test_a_missing_weight_is_exit_code_3(demo, tmp_path, capfd, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("BELCANTO_WEIGHTS_MIRROR", str(tmp_path / "empty"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", "")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert main(sing_arguments(demo, tmp_path / "a.mp4", "--duration", "1")) == 3
    out, err = capfd.readouterr()
    assert out == "" and "weights fetch face_landmarker" in err.splitlines()[-1]
    assert not (tmp_path / "a.mp4").exists()


@pytest.mark.slow
def test_sing_and_motion_in_real_processes(demo, root_dir, tmp_path):
    """One film by the motion that `motion` wrote: the last line of stdout is the object, stderr tells the stages."""
    voice = demo[1]
    process = start(root_dir, "motion", "--voice", voice, "--out", tmp_path / "m.csv", "--fps", "30", "--json")
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    assert json.loads(out.splitlines()[-1])["frames"] == 684
    motion, notes = read_motion_csv(tmp_path / "m.csv")
    assert (motion.fps, len(motion), notes) == (30, 684, ())

    more = ("--motion", tmp_path / "m.csv", "--start", "5", "--duration", "1", "--height", "96", "--title", "Ach & Öl", "--label")
    process = start(root_dir, *sing_arguments(demo, tmp_path / "a.mp4", *more, "--json"))
    out, err = process.communicate(timeout=200)
    assert process.returncode == 0, err
    report = json.loads(out.splitlines()[-1])
    assert list(report) == KEYS
    film = probe_video(tmp_path / "a.mp4")
    assert (film.frames, film.height, report["frames"]) == (25, 96, 25)
    assert "frames: done in" in err and "resampled to the film's 25" in err
    assert "W0000" not in err and "INFO:" not in err, "native libraries keep quiet"


def listens_to_signals(pid: int) -> bool:
    """Whether a process has a handler of its own for SIGTERM; where the system does not tell, after a while that is assumed."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        time.sleep(5)
        return True
    caught = next(line for line in status.read_text().splitlines() if line.startswith("SigCgt:"))
    return bool(int(caught.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def is_importing(pid: int) -> bool:
    """Whether a process is amid the rooms' imports: numpy has come; where the system does not tell, that is assumed."""
    maps = Path(f"/proc/{pid}/maps")
    return not maps.exists() or "numpy" in maps.read_text()


class Thing:
    """What can be looked at weakly."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_heard_where_python_drops_it(number, capfd):
    """In a weak reference's callback, as imports have them, Python drops what is raised."""
    thing = Thing()
    watch = weakref.ref(thing, lambda _: signal.raise_signal(number))
    begin_s = time.monotonic()
    with pytest.raises(KeyboardInterrupt), stop_signals() as stop:
        del thing
        time.sleep(5)
    assert time.monotonic() - begin_s < 4 and stop.heard and watch() is None
    assert capfd.readouterr().err == ""
    assert signal.getsignal(number) not in (stop.hear, stop.hear_again)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("moment", ["import", "frames"])
def test_signals_end_cleanly(demo, root_dir, tmp_path, monkeypatch, number, moment, own_cache):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    films = tmp_path / "films"
    films.mkdir()
    process = start(root_dir, *sing_arguments(demo, films / "a.mp4", "--start", "4", "--duration", "8", "--height", "128"))
    deadline = time.monotonic() + 100
    there = {"import": lambda: is_importing(process.pid), "frames": lambda: any(p.stat().st_size for p in films.glob(".*.part"))}
    while not (listens_to_signals(process.pid) and there[moment]()):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(process.pid, number)  # as a terminal does, to all of the group
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == "" and err.splitlines()[-1] == "Cancelled; no file was left behind."
    assert "Traceback" not in err
    assert not list(films.iterdir()) and not list(scratch.iterdir()) and not list(own_cache.rglob("*.part"))


@pytest.mark.slow
def test_emotion_shows_a_curve_that_can_be_given_back(demo, capfd, own_cache):
    arguments = ["emotion", "--song", str(demo[1]), "--voice", str(demo[1]), "--start", "4", "--duration", "3"]
    assert main(arguments) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0].startswith("intensity") and out[0].endswith("0 to 3.0 s") and out[-1].startswith("--intensity 0:")
    assert main([*arguments, *out[-1].split(), "--style", "angry", "--json"]) == 0
    report = json.loads(capfd.readouterr().out.splitlines()[-1])
    assert list(report) == ["song", "duration_s", "emotion", "seconds", "cached_stages", "notes"]
    emotion = report["emotion"]
    assert emotion["sections"] == [{"start_s": 0.0, "stop_s": 3.0, "style": "angry"}] and len(emotion["intensity"]) == 7
    assert max(abs(a - b) for a, b in zip(emotion["intensity"], emotion["automatic"], strict=True)) < 0.05
    assert "motion" in report["cached_stages"] and report["duration_s"] == 3.0


@pytest.mark.slow
def test_no_cache_keeps_nothing(demo, tmp_path, own_cache, monkeypatch, capfd):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    arguments = sing_arguments(demo, tmp_path / "a.mp4", "--duration", "0.6", "--height", "96", "--no-cache")
    assert main(arguments) == 0
    assert capfd.readouterr().out == f"{tmp_path / 'a.mp4'}\n"
    assert not list(own_cache.iterdir()) and not list(scratch.iterdir())


def test_output_folder_that_cannot_be_written(demo, tmp_path, capfd):
    if os.geteuid() == 0:
        pytest.skip("the superuser may write everywhere")
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    assert main(sing_arguments(demo, folder / "a.mp4")) == 2
    assert "can't be written" in only_line(capfd.readouterr().err)


def test_a_log_tells_stages_and_time_left(monkeypatch, tmp_path):
    clock = iter(range(0, 100, 4))
    monkeypatch.setattr("pipeline.cli.terminal.time.monotonic", lambda: float(next(clock)))
    with (tmp_path / "log").open("w") as file:
        console = Console(file=file, force_terminal=False)
        with StageBars(console) as bars:
            for done in range(5):
                bars("separate", done, 4)
            bars("mux", 0, 0)
    lines = (tmp_path / "log").read_text().splitlines()
    assert lines[0] == "separate: 50%, about 8 s left"
    assert [line.split(" in ")[0] for line in lines if "done" in line] == ["separate: done", "mux: done"]


def test_bars_show_every_stage_on_a_terminal(tmp_path):
    with (tmp_path / "log").open("w") as file:
        console = Console(file=file, force_terminal=True, width=100)
        with StageBars(console) as bars:
            bars("decode", 0, 0)
            bars("frames", 1, 2)
            bars("frames", 2, 2)
    text = (tmp_path / "log").read_text()
    assert "decode" in text and "frames" in text and "100%" in text and "━" in text


def test_an_existing_film_is_replaced_only_by_a_whole_one(demo, tmp_path, capfd):
    shutil.copy(demo[1], tmp_path / "a.mp4")
    before = (tmp_path / "a.mp4").read_bytes()
    assert main(sing_arguments((demo[1], demo[1]), tmp_path / "a.mp4")) == 2
    assert (tmp_path / "a.mp4").read_bytes() == before
