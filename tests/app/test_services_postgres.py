"""The services on PostgreSQL, where that is installed: what differs from SQLite is locks, foreign keys and the search."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.database import Database
from app.migrations.upgrade import upgrade
from app.models import Film, Job, JobEvent, Song
from app.services.events import events_since
from app.services.films import cancel_job, delete_film, list_films, list_jobs, order_film
from app.services.keeping import release_files, sweep
from app.services.options import FilmOptions
from app.services.songs import add_song_stream, delete_song, list_songs
from app.services.uploads import begin_upload, continue_upload, finish_upload
from tests.app.test_services_songs import silent_wav


@pytest.fixture
def settings(settings, postgres_url):
    return replace(settings, database_url=postgres_url)


@pytest.fixture
def database(settings):
    base = Database(settings)
    upgrade(base.engine, settings)
    yield base
    base.close()


def together(count, work):
    """Run `work(number)` in threads that begin at once; the results."""
    start = threading.Barrier(count)

    def run(number):
        start.wait()
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_the_same_at_once_is_one(database, settings, person_id, picture):
    content = silent_wav(2)

    def add(_):
        with database.session() as session:
            return add_song_stream(session, settings, person_id, io.BytesIO(content), "one.wav").id

    song_ids = together(3, add)
    assert len(set(song_ids)) == 1

    def order(_):
        with database.session() as session:
            film, created = order_film(session, settings, person_id, song_ids[0], picture.id)
            return film.id, film.job.id, created

    ordered = together(6, order)
    assert len({(film, job) for film, job, _ in ordered}) == 1 and sum(created for *_, created in ordered) == 1


def test_a_whole_life(database, session, settings, person_id, song, picture, finish_job):
    film, _ = order_film(session, settings, person_id, song.id, picture.id, FilmOptions(seed=1))
    assert [job.id for job in list_jobs(session, person_id)] == [film.job.id]
    assert [row.id for row in list_songs(session, person_id, "MY").items] == [song.id]
    assert list_songs(session, person_id, "%").items == []
    page = list_films(session, person_id, limit=1)
    assert [row.id for row in page.items] == [film.id] and page.next_cursor is None
    delete_song(session, settings, person_id, song.id)
    assert (settings.uploads_dir / song.file_name).is_file()
    cancel_job(session, settings, person_id, film.job.id)
    assert [event.data["state"] for event in events_since(session, film.job.id)] == ["queued", "cancelled"]
    assert not (settings.uploads_dir / song.file_name).exists()
    delete_film(session, settings, person_id, film.id)
    assert release_files(session, settings) == 0 and sweep(session, settings) == 0
    counts = [session.query(model).where(model.person_id == person_id).count() for model in (Film, Job, Song)]
    assert counts == [0, 0, 0] and session.query(JobEvent).where(JobEvent.job_id == film.id).count() == 0


def test_an_upload(session, settings, person_id):
    content = silent_wav(1)
    upload = begin_upload(session, settings, person_id, "song", "s.wav", len(content))
    continue_upload(session, settings, person_id, upload.id, 0, content)
    assert finish_upload(session, settings, person_id, upload.id).title == "s"
