"""The limits of a look: its process ends in time, with its decoder, and what breaks it is told to the right one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import status_of
from core.errors import BelcantoError, InputError
from pipeline.inspecting.inspection import (
    InspectionLimits,
    child_environment,
    inspect_song,
)
from tests.conftest import ROOT


def decoders_of(path):
    """The ids of the ffmpeg processes that read the file."""
    lines = subprocess.run(["ps", "-wweo", "pid,args"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split()[0] for line in lines if f"file:{path}" in line and "defunct" not in line]


def wait_until(condition, patience_s=10.0):
    """Whether the condition comes true in time."""
    until = time.monotonic() + patience_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
def test_a_look_that_takes_too_long_is_ended_with_its_decoder(endless):
    begin = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        look = pool.submit(inspect_song, endless, 1e9, InspectionLimits(time_s=3.0))
        assert wait_until(lambda: decoders_of(endless) != [])
        with pytest.raises(InputError, match="takes too long"):
            look.result()
    assert time.monotonic() - begin < 10
    assert wait_until(lambda: decoders_of(endless) == [])


@pytest.mark.slow
def test_processor_time_is_held_to(tmp_path):
    """A child whose wall time is plenty but whose processor time is over is ended by the system."""
    lines = (
        "import os; os.cpu_count = lambda: 1",
        "from pipeline.inspecting.child import limit_process; limit_process(1, 10**9)",
        "while True: pass",
    )
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, timeout=30, check=False)
    assert ended.returncode in (-signal.SIGXCPU, -signal.SIGKILL)


@pytest.fixture
def broken_numpy(tmp_path, monkeypatch):
    """Has the look's process meet another numpy, which does this when it is imported."""

    def put(line):
        (tmp_path / "modules").mkdir()
        (tmp_path / "modules" / "numpy.py").write_text(line)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))

    return put


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT])
def test_a_decoder_that_crashes_is_a_sentence_about_the_file(swelling, broken_numpy, caplog, number):
    broken_numpy(f"import os, sys; print('free(): invalid', file=sys.stderr, flush=True); os.kill(os.getpid(), {int(number)})")
    with pytest.raises(InputError, match="breaks decoders"):
        inspect_song(swelling, 60)
    assert "free(): invalid" in caplog.text


def test_an_error_of_our_own_is_not_blamed_on_the_file(swelling, broken_numpy, caplog):
    broken_numpy("raise ImportError('libsomething.so: cannot open shared object file')")
    with pytest.raises(BelcantoError, match="error in the program") as told:
        inspect_song(swelling, 60)
    assert not isinstance(told.value, InputError) and status_of(told.value) == 503
    assert "libsomething.so" in caplog.text and "Traceback" in caplog.text


@pytest.mark.parametrize(
    "line",
    ["raise ImportError('libx.so: failed to map segment from shared object')", 'raise RuntimeError("can\'t start new thread")'],
)
def test_a_library_that_gets_no_memory_is_no_error_of_ours(swelling, broken_numpy, line):
    broken_numpy(line)
    with pytest.raises(InputError, match=r"swelling\.wav needs more memory than one file may take"):
        inspect_song(swelling, 60)


def test_an_answer_that_ends_amid_its_words_is_none(swelling, broken_numpy, caplog):
    broken_numpy("import os; os.write(1, b'{'); os._exit(3)")
    with pytest.raises(BelcantoError, match="error in the program"):
        inspect_song(swelling, 60)
    assert "exit code 3" in caplog.text


def test_the_child_follows_the_process_that_asked(endless):
    """Its stdin ends when the server is killed: then it ends at once, with its decoder."""
    command = [sys.executable, "-m", "pipeline.inspecting.child", "60", str(10**9)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=child_environment()) as child:
        request = {"kind": "song", "path": str(endless), "max_duration_s": 1e9}
        child.stdin.write(json.dumps(request).encode() + b"\n")
        child.stdin.flush()
        assert wait_until(lambda: decoders_of(endless) != [])
        child.stdin.close()
        child.wait(10)
    assert wait_until(lambda: decoders_of(endless) == [])


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has classes of priority instead")
def test_looks_stand_back_for_the_pages():
    code = "import os; from pipeline.inspecting.child import limit_process; limit_process(60, 10**9); print(os.nice(0))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == min(19, os.nice(0) + 5)
