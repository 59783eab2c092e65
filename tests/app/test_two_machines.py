"""Two machines with folders of their own, that share database, store and Redis: what one is given, the other makes a film of."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace

import pytest

from app.database import Database
from app.job_wiring import make_queue
from app.models import Job
from app.server import create_app
from app.services import uploads
from app.services.films import order_film
from app.services.keeping import sweep
from app.services.pictures import add_picture
from app.services.releasing import release_files
from app.services.songs import add_song
from app.services.works import delete_work
from core.stores import failures
from core.stores.failures import StoreFailed
from core.stores.settings import StorageSettings
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import ApiClient
from tests.core.stores.conftest import bucket, s3_server  # noqa: F401 (fixtures)

pytestmark = pytest.mark.long

SHORT = SongToVideoSettings(height=128, start_s=4.0, duration_s=1.5)
MASTER_KEY = base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def here(settings, bucket, redis_url):  # noqa: F811
    """One machine: the pages are served here."""
    made = replace(
        settings,
        database_url=settings.database,
        storage=StorageSettings(bucket.url, bucket.options),
        encryption=True,
        master_key=MASTER_KEY,
        queue="redis",
        redis_url=redis_url,
        locks="redis",
    )
    made.make_folders()
    return made


@pytest.fixture
def opened(here):
    """A session there; orders reach the queue."""
    database = Database(here)
    database.announce = make_queue(here).announce
    with database.session() as session:
        yield session
    database.close()


@contextmanager
def worker_there(here, bucket, folder):  # noqa: F811
    """The other machine: a worker in a process of its own, with a data folder of its own."""
    values = {
        "BELCANTO_DATA_DIR": str(folder),
        "BELCANTO_DATABASE_URL": here.database,
        "BELCANTO_QUEUE": "redis",
        "BELCANTO_LOCKS": "redis",
        "BELCANTO_REDIS_URL": here.redis_url,
        "BELCANTO_MASTER_KEY": MASTER_KEY,
        "BELCANTO_CACHE_URL": bucket.url.replace("prefix", "cache"),
        "BELCANTO_CACHE_DIR": str(folder / "cache"),
    }
    with (folder.parent / "worker.log").open("ab") as sink:
        command = [sys.executable, "-m", "app.worker"]
        environment = {**os.environ, **bucket.environment(), **values}
        with subprocess.Popen(command, env=environment, stdout=sink, stderr=sink) as process:
            yield
            process.terminate()
            process.wait(60)


def ended(session, job_id, limit_s=300.0):
    end_s = time.monotonic() + limit_s
    while True:
        session.commit()
        session.expire_all()
        job = session.get(Job, job_id)
        if job.state in ("done", "failed", "cancelled"):
            return job
        assert time.monotonic() < end_s, "it took too long"
        time.sleep(0.1)


def left(folder):
    """The media files that lie where they would without a store."""
    found = [path for each in ("uploads", "results") for path in (folder / each).rglob("*.*")]
    return [path for path in found if path.suffix in (".mp3", ".mp4", ".jpg", ".png")]


@pytest.mark.slow
def test_a_song_given_here_becomes_a_film_there_that_is_served_here(
    here,
    opened,
    bucket,  # noqa: F811
    tmp_path,
    person_id,
    incoming,
    song_path,
    picture_path,
):
    song = add_song(opened, here, person_id, incoming(song_path), "Song.mp3")
    picture = add_picture(opened, here, person_id, incoming(picture_path), "Portrait.jpg")
    there = tmp_path / "there"
    with worker_there(here, bucket, there):
        film, _ = order_film(opened, here, person_id, song.id, picture.id, SHORT)
        job = ended(opened, film.job.id)
        assert job.state == "done", (job.message, (tmp_path / "worker.log").read_text()[-3000:])
        again, _ = order_film(opened, here, person_id, song.id, picture.id, replace(SHORT, height=144))
        assert ended(opened, again.job.id).state == "done"
    assert left(here.data_dir) == [] and left(there) == []
    objects = bucket.names()
    assert f"prefix/results/film-{film.id}.mp4" in objects and f"prefix/uploads/{song.file_name}" in objects
    assert any(name.startswith("cache/") and name.endswith(".tar") for name in objects)
    assert not any(b"ftyp" in bucket.content(name)[:4096] for name in objects)
    app = create_app(here)
    app.config.update(TESTING=True)
    client = ApiClient(app, person_id)
    address = f"/api/v1/films/{film.id}/file"
    whole = client.get(address)
    assert whole.status_code == 200 and b"ftyp" in whole.data[:16] and len(whole.data) == film.size_bytes
    part = client.get(address, headers={"Range": "bytes=1000-1999"})
    assert part.status_code == 206 and part.data == whole.data[1000:2000]
    app.extensions["belcanto"].database.close()
    delete_work(opened, here, person_id, film.id)
    release_files(opened, here, person_id)
    assert f"prefix/results/film-{film.id}.mp4" not in bucket.names()


def test_an_upload_in_pieces_goes_on_at_another_machine(here, opened, bucket, tmp_path, person_id, song_path):  # noqa: F811
    there = replace(here, data_dir=tmp_path / "there", master_key=MASTER_KEY)
    there.make_folders()
    content = song_path.read_bytes()
    half = min(len(content) // 2, here.limits.piece_bytes)
    upload = uploads.begin_upload(opened, here, person_id, "song", "Song.mp3", len(content))
    uploads.continue_upload(opened, here, person_id, upload.id, 0, content[:half])
    begin = half
    while begin < len(content):
        piece = content[begin : begin + here.limits.piece_bytes]
        begin += len(piece)
        uploads.continue_upload(opened, there, person_id, upload.id, begin - len(piece), piece)
    song = uploads.finish_upload(opened, there, person_id, upload.id)
    assert here.uploads.has(song.file_name) and here.uploads.size_bytes(song.file_name) == len(content)
    with here.vault.open(here.uploads.path(song.file_name)) as file:
        assert file.read() == content
    assert bucket.names() == [f"prefix/uploads/{song.file_name}"]


def test_a_store_cut_off_in_the_middle_keeps_nothing_half_and_what_no_row_names_goes(
    here,
    opened,
    bucket,  # noqa: F811
    person_id,
    incoming,
    song_path,
    monkeypatch,
):
    monkeypatch.setattr(failures, "FIRST_PAUSE_S", 0.01)
    fs = here.vault.files.store._opened[0]
    put = type(fs).put_file

    def cut(*arguments, **named):
        put(fs, *arguments, **named)
        raise ConnectionError("cut")

    def refused(*_, **__):
        raise PermissionError("Access Denied")

    with monkeypatch.context() as patch:
        patch.setattr(fs, "put_file", cut)  # all of it arrived, but nobody was told
        patch.setattr(fs, "rm_file", refused)
        with pytest.raises(StoreFailed):
            add_song(opened, here, person_id, incoming(song_path), "Song.mp3")
    assert len(bucket.names()) == 1
    monkeypatch.setattr("app.services.keeping.LEFTOVER_S", -5.0)
    assert sweep(opened, here) >= 1
    assert bucket.names() == []
    song = add_song(opened, here, person_id, incoming(song_path), "Song.mp3")
    assert bucket.names() == [f"prefix/uploads/{song.file_name}"]
