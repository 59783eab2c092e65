"""What is deleted is deleted for good: nothing of it is found in any file, however it is looked for."""

from __future__ import annotations

import io
import sqlite3
import time
from contextlib import closing

import pytest
from PIL import Image, ImageEnhance

from app import create_app
from app.job_store import DatabaseJobStore
from app.job_wiring import make_queue
from app.models import IdempotencyKey, Job, JobEvent, new_id
from app.services.emotions import ask_emotion
from app.services.erasure import CLEAN, UNCLEAN, mark_erased, scrub
from app.services.films import film_file, get_film
from app.services.keeping import sweep
from app.services.pictures import delete_picture
from app.services.releasing import release_files
from app.services.songs import add_song, delete_song, song_file
from app.services.works import delete_work
from app.worker import make_worker
from pipeline.cache import CacheSettings, StageCache
from tests.app.api_client import ApiClient
from tests.app.emotions import EMOTION

pytestmark = pytest.mark.long

TITLE, IMAGE_TITLE, FILM_TITLE = "Zebrafinkenlied", "Quastenflosser", "Okapitraum"
SAMPLE_BYTES, SAMPLES = 48, 40


def samples(content):
    """Pieces from all over the content that say something: no long runs of one byte."""
    step = max(1, len(content) // SAMPLES)
    pieces = {content[start : start + SAMPLE_BYTES] for start in range(0, len(content) - SAMPLE_BYTES, step)}
    return {piece for piece in pieces if len(set(piece)) > SAMPLE_BYTES // 3}


def found(folders, pieces):
    """Where any of the pieces stands: file names."""
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if any(piece in content for content in [path.read_bytes()] for piece in pieces))


def spelled(text):
    """The text as files may spell it."""
    return {text.encode(), text.casefold().encode(), text.encode("utf-16-le")}


def wait_for(condition, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.1)


@pytest.fixture
def own_portrait(picture_path):
    """The demo's portrait in other bytes, so that nothing else has them."""
    stream = io.BytesIO()
    with Image.open(picture_path) as image:
        ImageEnhance.Brightness(image).enhance(0.97).save(stream, "JPEG", quality=91)
    return stream.getvalue()


@pytest.mark.slow
def test_nothing_of_what_was_deleted_is_found(settings, database, session, person_id, song_path, own_portrait, own_cache):
    """A song, a picture and a film with everything that the product makes of them, then a search through every byte."""
    app, queue = create_app(settings), make_queue(settings)
    database.announce = app.extensions["belcanto"].database.announce = queue.announce
    api, keyed = ApiClient(app, person_id), {"Idempotency-Key": "k"}
    song = api.call("post", "/songs", data={"file": (song_path.open("rb"), f"{TITLE}.mp3")}, headers=keyed).json
    body = {"kind": "picture", "file_name": f"{IMAGE_TITLE}.jpg", "size_bytes": len(own_portrait)}
    own = api.post("/uploads", body).json["links"]["self"]
    for start in range(0, len(own_portrait), 100_000):
        piece = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(start)}
        api.patch(own, data=own_portrait[start : start + 100_000], headers=piece)
    picture = api.post(f"{own}/finish", {}, headers={"Idempotency-Key": "p"}).json
    options = {"height": 128, "start_s": 4.0, "duration_s": 1.5}
    order = {"song_id": song["id"], "picture_id": picture["id"], "options": options, "title": FILM_TITLE}
    film_id = api.post("/films", order, headers={"Idempotency-Key": "f"}).json["film"]["id"]
    worker = make_worker(settings, database, queue)
    worker.start()
    try:
        wait_for(lambda: session.commit() or get_film(session, person_id, film_id).metrics)
    finally:
        worker.stop()
    session.commit()
    contents = {path.name: path.read_bytes() for folder in (settings.data_dir, own_cache) for path in folder.rglob("*.*")
                if path.is_file() and path.suffix in (".mp3", ".jpg", ".mp4", ".html", ".wav", ".npz", ".npy")}  # fmt: skip
    assert {name.rpartition(".")[2] for name in contents} >= {"mp3", "jpg", "mp4", "html", "wav", "npz"}
    pieces = set().union(*(samples(content) for content in contents.values()))
    titles = set().union(*map(spelled, (TITLE, IMAGE_TITLE, FILM_TITLE)))
    folders = (settings.data_dir, own_cache)
    assert len(found(folders, pieces)) >= len(contents) and "belcanto.sqlite3" in " ".join(found(folders, titles))
    for kind, row_id in (("films", film_id), ("songs", song["id"]), ("pictures", picture["id"])):
        assert api.post(f"/{kind}/{row_id}/erase").status_code == 204
    assert found(folders, titles) == []
    assert found(folders, pieces) == []
    app.extensions["belcanto"].database.close()


def entry(settings, stage, key, inputs, text="x"):
    """A stage's result in the cache."""
    cache = StageCache(CacheSettings(settings.results_dir / "cache"))
    with cache.entry(stage, key, lambda folder: (folder / "f").write_text(text), lambda: None, inputs):
        return settings.results_dir / "cache" / stage / key


