"""Workers announce what they can, and work goes to those that can do it: on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from app.database import Database, writing
from app.job_store import DatabaseJobStore
from app.migrations.upgrade import upgrade
from app.models import Job, new_id
from app.services.jobs import queue_job
from app.watching.announcing import TableAnnouncer, first_abilities, write
from app.watching.living import GONE_S, living_workers, somebody_does, somebody_has, undoable, why_nobody
from app.watching.models import WorkerRow
from jobs.abilities import Abilities, Card, cards, memory_mb, read_cards
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.needs import Needs, needs_of
from pipeline.works.song_to_film import SONG_TO_FILM
from tests.app.conftest import copy_row

PLAIN = Abilities("plain", 2, 8000, (), frozenset({"song_to_film"}), frozenset({"mesh"}))
WITH_CARD = replace(PLAIN, machine="card", cards=(Card("A100", 40_000),), engines=frozenset({"mesh", "liveportrait"}))


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request, settings):
    if request.param == "sqlite":
        return settings
    return replace(settings, database_url=request.getfixturevalue("postgres_url"))


@pytest.fixture
def database(settings):
    base = Database(settings)
    upgrade(base.engine, settings)
    forget(base)  # PostgreSQL is one for the tests of many files, whose jobs may wait there yet
    yield base
    forget(base)
    base.close()


def forget(base):
    """Nobody works, and nothing waits."""
    with base.session() as session, writing(session):
        session.query(WorkerRow).delete()
        session.query(Job).update({"state": "cancelled"})


def announce(session, name, abilities, job_id=None):
    with writing(session):
        write(session, name, abilities, job_id)
    session.info.pop("living_workers", None)


def order(session, song, picture, **needs):
    """A job that waits, with needs of its own."""
    with writing(session):
        job = queue_job(session, SONG_TO_FILM, {"song": song, "portrait": picture}, {})
        for name, value in needs.items():
            setattr(job, name, value)
    return job


def store_of(database, settings, abilities):
    made = DatabaseJobStore(database, settings)
    made.abilities = lambda: abilities
    return made


def test_a_job_goes_to_whoever_can_do_it(database, session, settings, song, picture):
    hard = order(session, song, picture, engine="liveportrait", needs_card=True)
    plain, card = store_of(database, settings, PLAIN), store_of(database, settings, WITH_CARD)
    assert plain.waiting("fair") == 0 and plain.claim("plain", "fair") is None
    easy = order(session, song, picture)
    assert plain.claim("plain", "fair").job_id == easy.id
    assert card.waiting("fair") == 1 and card.claim("card", "fair").job_id == hard.id
    large = order(session, song, picture, needs_memory_mb=9000)
    assert card.claim("card", "fair") is None
    assert store_of(database, settings, replace(PLAIN, memory_mb=0)).claim("unknown", "fair").job_id == large.id


def test_among_those_that_it_can_do_people_take_turns(database, session, settings, shelf):
    people = [new_id(), new_id()]
    given = {each: [copy_row(session, settings, each, shelf[0], shelf[index]) for index in (1, 2)] for each in people}
    for each in people:
        for _ in range(2):
            order(session, *given[each])
            order(session, *given[each], engine="liveportrait")
    store = store_of(database, settings, PLAIN)
    turns = [store.claim("plain", "fair").owner for _ in range(4)]
    assert turns[0] != turns[1] and turns[2] != turns[3] and store.claim("plain", "fair") is None


def test_why_nobody_does_it_is_said(session, song, picture):
    session.expire_on_commit = False
    job = order(session, song, picture, engine="liveportrait", needs_card=True)
    assert why_nobody(job).code == "app.no_worker_lives"
    announce(session, "plain", PLAIN)
    assert why_nobody(job).code == "app.no_worker_has_card" and undoable(session) == 1
    announce(session, "card", replace(WITH_CARD, engines=frozenset()))
    assert "liveportrait" in str(why_nobody(job))
    announce(session, "card", replace(WITH_CARD, memory_mb=100))
    with writing(session):
        job.needs_memory_mb = 9000
    assert "9000 MB" in str(why_nobody(job))
    announce(session, "card", replace(WITH_CARD, memory_mb=10_000, kinds=frozenset()))
    assert why_nobody(job).code == "app.no_worker_can"
    announce(session, "card", replace(WITH_CARD, memory_mb=10_000))
    assert why_nobody(job) is None and undoable(session) == 0 and somebody_has(session, "liveportrait")
    assert somebody_does(session, "song_to_film", Needs("liveportrait", True, 9000))
    assert not somebody_does(session, "dub", Needs())


def test_who_is_silent_is_gone_and_later_forgotten(session):
    announce(session, "one", PLAIN)
    announce(session, "two", WITH_CARD, "a job")
    assert [row.name for row in living_workers(session)] == ["one", "two"]
    row = session.get(WorkerRow, "one")
    with writing(session):
        row.seen_at -= timedelta(seconds=GONE_S + 1)
    session.info.pop("living_workers")
    assert [(row.name, row.job_id) for row in living_workers(session)] == [("two", "a job")]
    with writing(session):
        row.seen_at -= timedelta(hours=2)
    announce(session, "two", WITH_CARD)
    assert session.get(WorkerRow, "one", populate_existing=True) is None


def test_a_worker_announces_itself_and_leaves(database, settings, session):
    announcer = TableAnnouncer(database, settings)
    announcer.tell("me", None)
    (row,) = living_workers(session)
    assert {"song_to_film", "dub", "film_stems"} <= set(row.kinds) and "mesh" in row.engines and row.cores >= 1
    for thread in threading.enumerate():
        if thread.name == "look-at-engines":
            thread.join()
    announcer.tell("me", "a job")
    session.info.pop("living_workers")
    session.rollback()
    assert living_workers(session)[0].job_id == "a job" and "anime" in living_workers(session)[0].engines
    announcer.leave("me")
    session.info.pop("living_workers")
    session.rollback()
    assert not living_workers(session)


def test_needs_are_found_in_the_options():
    assert needs_of({}) == needs_of({"engine": "auto"}) == Needs()
    assert needs_of({"engine": "mesh", "device": "cuda"}) == Needs("mesh", True, 1500)
    assert needs_of({"engine": "liveportrait"}) == Needs("liveportrait", False, 3000)
    assert needs_of({"engine": "musetalk"}) == Needs("musetalk", False, 3000)


def test_other_weights_than_the_usual_ones_anybody_may_try():
    usual = {name: dict(engine.needs(SongToVideoSettings(engine=engine.name))) for engine in ENGINES for name in [engine.name]}
    choosing = {name: options for name, options in usual.items() if options}
    assert choosing, "an engine's options decide which weights it needs"
    for name, options in choosing.items():
        assert needs_of({"engine": name, **options}).engine == name
        assert needs_of({"engine": name, **options, next(iter(options)): "another"}).engine == ""


def test_the_machine_is_read(tmp_path):
    meminfo, limit = tmp_path / "meminfo", tmp_path / "limit"
    meminfo.write_text("MemTotal:        8000000 kB\nMemFree: 1 kB\n")
    assert memory_mb(meminfo, (limit,)) == 7812
    limit.write_text("max\n")
    assert memory_mb(meminfo, (limit,)) == 7812
    limit.write_text(f"{2 << 30}\n")
    assert memory_mb(meminfo, (limit,)) == 2048
    assert memory_mb(tmp_path / "nothing") == 0
    assert read_cards("NVIDIA H200, 143771\nbroken\n, x\n") == (Card("NVIDIA H200", 143771),)
    assert isinstance(cards(), tuple) and first_abilities().memory_mb == memory_mb()
