"""The door to the database: transactions, times, announcements; on PostgreSQL too, where its programs are there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from app.database import Database, writing
from app.migrations.upgrade import upgrade
from app.models import Job, JobEvent, Person, Picture, Song, Work, new_id, now
from app.settings import AppSettings
from core.errors import InputError
from tests.app.rows import film_job, film_row
from tests.app.test_migrations import difference, empty

__all__ = ["empty"]


def test_sqlite_is_in_the_right_mode(empty):
    with empty.session() as session:
        values = [session.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys", "busy_timeout")]
    assert values == ["wal", 1, 20_000]


def test_foreign_keys_are_held_to(database):
    with database.session() as session, pytest.raises(IntegrityError), writing(session):
        session.add(Job(work_id=new_id(), person_id=new_id(), kind="song_to_film"))


def test_a_reader_that_becomes_a_writer_waits_its_turn(database):
    """Plain transactions of SQLite would end in "database is locked" here."""

    def count_up(_):
        with database.session() as session:
            for _ in range(10):
                session.get(Person, "0" * 32)  # a read, so that the session is in a transaction
                with writing(session):
                    session.add(Person())
        return True

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(count_up, range(6)))
    with database.session() as session:
        assert session.query(Person).count() == 60


def test_times_come_back_aware_and_nothing_is_nothing(database, person_id):
    at = now()
    with database.session() as session, writing(session):
        session.add(Person(id=person_id, created_at=at))
    with database.session() as session:
        assert session.get(Person, person_id).created_at == at


def test_what_was_queued_is_told_only_after_the_commit(database):
    from app.database import queue_announcement

    told = []
    database.announce = told.append
    with database.session() as session:
        with writing(session):
            with writing(session):
                queue_announcement(session, "job 1")
            assert told == []
        assert told == ["job 1"]
        with pytest.raises(ValueError, match="no"), writing(session):
            queue_announcement(session, "job 2")
            raise ValueError("no")
        with writing(session):
            pass
    assert told == ["job 1"]


@pytest.mark.slow
def test_everything_works_on_postgresql(postgres_url, tmp_path, person_id):
    settings = AppSettings(data_dir=tmp_path, database_url=postgres_url)
    database = Database(settings)
    upgrade(database.engine, settings)
    assert difference(database) == []
    with database.session() as session, writing(session):
        session.add(Person(id=person_id))
        session.flush()
        kept = {"person_id": person_id, "title": "T", "search_text": "t", "size_bytes": 2**40, "sha256": "0" * 64, "mime": "m"}
        song = Song(**kept, file_name="s", duration_s=1.0, waveform=[0.5])
        picture = Picture(**kept, file_name="p", width=1, height=1, faces=[], thumb_name="t")
        film = film_row(song, picture)
        session.add_all([film, film_job(film)])
        session.flush()
        session.add(JobEvent(job_id=film.job.id, kind="queued", data={}))
    with database.session() as session:
        loaded = session.query(Work).where(Work.person_id == person_id).one()
        assert (loaded.song.size_bytes, loaded.report, loaded.job.state) == (2**40, None, "queued")
    database.close()


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("no address", "no address of a database"),
        ("oracledb2://x/y", "no address of a database"),
        ("postgresql://me:secret@127.0.0.1:1/none", "can't be reached"),
        ("sqlite:////nowhere/at/all.sqlite3", "can't be reached"),
    ],
)
def test_a_database_that_can_not_be_had_is_said(tmp_path, url, sentence):
    settings = AppSettings(data_dir=tmp_path, database_url=url)
    if url.startswith("postgresql"):
        pytest.importorskip("psycopg")
    with pytest.raises(InputError, match=sentence) as error:
        upgrade(Database(settings).engine, settings)
    assert "secret" not in str(error.value)


def test_a_commit_is_safe_on_the_disk(database):
    """By SQLite's setting: FULL is 2. With less, a power loss takes orders that were confirmed."""
    with database.session() as session:
        assert session.connection().exec_driver_sql("PRAGMA synchronous").scalar() == 2
