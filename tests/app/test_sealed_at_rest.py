"""What people keep lies sealed: a film is ordered, made and looked at, and nothing of it or of what it was made of can be read on
the disk while nobody works on it."""

from __future__ import annotations

import io
import subprocess
import time
import zipfile
from dataclasses import replace

import numpy as np
import pytest

from app import create_app
from app.models import Job, Song, Work, new_id
from app.services.bundles import bundle, bundle_bytes, files_of
from app.services.films import order_film
from app.services.glimpses import glimpse_file
from app.services.pictures import add_picture_stream
from app.services.songs import add_song_stream
from app.worker import make_worker
from core.sealed_files import key_id_of
from media.ffmpeg_run import ffmpeg_path
from media.media import probe_video
from pipeline.cache_entries import SEALED
from pipeline.film_settings import SongToVideoSettings
from tests.app.api_client import ApiClient

#: How files begin whose kinds the program makes and takes; long enough that sealed bytes hold none by chance.
BEGINNINGS = (
    b"ftypisom",
    b"ftypmp42",
    b"JFIF\x00\x01",
    b"\x93NUMPY",
    b"\x89PNG\r\n\x1a\n",
    b"WAVEfmt ",
    b"\xff\xd8\xff\xe0\x00\x10",
    b"<!doctype html",
)
#: Bytes of a canary, and between two of them.
CANARY_BYTES, STRIDE = 16, 997
LIMIT_S = 240.0


@pytest.fixture
def sealing(settings):
    """Settings under which what people keep is sealed, as the environment has it."""
    return replace(settings, encryption=True)


def canaries_of(content: bytes) -> set[bytes]:
    """Pieces of a content by which it is known again; none that is all alike, and no text: what a film says of itself, its engine
    and its options, stands in the database too, which is not sealed."""
    pieces = (content[begin : begin + CANARY_BYTES] for begin in range(0, len(content) - CANARY_BYTES, STRIDE))
    return {piece for piece in pieces if len(set(piece)) > 8 and sum(byte > 127 for byte in piece) >= 3}


