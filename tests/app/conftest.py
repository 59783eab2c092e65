"""Fixtures of the web interface's tests: each test has folders and a database of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import pytest
import redis
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import create_engine
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app import create_app
from app.database import Database, writing
from app.handing_in import RECEPTION
from app.migrations.upgrade import upgrade
from app.models import Clip, Job, Picture, Song, Work, new_id, now
from app.services.clips import add_clip
from app.services.films import order_film
from app.services.people import ensure_person
from app.services.pictures import add_picture_stream
from app.services.songs import add_song_stream
from app.settings import AppSettings, Limits
from benchmarks.live_server import free_port
from tests.app.api_client import ApiClient, Rows
from tests.pipeline.dubbing import film as grey_film


@pytest.fixture(scope="session", autouse=True)
def addresses_compiled_once():
    """Each test makes an application of its own, and Werkzeug takes each of its addresses apart and compiles functions for it.

    That is most of the making, and it depends on the address alone: it is done once here.
    """
    compile_rule, known = Rule.compile, {}

    def remembered(rule):
        place = rule.host if rule.map.host_matching else rule.subdomain
        key = rule.rule, place, rule.merge_slashes, tuple((rule.defaults or {}).items()), tuple(rule.map.converters.values())
        if key not in known:
            compile_rule(rule)
            known[key] = rule._parts, rule._trace, rule._converters, rule._build.__func__, rule._build_unknown.__func__
        rule._parts, rule._trace, rule._converters, build, build_unknown = known[key]
        rule.arguments |= rule._converters.keys()
        rule._build, rule._build_unknown = build.__get__(rule), build_unknown.__get__(rule)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "compile", remembered)
        yield


@pytest.fixture(scope="session", autouse=True)
def statements_compiled_once():
    """Each test has a database of its own, and SQLAlchemy writes the SQL of a statement anew for each.

    That takes longer than to carry it out, and depends on the statement and the kind of database alone: it is done once here.
    """
    compiled, make = LRUCache(2000), create_engine

    def remembering(*arguments, **values):
        engine = make(*arguments, **values)
        if isinstance(engine.dialect, SQLiteDialect_pysqlite):
            engine._compiled_cache = compiled
        return engine

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("app.database.create_engine", remembering)
        patch.setattr(SQLiteDialect_pysqlite, "__eq__", lambda one, other: type(one) is type(other))
        patch.setattr(SQLiteDialect_pysqlite, "__hash__", lambda one: hash(type(one)))
        yield


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(once):
    """Each test's application would read and compile the pages' templates anew, which takes longer than most tests."""
    compiled = FileSystemBytecodeCache(str(once("templates", Path.mkdir)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": compiled})
        yield


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory) -> Path:
    """A database without rows, made once: copying it is quicker than the migrations."""
    folder = tmp_path_factory.mktemp("fresh")
    settings = AppSettings(data_dir=folder)
    database = Database(settings)
    upgrade(database.engine, settings)
    database.close()
    return folder / "results" / "belcanto.sqlite3"


@pytest.fixture
def settings(tmp_path, fresh_database) -> AppSettings:
    """Settings whose folders are the test's."""
    sealed = os.environ.get("BELCANTO_TEST_SEALED") == "1"
    made = AppSettings(data_dir=tmp_path / "data", limits=Limits(inspection_s=60.0), encryption=sealed)
    made.make_folders()
    shutil.copy(fresh_database, made.results_dir)
    return made


@pytest.fixture
def limited(settings):
    """Gives the settings with other limits: `limited(songs=1)`."""
    return lambda **limits: replace(settings, limits=replace(settings.limits, **limits))


@pytest.fixture
def app(settings):
    """The application. Its forms are not marked against other sites; the tests of the marking switch that on again."""
    made = create_app(settings)
    made.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    reception = made.extensions[RECEPTION]
    reception.settings = replace(reception.settings, answer_within_s=120.0)  # the machine may be busy
    yield made
    made.extensions["belcanto"].database.close()


@pytest.fixture
def asks_consent():
    """For tests that look at what is asked before the first film of a picture."""


@pytest.fixture(autouse=True)
def consent_given(request, monkeypatch):
    """In all other tests people have stated that their pictures may be used."""
    if "asks_consent" not in request.fixturenames:
        monkeypatch.setattr("app.services.consent.lacks_consent", lambda asset: False)


@pytest.fixture
def client(app):
    """A visitor."""
    return app.test_client()


@pytest.fixture
def database(settings):
    """The test's database, beside whatever the application has open."""
    base = Database(settings)
    yield base
    base.close()


@pytest.fixture
def session(database):
    """A session of it."""
    with database.session() as opened:
        yield opened


@pytest.fixture
def person_id() -> str:
    """Somebody who has nothing yet."""
    return new_id()


@pytest.fixture
def api(app, person_id):
    """The person's client of the API."""
    return ApiClient(app, person_id)


@pytest.fixture
def rows(session, settings, person_id):
    """Makes the person's rows."""
    return Rows(session, settings, person_id)


