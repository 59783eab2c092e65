"""The live process as the server keeps it: started, started again, and ended with the server, however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from app.live import process
from app.live.client import LiveClient
from app.live.process import LiveProcess

pytestmark = pytest.mark.slow
PATIENCE_S = 90.0
#: A server that keeps a live process and says its id.
PARENT = """
import sys, time
from app.live.client import LiveClient
from app.live.process import LiveProcess
client = LiveClient()
live = LiveProcess(client)
live.start()
while client.port is None:
    time.sleep(0.05)
print(live.pid, flush=True)
time.sleep(600)
"""


def wait_until(holds):
    latest_s = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < latest_s
        time.sleep(0.05)


def is_running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:  # noqa: PTH123 (no file of ours)
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_it_is_started_again_when_it_dies_and_ends_when_told(monkeypatch, caplog):
    monkeypatch.setattr(process, "FIRST_PAUSE_S", 0.1)
    client = LiveClient()
    live = LiveProcess(client)
    live.start()
    try:
        wait_until(lambda: client.port is not None)
        first = live.pid
        assert client.forward("GET", "/health").json() == {"sessions": 0, "most": 3}
        assert LiveClient("another key", client.port, wanted=True).forward("GET", "/health").status == 403
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: client.port is not None and live.pid not in (None, first))
        assert client.forward("GET", "/health").status == 200
        assert "started again" in caplog.text and client.key not in caplog.text
    finally:
        live.stop()
    assert client.port is None and live.pid is None


def test_it_pauses_longer_each_time_that_it_cannot_be_started(monkeypatch, caplog):
    monkeypatch.setattr(process, "FIRST_PAUSE_S", 0.01)
    client = LiveClient()
    live = LiveProcess(client, program=("-c", "raise SystemExit(3)"))
    live.start()
    wait_until(lambda: caplog.text.count("started again") >= 4)
    live.stop()
    pauses = [record.args[1] for record in caplog.records if "started again" in record.message]
    assert pauses[:4] == [0.01, 0.02, 0.04, 0.08] and client.port is None


def test_a_bad_setting_is_said_in_the_log(monkeypatch, tmp_path):
    environment = {**os.environ, "BELCANTO_LIVE_SESSIONS": "many"}
    done = subprocess.run([sys.executable, "-m", "live"], env=environment, capture_output=True, text=True, timeout=PATIENCE_S)
    assert done.returncode == 2 and done.stderr.strip().startswith("BELCANTO_LIVE_SESSIONS is 'many'")


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_it_ends_when_the_server_is_killed():
    with subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as server:
        live = int(server.stdout.readline())
        assert is_running(live)
        server.kill()
    wait_until(lambda: not is_running(live))
