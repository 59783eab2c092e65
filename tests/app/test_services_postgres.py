"""The services on PostgreSQL, where that is installed: what differs from SQLite is locks, foreign keys and the search."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.database import Database
from app.errors import LimitReached
from app.migrations.upgrade import upgrade
from app.models import IdempotencyKey, Job, JobEvent, Song, Work, new_id
from app.services.albums import create_album, fill_album, list_albums
from app.services.chosen import hide_chosen, restore_chosen
from app.services.events import events_since
from app.services.films import list_films, order_film
from app.services.idempotency import answer_request, begin_request
from app.services.jobs import cancel_job, list_jobs
from app.services.keeping import sweep
from app.services.origins import come_from
from app.services.queue_order import move_job
from app.services.releasing import release_files
from app.services.shelf import Wish, count_shelf, list_shelf, within
from app.services.songs import add_song_stream, delete_song, hide_song, list_songs, restore_song
from app.services.storage import storage_of
from app.services.tags import change_tags
from app.services.titles import fold
from app.services.uploads import begin_upload, continue_upload, finish_upload
from app.services.works import delete_work
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import Rows
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_library_is_searched_sorted_and_counted(database, session, settings, person_id):
    made = Rows(session, settings, person_id)
    for number, (title, length_s) in enumerate((("Über alles", 2.0), ("wort", None), ("Zoë", 30.5))):
        film = made.film("done", title)
        film.figures, film.search_text = {} if length_s is None else {"duration_s": length_s}, fold(title)
        film.size_bytes, film.words_text = 10 - number, fold("Gesungen: Straße")
    session.commit()

    def titles(**wish):
        wanted, cursor, found = Wish(**wish), None, []
        while True:
            page = list_shelf(session, person_id, "films", wanted, cursor, 1)
            found += [row.title for row in page.items]
            if (cursor := page.next_cursor) is None:
                return found

    assert titles(search="uber") == titles(search="UEBER") == ["Über alles"] and len(titles(search="strasse gesungen")) == 3
    assert titles(sort="name") == titles(sort="size") == ["Über alles", "wort", "Zoë"]
    assert titles(sort="length") == ["Zoë", "Über alles", "wort"] and titles(sort="oldest") == titles(sort="newest")[::-1]
    assert len(titles(state="done")) == 3 and titles(state="failed") == []
    assert count_shelf(session, person_id, Wish())["songs"] == 3
    chosen = {"works": [row.id for row in list_shelf(session, person_id, "films", Wish("wort"), None, 1).items]}
    album = create_album(session, settings, person_id, "Übung")
    fill_album(session, person_id, album.id, chosen)
    change_tags(session, person_id, chosen, ["Live"], [])
    assert titles(album_id=album.id) == titles(tag="LIVE") == titles(search="live") == ["wort"]
    for narrowed in (within(Work, album.id, "live"), within(Work, album.id, ""), within(Work, "", "LIVE")):
        assert [row.title for row in list_films(session, person_id, within=narrowed).items] == ["wort"]
    assert list_films(session, person_id, within=within(Work, "none", "live")).items == []
    assert [each.count for each in list_albums(session, person_id)] == [1]
    count, at = hide_chosen(session, settings, person_id, chosen)
    assert (count, restore_chosen(session, person_id, at)) == (1, 1)
    waits = [made.film("queued", title).job.id for title in "xyz"]
    assert [job.id for job in move_job(session, person_id, waits[2], waits[0])] == [waits[2], waits[0], waits[1]]
    kept = storage_of(session, settings, person_id)
    assert (kept.kinds["films"].count, kept.made_bytes) == (6, 27)


@pytest.mark.slow
def test_a_whole_life(database, session, settings, person_id, song, picture, finish_job):
    film, _ = order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(seed=1))
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
    delete_work(session, settings, person_id, film.id)
    assert release_files(session, settings) == 0 and sweep(session, settings) == 0
    counts = [session.query(model).where(model.person_id == person_id).count() for model in (Work, Job, Song)]
    assert counts == [0, 0, 0] and session.query(JobEvent).where(JobEvent.job_id == film.id).count() == 0


def test_an_upload(session, settings, person_id):
    content = silent_wav(1)
    upload = begin_upload(session, settings, person_id, "song", "s.wav", len(content))
    continue_upload(session, settings, person_id, upload.id, 0, content)
    assert finish_upload(session, settings, person_id, upload.id).title == "s"


def test_uploads_of_many_cookies_of_one_address_at_once(database, settings, limited):
    """There, several transactions write at a time; those of one address wait for one another."""
    tight = limited(address_uploads=2)

    def begin(_):
        with database.session() as session:
            come_from(session, "0123456789abcdef" * 2)
            try:
                begin_upload(session, tight, new_id(), "song", "s.wav", 10)
            except LimitReached:
                return 0
            return 1

    assert sum(together(8, begin)) == 2


def test_what_was_hidden_and_answered_goes(session, settings, person_id, song):
    begin_request(session, person_id, "k", b"x")
    answer_request(session, person_id, "k", 200, {"body": f"about {song.id}", "headers": {}})
    hide_song(session, person_id, song.id)
    assert restore_song(session, person_id, song.id).deleted_at is None
    delete_song(session, settings, person_id, song.id)
    assert session.query(IdempotencyKey).where(IdempotencyKey.person_id == person_id).count() == 0
