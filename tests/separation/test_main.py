from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from separation.__main__ import main
from separation.settings import SAMPLE_RATE_HZ

pytestmark = pytest.mark.usefixtures("network")


@pytest.mark.slow
def test_json(write_sound, tmp_path, capsys):
    song = write_sound(np.zeros((3 * SAMPLE_RATE_HZ, 2)))
    out_dir = tmp_path / "stems"
    assert main([str(song), "--out", str(out_dir), "--start", "0.5", "--duration", "1", "--json"]) == 0
    output = capsys.readouterr()
    result = json.loads(output.out.splitlines()[-1])
    assert result["voice"] == str(out_dir / "vocals.wav") and result["accompaniment"] == str(out_dir / "accompaniment.wav")
    assert result["duration_s"] == 1 and result["voice_share"] == 0
    assert result["notes"] == ["This file is silent: the mouth will stay shut."]
    assert "mouth will stay shut" in output.err
    assert soundfile.info(result["voice"]).frames == SAMPLE_RATE_HZ


@pytest.mark.parametrize("content", [None, b"", b"this is no sound at all, but a text of some length"])
def test_unusable_input_gets_one_sentence(tmp_path, capsys, content):
    song = tmp_path / "song.mp3"
    if content is not None:
        song.write_bytes(content)
    assert main([str(song), "--out", str(tmp_path / "out")]) == 2
    error = capsys.readouterr().err.strip()
    assert error.count("\n") == 0 and "song.mp3" in error and "Traceback" not in error
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_missing_weights(write_sound, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert main([str(write_sound(np.zeros((SAMPLE_RATE_HZ, 2)))), "--out", str(tmp_path / "out")]) == 3
    assert "spleeter_2stems" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals for another process")
@pytest.mark.parametrize("wish", [signal.SIGINT, signal.SIGTERM])
def test_interrupt_leaves_no_file(root_dir, write_sound, tmp_path, wish):
    song = np.random.default_rng(0).standard_normal((SAMPLE_RATE_HZ * 100, 2)).astype(np.float32) * 0.1
    out_dir = tmp_path / "out"
    command = [sys.executable, "-m", "separation", str(write_sound(song)), "--out", str(out_dir)]
    # Where the tests run in the background, SIGINT may be ignored from birth; a person's terminal does not do that.
    process = subprocess.Popen(
        command,
        cwd=root_dir,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    deadline = time.monotonic() + 60
    while not (out_dir.exists() and any(path.stat().st_size > 1_000_000 for path in out_dir.iterdir())):
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(wish)
    _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert "Cancelled" in error and "Traceback" not in error
    assert list(out_dir.iterdir()) == []
