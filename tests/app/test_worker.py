"""The worker of the web interface, on real films: from the order to film and report, cancelled, what dead ones left."""

from __future__ import annotations

import time
from dataclasses import replace
from html import escape

import pytest

from app.job_store import DatabaseJobStore
from app.job_wiring import make_queue
from app.models import Job
from app.services.films import order_film
from app.services.jobs import cancel_job
from app.worker import make_worker, remove_left_films, worker_settings
from media.media import probe_video
from pipeline.film_settings import SongToVideoSettings

SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


def row(session, job_id):
    """The job as the database has it now."""
    session.commit()
    session.expire_all()
    return session.get(Job, job_id)


def test_parts_of_films_that_nobody_makes_any_more_go_at_the_start(settings):
    part = settings.results_dir / ".film-1.mp4.abc.part"
    part.write_bytes(b"half")
    (settings.results_dir / "film-2.mp4").write_bytes(b"whole")
    assert remove_left_films(settings) == 1
    assert not part.exists() and (settings.results_dir / "film-2.mp4").exists()


def wait_for(condition, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not (found := condition()):
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.1)
    return found


@pytest.fixture
def worker(settings, database, own_cache):
    """The worker as the server has it, on its queue; announcements reach it."""
    queue = make_queue(settings)
    database.announce = queue.announce
    made = make_worker(settings, database, queue)
    made.start()
    yield made
    made.stop()


@pytest.mark.slow
def test_from_the_order_to_the_film_and_its_report(worker, session, settings, person_id, song, picture):
    film, _ = order_film(session, settings, person_id, song.id, picture.id, SHORT)
    broken = settings.uploads_dir / picture.file_name
    job_id = film.job.id
    wait_for(lambda: row(session, job_id).state == "done")
    assert film.file_name == f"film-{film.id}.mp4"
    assert probe_video(settings.results_dir / film.file_name).metadata["title"] == film.title
    assert film.size_bytes == (settings.results_dir / film.file_name).stat().st_size
    assert film.report["video"] == film.file_name and str(settings.data_dir) not in str(film.report)
    assert film.job.notes and not any(
        name in str(note) for note in film.job.notes for name in (song.file_name, picture.file_name)
    )
    wait_for(lambda: row(session, job_id).work.metrics)
    page = (settings.results_dir / film.metrics_html_name).read_text(encoding="utf-8")
    assert film.metrics["verdicts"] and len(page) > 1000
    folder = str(settings.results_dir.parent)
    assert folder not in page and folder not in str(film.metrics)
    titles = [escape(each.title) for each in (film, song, picture)]
    assert [title for title in titles if title not in page] == []
    names = (film.file_name, film.id, song.file_name, picture.file_name)
    assert not any(name in page or name in str(film.metrics) for name in names)
    broken.write_bytes(b"\x89PNG no picture")
    other, created = order_film(session, settings, person_id, song.id, picture.id, replace(SHORT, seed=2))
    assert created
    other_id = other.job.id
    wait_for(lambda: row(session, other_id).state == "failed")
    error = str(row(session, other_id).failure)
    assert f"“{picture.title}”" in error and str(settings.data_dir) not in error and picture.file_name not in error


@pytest.mark.slow
def test_cancelling_a_film_in_the_making_reaches_its_processes(worker, session, settings, person_id, song, picture):
    film, _ = order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(height=720, fps=50))
    job_id = film.job.id
    wait_for(lambda: row(session, job_id).stage)
    cancel_job(session, settings, person_id, job_id)
    wait_for(lambda: row(session, job_id).state == "cancelled", 60)  # the film itself would take longer
    assert not list(settings.results_dir.glob("film-*")) and not list(settings.results_dir.glob(".film-*"))


def test_a_time_limit_comes_from_the_settings(limited, store):
    assert worker_settings(limited(job_s=5.0), store.locks).limits_s["fair"] == 5.0