@pytest.fixture
def incoming(settings):
    """Copies a file or writes bytes to where uploads come in: `incoming(path_or_bytes)` gives the new path."""

    def make(source: Path | bytes) -> Path:
        path = settings.incoming_dir / f"{new_id()}.part"
        path.write_bytes(source if isinstance(source, bytes) else source.read_bytes())
        return path

    return make


@pytest.fixture
def song_path(root_dir) -> Path:
    """A real song: 23 s, MP3."""
    return root_dir / "demo" / "song.mp3"


@pytest.fixture
def picture_path(root_dir) -> Path:
    """A real portrait: JPEG, 1024 px."""
    return root_dir / "demo" / "portrait.jpg"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory, root_dir, fresh_database):
    """A song, a picture and a film that somebody added, with their files: looked at once, copied for each test."""
    settings = AppSettings(data_dir=tmp_path_factory.mktemp("shelf"))
    settings.make_folders()
    shutil.copy(fresh_database, settings.results_dir)
    database, somebody = Database(settings), new_id()
    with database.session() as session, (root_dir / "demo" / "song.mp3").open("rb") as sound:
        song = add_song_stream(session, settings, somebody, sound, "My song.mp3")
        with (root_dir / "demo" / "portrait.jpg").open("rb") as image:
            picture = add_picture_stream(session, settings, somebody, image, "My portrait.jpg")
        clip = add_clip(session, settings, somebody, grey_film(settings.incoming_dir / "talk.mp4", 25), "My film.mp4")
    database.close()
    return settings, song, picture, clip


def copy_row(session, settings, person_id, shelf_settings, row):
    """The row as the person's own, with its files."""
    values = {column.key: getattr(row, column.key) for column in type(row).__mapper__.column_attrs}
    names = [name for name in ("file_name", "thumb_name") if name in values]
    for name in names:
        shutil.copy(shelf_settings.uploads_dir / values[name], settings.uploads_dir)
    ensure_person(session, person_id)
    mine = type(row)(**{**values, "id": new_id(), "person_id": person_id, "created_at": now()})
    with writing(session):
        session.add(mine)
    return mine


@pytest.fixture
def song(session, settings, person_id, shelf) -> Song:
    """The person's song: the demo's."""
    return copy_row(session, settings, person_id, shelf[0], shelf[1])


@pytest.fixture
def picture(session, settings, person_id, shelf) -> Picture:
    """The person's picture: the demo's."""
    return copy_row(session, settings, person_id, shelf[0], shelf[2])


@pytest.fixture
def clip(session, settings, person_id, shelf) -> Clip:
    """A film of the person's that may get other lips."""
    return copy_row(session, settings, person_id, shelf[0], shelf[3])


@pytest.fixture
def film(session, settings, person_id, song, picture) -> Work:
    """A film that waits."""
    return order_film(session, settings, person_id, song.id, picture.id)[0]


@pytest.fixture
def finish_job(session, settings):
    """Ends a film's newest job as the worker would: `finish_job(film)` makes a file for it that is no real film."""

    def finish(film: Work, state: str = "done", content: bytes = b"film") -> Job:
        job = film.job
        job.state, job.finished_at = state, now()
        if state == "done":
            film.files = {"film": f"film-{new_id()}.mp4"}
            (settings.results_dir / film.file_name).write_bytes(content)
        session.commit()
        return job

    return finish


@pytest.fixture(scope="session")
def postgres_url():
    """A PostgreSQL server of the test's own, reached through a socket in its folder."""
    here = os.pathsep.join([os.environ["PATH"], *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))])  # as Debian has it
    programs = {name: shutil.which(name, path=here) for name in ("initdb", "pg_ctl")}
    if not all(programs.values()):
        pytest.skip("PostgreSQL's programs (initdb, pg_ctl) are not installed")
    pytest.importorskip("psycopg")
    who = {"user": "nobody"} if os.geteuid() == 0 else {}  # PostgreSQL refuses to run as root
    with tempfile.TemporaryDirectory(prefix="pg") as name:  # a short path: sockets' names are short
        folder = Path(name)
        if who:
            shutil.chown(folder, "nobody")

        def run(program, *arguments):
            command = [programs[program], "-D", folder / "data", *arguments]
            with (folder / "out").open("ab") as out:  # the server inherits it; a pipe would never end
                subprocess.run(command, check=True, stdout=out, stderr=out, cwd=folder, **who)

        run("initdb", "-U", "belcanto", "-A", "trust", "--no-sync")
        run("pg_ctl", "-w", "-o", f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off", "start")
        yield f"postgresql://belcanto@/postgres?host={folder}"
        run("pg_ctl", "-m", "immediate", "stop")


@pytest.fixture
def redis_url(tmp_path):
    """A Redis of the test's own, that keeps nothing on disk."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed; on Debian and Ubuntu: sudo apt install redis-server")
    port = free_port()
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as server:
        url = f"redis://127.0.0.1:{port}/0"
        end_s = time.monotonic() + 60.0
        while not answers(url):
            assert time.monotonic() < end_s, "Redis did not begin"
            time.sleep(0.05)
        yield url
        server.terminate()


def answers(url):
    """Whether that Redis answers."""
    try:
        return redis.Redis.from_url(url).ping()
    except redis.RedisError:
        return False
