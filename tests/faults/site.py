"""The whole program under test: pages in one process, a worker in another, on a disk that can be filled."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from http.client import HTTPException
from pathlib import Path

from app.settings import AppSettings
from benchmarks.live_server import LiveServer
from benchmarks.load.person import ApiPerson, look_order, small_film
from benchmarks.load.site import NO_LIMITS
from core.errors import BelcantoError
from tests.faults.power import lose_power

ROOT = Path(__file__).resolve().parent.parent.parent
LAYER = Path(__file__).resolve().parent / "layer"
DISK_MB = 400
#: A film of a second is through in one or two; after a fault a job may lie until somebody notices, and be begun again.
LIMIT_S = 90.0


def wait_for(condition, what, limit_s=LIMIT_S, pause_s=0.05):
    """What the condition gives, once it holds."""
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, f"{what} did not come in {limit_s:g} s"
        time.sleep(pause_s)
    return found


def mounted(folder: Path) -> bool:
    """Whether the folder is a small disk of its own now, which only root may have."""
    folder.mkdir(parents=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


class Site:
    """Server, worker and one person; orders are what the server has confirmed.

    environment: where database and queue lie, if elsewhere.
    """

    def __init__(self, folder: Path, environment: dict[str, str] | None = None) -> None:
        self.folder, self.disk, self.faults = folder, folder / "disk", folder / "faults"
        self.has_disk = mounted(self.disk)
        self.data = self.disk / "data"
        self.faults.mkdir()
        if self.has_disk:  # the stash must be on the same disk, since it is made of links
            (self.disk / "faults").mkdir()
            self.faults = self.disk / "faults"
        self.environment = {
            **NO_LIMITS,
            "PYTHONPATH": os.pathsep.join((str(LAYER), str(ROOT))),
            "TEST_FAULTS": str(self.faults),
            "TEST_FAULTS_DATA": str(self.data),
            "BELCANTO_LEAST_FREE_BYTES": "1",
            "OMP_NUM_THREADS": "1",
            **(environment or {}),
        }
        self.settings = AppSettings(data_dir=self.data, database_url=(environment or {}).get("BELCANTO_DATABASE_URL", ""))
        self.server = LiveServer(self.data, self.environment, worker=False)
        self.server._more = ("--no-worker", "--no-live")
        self.worker: subprocess.Popen[bytes] | None = None
        self.orders: dict[str, int] = {}
        self.number = 0
        self.film = small_film(folder / "given.mp4")

    def start(self) -> None:
        """Pages and worker."""
        self.server.start()
        self.start_worker()

    def start_worker(self) -> None:
        places = {"BELCANTO_DATA_DIR": str(self.data), "BELCANTO_CACHE_DIR": str(self.data / "cache")}
        with (self.folder / "worker.log").open("ab") as sink:
            environment = {**os.environ, **self.environment, **places}
            command = [sys.executable, "-m", "app.worker"]
            self.worker = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=sink)

    def heal(self) -> None:
        """What has ended is started again, as whoever runs a site has it done."""
        self.plan()
        if self.server._process is None or self.server._process.poll() is not None:
            self.server.start()
        if self.worker is None or self.worker.poll() is not None:
            self.start_worker()

    def kill(self, *names: str) -> None:
        """End processes at once: `server`, `worker`, `child` (with what it started), `ffmpeg`."""
        for name in names:
            if name == "server":
                self.server.kill()
            elif name == "worker" and self.worker is not None:
                self.worker.kill()
                self.worker.wait()
            else:
                for pid in self.below(name):
                    os.kill(pid, signal.SIGKILL)

    def below(self, name: str) -> list[int]:
        """Process ids of what the worker started: its child, or ffmpeg below that."""
        children = descendants(self.worker.pid) if self.worker is not None else []
        return [pid for pid in children if (name == "ffmpeg") == ("ffmpeg" in command_of(pid))]

    def plan(self, **wishes) -> None:
        """What goes wrong from now on; nothing without wishes."""
        part = self.faults / "plan.new"
        part.write_text(json.dumps(wishes))
        part.replace(self.faults / "plan.json")

    def begin_person(self) -> None:
        self.person = ApiPerson(self.server.port)
        self.clip = self.person.give_clip(self.film)

    def order(self, once_more: bool = False) -> str | None:
        """Order another film; its id, or None where the server did not confirm it. once_more: the same request twice, as a
        program sends it whose connection broke."""
        self.number += 1
        headers = {"Idempotency-Key": f"fault-{self.number}"}
        work_id = None
        for _ in range(1 + once_more):
            try:
                answer = self.person.call("POST", "/works", look_order(self.clip, self.number), headers)
                if answer.status in (200, 202):
                    found = answer.json["work"]["id"]
                    assert work_id in (None, found), "the same request made two films"
                    work_id = found
                    self.orders[found] = self.number
            except (OSError, HTTPException, BelcantoError):
                continue
        return work_id

    def state(self, work_id: str) -> str:
        """The state of the film's job; empty where the server does not answer."""
        try:
            answer = self.person.call("GET", f"/works/{work_id}")
            return answer.json["job"]["state"] if answer.status == 200 else f"answer {answer.status}"
        except (OSError, HTTPException, BelcantoError):
            return ""

    def wait_until_ended(self) -> None:
        """Until no confirmed order waits or is made any more; what it starts again on the way is what an operator has."""

        def ended():
            self.heal()
            return all(
                self.state(work_id) in ("done", "failed", "cancelled", "answer 404") for work_id in list(self.orders)[-10:]
            )

        wait_for(ended, "the end of all films", pause_s=0.1)

    def fill_disk(self, left_bytes: int) -> None:
        """Leave so much room."""
        free = shutil.disk_usage(self.disk).free
        with (self.disk / "ballast").open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, max(1, free - left_bytes))

    def empty_disk(self) -> None:
        (self.disk / "ballast").unlink(missing_ok=True)

    def lose_power(self, chance: random.Random) -> list[str]:
        """All processes end at once, and what was not synced may be gone."""
        for pid in descendants(self.worker.pid) if self.worker is not None else []:
            os.kill(pid, signal.SIGKILL)
        self.kill("worker", "server")
        return lose_power(self.data, self.faults, chance)

    def close(self) -> None:
        if self.worker is not None and self.worker.poll() is None:
            self.worker.terminate()
            self.worker.wait(60)
        self.server.stop()
        if self.has_disk:
            subprocess.run(["umount", "-l", str(self.disk)], check=True)


def command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""


def descendants(pid: int) -> list[int]:
    """All processes below one, those of sessions of their own included."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    found, new = [], [pid]
    while new:
        new = [child for child, parent in parents.items() if parent in new]
        found += new
    return found