def finds(folder, canaries: set[bytes]) -> list[str]:
    """Files below the folder in which any canary or any beginning stands. Every place of every file is looked at."""
    found = []
    for path in (path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        held = any(beginning in content for beginning in BEGINNINGS)
        held = held or any(content[at : at + CANARY_BYTES] in canaries for at in range(len(content) - CANARY_BYTES + 1))
        found += [path.name] if held else []
    return found


def sound_of(path) -> list[bytes]:
    """The song's samples, as a cache might keep them: 16 bits and 32, one channel and both."""
    formats = [(kind, channels) for kind in ("s16le", "f32le") for channels in ("1", "2")]
    command = [ffmpeg_path(), "-v", "error", "-i", str(path)]
    return [
        subprocess.run([*command, "-f", kind, "-ac", channels, "-"], capture_output=True, check=True).stdout
        for kind, channels in formats
    ]


def made(app, settings, work_id):
    """Have the film made by the worker, and all that is found out about it."""
    parts = app.extensions["belcanto"]
    worker = make_worker(settings, parts.database)
    worker.start()
    try:
        end_s = time.monotonic() + LIMIT_S
        while time.monotonic() < end_s:
            with parts.database.session() as session:
                jobs = session.query(Job).all()
                if jobs and all(job.state not in ("queued", "running") for job in jobs):
                    work = session.get(Work, work_id)
                    assert work.job.state == "done", work.job.failure
                    return work
            time.sleep(0.2)
    finally:
        worker.stop()
    raise AssertionError("the film was not made in time")


def test_nothing_of_a_person_lies_open_on_the_disk(sealing, song_path, picture_path, monkeypatch):
    monkeypatch.delenv("BELCANTO_CACHE_DIR", raising=False)  # where the tests share one
    app, person = create_app(sealing), new_id()
    database = app.extensions["belcanto"].database
    with database.session() as session:
        with song_path.open("rb") as sound, picture_path.open("rb") as image:
            song = add_song_stream(session, sealing, person, sound, "My song.mp3")
            picture = add_picture_stream(session, sealing, person, image, "My portrait.jpg")
        options = SongToVideoSettings(height=128, fps=12.0, start_s=4.0, duration_s=1.5, engine="mesh")
        film = order_film(session, sealing, person, song.id, picture.id, options)[0]
    work = made(app, sealing, film.id)
    film_path = sealing.results.path(work.files["film"])
    with database.session() as session:
        glimpse = glimpse_file(sealing, session.get(Work, film.id))
    given = [sealing.uploads.path(name) for name in (song.file_name, picture.file_name, picture.thumb_name)]
    entries = list(sealing.results_dir.glob("cache/*/*/*"))
    assert {path.name for path in entries} == {SEALED, "contents.json", "manifest.json"}
    for path in (*given, film_path, glimpse, *(path for path in entries if path.name == SEALED)):
        assert key_id_of(path) is not None, path.name

    contents = [sealing.vault.read_bytes(path) for path in (*given, film_path, glimpse)]
    canaries = set().union(*(canaries_of(content) for content in (*contents, *sound_of(song_path))))
    assert len(canaries) > 10_000
    assert finds(sealing.data_dir, canaries) == []
    assert not any(any(base.iterdir()) for base in sealing.vault.workspace.bases()), "no working copy is left"

    with sealing.vault.plain(film_path) as plain:  # the same looking finds what does lie open
        assert probe_video(plain).frames == 18
        assert finds(plain.parent, canaries) == [plain.name]
    check_ranges(ApiClient(app, person), work, contents[3])


def check_ranges(api, work, content):
    """The player and who downloads get the film's bytes, and no others."""
    at = f"/films/{work.id}/file"
    whole = api.get(at)
    assert whole.data == content and whole.headers["Content-Length"] == str(len(content))
    tag = whole.headers["ETag"]
    part = api.get(at, headers={"Range": "bytes=100-299"})
    assert (part.status_code, part.data) == (206, content[100:300])
    assert part.headers["Content-Range"] == f"bytes 100-299/{len(content)}"
    assert api.get(at, headers={"Range": "bytes=-50"}).data == content[-50:]
    assert api.get(at, headers={"Range": f"bytes={len(content)}-"}).status_code == 416
    assert api.get(at, headers={"Range": "bytes=0-9", "If-Range": tag}).data == content[:10]
    assert api.get(at, headers={"Range": "bytes=0-9", "If-Range": '"another"'}).data == content
    kept = api.http.get(f"/api/v1{at}", headers={"If-None-Match": tag})
    assert (kept.status_code, kept.data) == (304, b"")
    head = api.http.head(f"/api/v1{at}")
    assert (head.data, head.headers["Content-Length"], head.headers["ETag"]) == (b"", str(len(content)), tag)


def test_the_same_song_of_two_persons_is_sealed_twice(sealing, song_path):
    app = create_app(sealing)
    files = []
    with app.extensions["belcanto"].database.session() as session:
        for _ in range(2):
            with song_path.open("rb") as sound:
                song = add_song_stream(session, sealing, new_id(), sound, "My song.mp3")
            files.append(sealing.uploads.path(song.file_name))
    one, other = (path.read_bytes() for path in files)
    assert key_id_of(files[0]) != key_id_of(files[1])
    assert not canaries_of(one) & canaries_of(other)
    assert sealing.vault.read_bytes(files[0]) == sealing.vault.read_bytes(files[1]) == song_path.read_bytes()


def test_a_file_of_a_time_without_sealing_is_read_as_ever(sealing, settings, song_path, person_id):
    app = create_app(settings)
    with app.extensions["belcanto"].database.session() as session, song_path.open("rb") as sound:
        song = add_song_stream(session, settings, person_id, sound, "My song.mp3")
    assert key_id_of(settings.uploads.path(song.file_name)) is None
    api = ApiClient(create_app(sealing), person_id)
    assert api.get(f"/songs/{song.id}/file").data == song_path.read_bytes()


def test_a_bundle_holds_the_files_as_they_were_given(sealing, song_path, person_id):
    app = create_app(sealing)
    with app.extensions["belcanto"].database.session() as session, song_path.open("rb") as sound:
        song = add_song_stream(session, sealing, person_id, sound, "My song.mp3")
        files = files_of(sealing, [session.get(Song, song.id)], {"songs": "Songs"})
        zipped = b"".join(bundle(files))
    assert len(zipped) == bundle_bytes(files)
    with zipfile.ZipFile(io.BytesIO(zipped)) as archive:
        assert archive.read("Songs/My song.mp3") == song_path.read_bytes()


def test_the_looking_finds_pieces_at_any_place(tmp_path):
    content = np.random.default_rng(1).bytes(5000)
    (tmp_path / "held").write_bytes(b"x" * 77 + content[1990:2100])
    (tmp_path / "free").write_bytes(np.random.default_rng(2).bytes(5000))
    assert finds(tmp_path, canaries_of(content)) == ["held"]
