"""The server killed in the middle of each stage, twenty times: no job is lost, none is made twice, no half film is offered."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from app.database import Database
from app.models import Job, JobEvent, Work
from app.services.films import order_film
from benchmarks.live_server import LiveServer
from media.media import probe_video
from pipeline.film_settings import SongToVideoSettings

pytestmark = pytest.mark.long

#: Moments of a film in their order: within each stage, and when the film has its name but nobody was told.
MOMENTS = ("decode", "portrait", "separate", "motion", "frames", "mux", "named")
FILMS, KILLS = 3, 20
PART_S = 1.6

#: Runs at the start of each Python of the server; in a film's process it waits at the wished moment, once, amid the stage's work.
WAIT_AT_MOMENT = """
import os, sys, time
from pathlib import Path

film = ""

def wait_at(moment):
    folder = Path(os.environ["TEST_MOMENTS"])
    wish = folder / f"{moment} {film}"
    if wish.exists():
        (folder / "pid").write_text(str(os.getpid()))
        wish.rename(folder / "here")
        time.sleep(600)

if "belcanto.work_child" in sys.orig_argv:
    from contextlib import contextmanager
    from core import finishing
    from pipeline import run, song_to_video

    make = song_to_video.song_to_video
    stage = run.Run.stage
    rights = finishing.give_usual_rights

    @contextmanager
    def stage_that_waits(self, name):
        with stage(self, name) as progress:
            def tell(own, done, total):
                progress(own, done, total)
                if name != "mux" and 2 * done >= total > 0:
                    wait_at(name)
            yield tell
            if name != "mux":
                wait_at(name)  # a stage that told nothing of its middle
        if name == "mux":
            wait_at("named")

    def rights_that_wait(path):
        wait_at("mux")  # the film is written as a whole and has not got its name yet
        rights(path)

    def make_one_that_is_known(portrait, song, video, *others, **named):
        global film
        film = video.stem
        return make(portrait, song, video, *others, **named)

    song_to_video.song_to_video = make_one_that_is_known
    run.Run.stage = stage_that_waits
    finishing.give_usual_rights = rights_that_wait
"""


@pytest.fixture
def moments(tmp_path) -> Path:
    """The folder in which a moment is wished, with the program that waits there."""
    folder = tmp_path / "moments"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(WAIT_AT_MOMENT)
    return folder


def wait_for(condition, what, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, f"{what} did not come"
        time.sleep(0.05)
    return found


def is_gone(pid):
    """Whether the process has ended; one that nobody has waited for yet counts."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def films_in(settings):
    """Every film with its newest job, read anew."""
    database = Database(settings)
    with database.session() as session:
        found = [(film, film.job) for film in session.scalars(select(Work).order_by(Work.created_at, Work.id))]
    database.close()
    return found


def check_what_is_offered(settings, frames):
    """Whatever bears a film's name is whole, and is offered only once its job is done."""
    for film, job in films_in(settings):
        assert job.state in ("queued", "running", "done")
        assert (film.file_name is not None) == (job.state == "done")
        assert film.file_name is None or (settings.results_dir / film.file_name).is_file()
    for path in settings.results_dir.glob("film-*.mp4"):
        with settings.vault.plain(path) as plain:
            assert probe_video(plain).frames == frames


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_a_server_killed_in_every_stage_loses_nothing(settings, session, person_id, song, picture, moments, root_dir):
    films = []
    for number in range(FILMS):
        options = SongToVideoSettings(height=128, start_s=4.0 + number, duration_s=PART_S)
        films.append(order_film(session, settings, person_id, song.id, picture.id, options)[0].id)
    frames = round(PART_S * 25)
    environment = {"PYTHONPATH": os.pathsep.join((str(moments), str(root_dir))), "TEST_MOMENTS": str(moments)}
    server = LiveServer(settings.data_dir, environment)
    begin_s = time.monotonic()
    plan = [(film_id, moment) for film_id in films for moment in MOMENTS][:KILLS]
    for film_id, moment in plan:
        (moments / f"{moment} film-{film_id}").touch()
        server.start()
        wait_for((moments / "here").exists, moment)
        child = int((moments / "pid").read_text())
        assert [film.id for film, job in films_in(settings) if job.state == "running"] == [film_id]
        server.kill()
        (moments / "here").unlink()
        wait_for(lambda child=child: is_gone(child), f"the end of the film's process at {moment}", 30.0)
        check_what_is_offered(settings, frames)
    with server:
        wait_for(lambda: all(job.state == "done" for _, job in films_in(settings)), "the last film")
        check_what_is_offered(settings, frames)
    print(f"{len(plan)} kills in {time.monotonic() - begin_s:.0f} s")
    check_that_each_was_made_once(settings, session, [film_id for film_id, _ in plan])


def check_that_each_was_made_once(settings, session, killed):
    session.expire_all()
    assert len(session.scalars(select(Job).where(Job.turn == "fair")).all()) == FILMS
    for film, job in films_in(settings):
        ended = session.scalars(select(JobEvent).where(JobEvent.job_id == job.id, JobEvent.kind == "state")).all()
        assert [event.data["state"] for event in ended].count("done") == 1
        assert job.attempts == killed.count(film.id) + 1
        assert "separate" in film.report["cached_stages"] and "motion" in film.report["cached_stages"]
    assert not [path for path in settings.results_dir.iterdir() if path.name.endswith(".part")]
    assert not list((settings.data_dir / "cache").rglob("*.part"))