@pytest.fixture
def cache_in_the_data(settings, monkeypatch):
    monkeypatch.delenv("BELCANTO_CACHE_DIR")


@pytest.mark.slow
@pytest.mark.usefixtures("cache_in_the_data")
def test_what_others_have_too_stays_for_them(session, settings, person_id, song, picture, incoming, song_path):
    stems, portrait = entry(settings, "separate", "k1", [song.sha256]), entry(settings, "portrait", "k2", [picture.sha256])
    other = new_id()
    theirs = add_song(session, settings, other, incoming(song_path), "s.mp3")
    delete_song(session, settings, person_id, song.id)
    delete_picture(session, settings, person_id, picture.id)
    assert stems.is_dir() and not portrait.exists()
    delete_song(session, settings, other, theirs.id)
    assert not stems.exists()


@pytest.mark.usefixtures("cache_in_the_data")
def test_what_is_in_use_goes_as_soon_as_it_is_not(session, settings, person_id, song):
    stems, path = entry(settings, "separate", "k1", [song.sha256]), song_file(settings, song)
    with StageCache(CacheSettings(settings.results_dir / "cache")).entry("separate", "k1", lambda _: None, lambda: None):
        delete_song(session, settings, person_id, song.id)
        assert stems.is_dir() and path.is_file()
    assert sweep(session, settings) == 1
    assert not stems.exists() and not path.exists()


@pytest.mark.usefixtures("cache_in_the_data")
def test_a_song_that_is_being_listened_to_goes_when_that_ends(database, session, settings, person_id, song):
    row_id, path = ask_emotion(session, settings, person_id, song.id, 0.0, None).id, song_file(settings, song)
    store = DatabaseJobStore(database, settings)
    store.claim("a@x", "soon")
    delete_song(session, settings, person_id, song.id)
    heard = entry(settings, "motion", "k1", [song.sha256])  # the worker has not noticed yet
    assert path.is_file()
    store.finish(row_id, "a@x", {"emotion": EMOTION}, {})
    session.commit()
    assert not heard.exists() and not path.exists()
    assert session.query(Job).where(Job.turn == "soon").count() == 0


@pytest.mark.slow
def test_a_request_that_comes_again_tells_nothing_of_what_is_gone(session, settings, app, person_id, song, picture):
    api, headers = ApiClient(app, person_id), {"Idempotency-Key": "k"}
    film_id = api.post("/films", {"song_id": song.id, "picture_id": picture.id}, headers=headers).json["film"]["id"]
    assert session.query(IdempotencyKey).count() == 1
    session.commit()
    delete_work(session, settings, person_id, film_id)
    assert session.query(IdempotencyKey).count() == 0 == session.query(Job).count() == session.query(JobEvent).count()


def test_what_an_earlier_program_left_in_the_database_goes_at_the_start(database, settings, session, person_id, song):
    file = settings.results_dir / "belcanto.sqlite3"
    session.commit()
    with closing(sqlite3.connect(file, isolation_level=None)) as old:  # it did not zero what it deleted
        old.execute("PRAGMA secure_delete = OFF")
        old.execute("CREATE TABLE old (title TEXT)")
        old.executemany("INSERT INTO old VALUES (?)", [(TITLE * 20,)] * 100)
        old.execute("DROP TABLE old")
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert TITLE.encode() in file.read_bytes()
    create_app(settings).extensions["belcanto"].database.close()
    assert found([settings.data_dir], [TITLE.encode()]) == [] and (settings.results_dir / CLEAN).exists()


def test_a_database_at_work_is_written_anew_by_the_next_sweep(database, settings, session, person_id, film, monkeypatch):
    monkeypatch.setattr("app.services.erasure.BUSY_S", 0.1)
    assert scrub(session, settings)
    with database.session() as reader:
        reader.get(Job, film.job.id)  # holds a view of the database as it was
        delete_work(session, settings, person_id, film.id)
        assert list(settings.results_dir.glob(f"{UNCLEAN}*"))
    sweep(session, settings)
    assert not list(settings.results_dir.glob(f"{UNCLEAN}*"))
    assert (settings.results_dir / "belcanto.sqlite3-wal").stat().st_size == 0


def test_nothing_is_written_anew_where_nothing_was_erased(session, settings, film, finish_job):
    finish_job(film)
    scrub(session, settings)
    before = (settings.results_dir / "belcanto.sqlite3").stat().st_mtime_ns
    assert release_files(session, settings) == 0
    assert scrub(session, settings) and (settings.results_dir / "belcanto.sqlite3").stat().st_mtime_ns == before
    assert film_file(settings, film).is_file()


def test_a_large_database_is_left_to_the_sweep(session, settings, film, monkeypatch):
    monkeypatch.setattr("app.services.erasure.AT_ONCE_BYTES", 10)
    mark_erased(settings)
    assert not scrub(session, settings, at_once=True) and scrub(session, settings)
