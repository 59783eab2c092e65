"""The harness itself: every check can fail, the disk forgets what was not synced alone, and the layer fails as planned."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from app.database import Database, writing
from app.migrations.upgrade import upgrade
from app.models import Job, JobEvent, Picture, new_id, now
from app.settings import AppSettings
from benchmarks.load.person import small_film
from tests.app.api_client import Rows
from tests.faults import invariants
from tests.faults.power import cut_log, lose_power
from tests.faults.site import LAYER


@dataclass
class Answer:
    json: dict
    body: bytes
    status: int = 200


@dataclass
class Told:
    """A person whose pages say a sentence."""

    sentence: str
    page_says: str

    def call(self, method, path):
        return Answer({"job": {"error": self.sentence}}, b"")

    def page(self, path):
        return Answer({}, f"<p>{self.page_says}</p>".encode())


@dataclass
class RestingSite:
    settings: AppSettings
    orders: dict = field(default_factory=dict)
    person: Told = field(default_factory=lambda: Told("The film could not be made.", "The film could not be made."))


@pytest.fixture
def settings(tmp_path):
    made = AppSettings(data_dir=tmp_path / "data")
    database = Database(made)
    upgrade(database.engine, made)
    database.close()
    return made


@pytest.fixture
def session(settings):
    database = Database(settings)
    with database.session() as opened:
        yield opened
    database.close()


@pytest.fixture
def film(session, settings, tmp_path):
    """A film that is done, whole, and confirmed."""
    rows = Rows(session, settings, new_id())
    made = rows.film("done", content=small_film(tmp_path / "made.mp4").read_bytes())
    with writing(session):
        for each in (made.song, made.picture):
            each.created_at = now()
    return made


@pytest.fixture
def site(settings, film):
    return RestingSite(settings, {film.id: 1})


def test_a_site_at_which_all_is_well_passes(site):
    assert [word for word in invariants.check(site) if "has no row" not in word] == []


def test_a_lost_film_is_found(site):
    site.orders["f" * 32] = 2
    assert any("is lost" in word for word in invariants.check(site))


def test_a_film_without_its_file_is_found(site, film):
    (site.settings.results_dir / film.file_name).unlink()
    words = invariants.check(site)
    assert any("not there" in word for word in words) and any("has no file" in word for word in words)


def test_half_a_film_is_found(site, film):
    path = site.settings.results_dir / film.file_name
    os.truncate(path, path.stat().st_size // 2)
    assert any("does not play" in word for word in invariants.check(site))


def test_a_job_that_stands_still_is_found(site, session, film):
    with writing(session):
        session.get(Job, film.job.id).state = "running"
    assert any("still" in word for word in invariants.check(site))


def test_a_job_that_ended_twice_is_found(site, session, film):
    with writing(session):
        session.add(JobEvent(job_id=film.job.id, kind="state", data={"state": "done"}))
    assert any("ended as" in word for word in invariants.check(site))


@pytest.mark.parametrize(
    ("sentence", "page"),
    [("", ""), ("OSError: [Errno 28]", "OSError: [Errno 28]"), ("jobs.child_broke", "x"), ("It could not be made.", "Nothing.")],
)
def test_a_failure_without_a_sentence_is_found(site, session, film, sentence, page):
    with writing(session):
        session.get(Job, film.job.id).state = "failed"
    site.person = Told(sentence, page)
    assert any("sentence" in word or "does not say" in word for word in invariants.check(site))


def test_a_row_without_a_file_is_found(site, session):
    with writing(session):
        session.query(Picture).one()
    next(site.settings.uploads_dir.glob("picture-*")).unlink()
    assert any("has no file" in word for word in invariants.check(site))


def test_a_file_that_no_sweep_removes_is_found(site, session, monkeypatch):
    monkeypatch.setattr(invariants, "sweep_all", lambda *_: 0)
    (site.settings.results_dir / f"film-{new_id()}.mp4").write_bytes(b"left")
    assert any("has no row" in word for word in invariants.check(site))


def run_under_layer(tmp_path, program):
    """What a Python under the layer prints."""
    (tmp_path / "disk").mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "PYTHONPATH": str(LAYER),
        "TEST_FAULTS": str(tmp_path),
        "TEST_FAULTS_DATA": str(tmp_path / "disk"),
    }
    command = [sys.executable, "-c", program]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, cwd=tmp_path / "disk", check=True)
    return run.stdout


WRITE = """
import os
from pathlib import Path
def write(name, sync):
    with open(name, "wb") as file:
        file.write(b"x" * 1000)
        file.flush()
        if sync: os.fsync(file.fileno())
"""


def test_what_was_synced_outlives_a_power_loss_and_other_things_may_not(tmp_path):
    folder = "descriptor = os.open('.', os.O_RDONLY); os.fsync(descriptor)\n"
    program = WRITE + "write('safe', True); write('half', False)\n" + folder + "write('name', True)"
    kept = set()
    for seed in range(12):
        run_under_layer(tmp_path, program)
        lose_power(tmp_path / "disk", tmp_path, random.Random(seed))
        there = {path.name: path.stat().st_size for path in (tmp_path / "disk").iterdir()}
        assert there["safe"] == 1000 and "half" in there
        kept.add(("name" in there, there["half"] == 1000))
        shutil.rmtree(tmp_path / "disk")
    assert {name for name, _ in kept} == {True, False} and {half for _, half in kept} == {True, False}


def test_a_renaming_and_a_removal_that_were_not_synced_may_be_undone(tmp_path):
    folder = "descriptor = os.open('.', os.O_RDONLY); os.fsync(descriptor)\n"
    program = WRITE + "write('a', True); write('b', True)\n" + folder + "os.replace('a', 'b'); os.remove('b')"
    found = set()
    for seed in range(20):
        run_under_layer(tmp_path, program)
        lose_power(tmp_path / "disk", tmp_path, random.Random(seed))
        found.add(tuple(sorted(path.name for path in (tmp_path / "disk").iterdir())))
        shutil.rmtree(tmp_path / "disk")
    assert found == {(), ("b",), ("a", "b")}


def test_a_log_of_sqlite_is_cut_after_a_frame(tmp_path):
    log = tmp_path / "a.sqlite3-wal"
    log.write_bytes(bytes(8) + (512).to_bytes(4, "big") + bytes(20) + bytes(3 * (24 + 512)))
    cut_log(log, random.Random(1))
    assert (log.stat().st_size - 32) % 536 == 0


def test_the_layer_fails_as_planned_and_shifts_the_clock(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "disk" / "there").write_text("x")
    wishes = {
        "write": {"part": "disk", "after": 1, "times": 1},
        "read": {"part": "disk", "after": 0, "times": 1},
        "clock_s": 3600,
    }
    (tmp_path / "plan.json").write_text(json.dumps(wishes))
    program = """
import time
def says(name, mode):
    try:
        open(name, mode).close()
        return "well"
    except OSError as error:
        return error.strerror
print(says("a", "w"), says("b", "w"), says("c", "w"), says("there", "r"), says("there", "r"), time.time(), sep="|")
"""
    *words, at_s = run_under_layer(tmp_path, program).split("|")
    assert words == ["well", "No space left on device", "well", "Input/output error", "well"]
    assert abs(float(at_s) - (now() + timedelta(hours=1)).timestamp()) < 60
