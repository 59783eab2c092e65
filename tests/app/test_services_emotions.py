"""A film's emotion as an option, and a song's emotion as somebody asks for it: read, kept, found by the worker, let go."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import timedelta

import pytest

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import Job, new_id, now
from app.services.emotions import ask_emotion, emotion_found, known_emotion, part_of_job
from app.services.films import get_film, make_again, order_film
from app.services.key_points import points_words
from app.services.options import film_options, options_json
from app.services.questions import MOST_WAITING, TRY_AGAIN
from app.services.songs import delete_song
from app.store_access import SILENCE_S
from core.errors import InputError
from core.messages import as_written
from pipeline.film_settings import SongToVideoSettings
from tests.app.emotions import EMOTION, told
from tests.app.test_services_films import other_song

__all__ = ["other_song"]


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def ask(session, settings, person_id, song):
    """Asks for the emotion of a part of the person's song."""
    return lambda start_s=0.0, duration_s=None: ask_emotion(session, settings, person_id, song.id, start_s, duration_s)


@pytest.mark.parametrize(
    "given",
    [
        [{"time_s": 0, "value": 0.3}, {"time_s": 12.5, "value": 0.9}],
        [[0, 0.3], (12.5, 0.9)],
        "0:0.3, 12.5:0.9",
        "0:0.3,12.5:0.9,",
        "0:0,3; 12,5:0,9",
        "0:0.3\n12.5000001:0.9",
    ],
)
def test_key_points_are_read_from_json_and_from_what_people_type(given):
    options = film_options({"intensity": given})
    assert options.intensity_points == ((0.0, 0.3), (12.5, 0.9))
    assert options_json(options)["intensity"] == [{"time_s": 0.0, "value": 0.3}, {"time_s": 12.5, "value": 0.9}]
    assert film_options(options_json(options)) == options
    assert film_options({"intensity": points_words(options.intensity_points)}) == options
    assert options.intensity_points == options.intensity_points


@pytest.mark.parametrize("nothing", [None, "", [], "  ", ","])
def test_no_key_points_mean_the_songs_own_curve(nothing):
    assert film_options({"intensity": nothing}) == SongToVideoSettings()


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ("0:0.3, 12.5", "The key point '12.5' of the intensity"),
        ("@/etc/passwd", "can't be read"),
        ("0:0.3, 12.5:2", "Key point 2 of the intensity .* has the value 2; 0 to 1"),
        ("-1:0.3", "lies at -1 s"),
        ("5:0.3, 4:0.5", "must be in order of time, but 4 s comes after 5 s"),
        ("5:0.3, 5.0001:0.5", "must be in order of time"),
        ("0:nan", "0 to 1 are accepted"),
        ([[0, True]], "Key point 1 of the intensity .* is not a pair"),
        ([["0", "1"]], "is not a pair"),
        ([{"time_s": 0}], "is not a pair"),
        ([[0, 0.1, 0.2]], "is not a pair"),
        ([[1e999, 0.5]], "lies at inf s"),
        ([[second, 0.5] for second in range(1001)], "more than 1000 key points"),
        (7, "must be a list of key points"),
        ({"time_s": 0, "value": 1}, "must be a list of key points"),
    ],
)
def test_key_points_that_do_not_fit_are_refused_with_a_sentence(given, sentence):
    with pytest.raises((Refused, InputError), match=sentence):
        film_options({"intensity": given})


@pytest.mark.parametrize(
    ("given", "sentence"),
    [({"style": "merry"}, "merry; choose one of auto, neutral"), ({"lips": ["learned"]}, "choose one of learned")],
)
def test_what_is_no_style_and_no_lips_is_refused(given, sentence):
    with pytest.raises(InputError, match=sentence):
        film_options(given)


@pytest.mark.slow
def test_a_key_point_beyond_the_end_of_the_part_is_refused(session, settings, person_id, song, picture):
    late = SongToVideoSettings(start_s=2, duration_s=3, intensity_points=((0.0, 0.1), (3.5, 0.2)))
    with pytest.raises(InputError, match=r"beyond the film's end at 3\.00 s"):
        order_film(session, settings, person_id, song.id, picture.id, late)
    film, created = order_film(
        session, settings, person_id, song.id, picture.id, SongToVideoSettings(intensity_points=((22.0, 0.2),))
    )
    assert created and film.options["intensity"] == [{"time_s": 22.0, "value": 0.2}]


def test_made_again_it_keeps_its_emotion_but_not_with_another_song(session, settings, person_id, song, other_song, picture):
    wanted = SongToVideoSettings(style="sad", intensity_points=((0.0, 0.1), (9.0, 1.0)))
    film, _ = order_film(session, settings, person_id, song.id, picture.id, wanted)
    again, created = make_again(session, settings, person_id, film.id, {"seed": 4})
    assert created and again.options == {**film.options, "seed": 4}
    other, _ = make_again(session, settings, person_id, film.id, {"song_id": other_song.id})
    assert (other.options["style"], other.options["intensity"]) == ("sad", [])
    changed, created = make_again(session, settings, person_id, film.id, {"intensity": [[1, 0.5]]})
    assert created and changed.options["intensity"] == [{"time_s": 1, "value": 0.5}]


def test_a_film_keeps_the_curve_that_was_in_effect(session, settings, person_id, film, store):
    order = store.claim("a@x", "fair")
    order.outputs["film"].write_bytes(b"film")
    store.finish(order.job_id, "a@x", {"notes": [], "emotion": EMOTION}, {"film": order.outputs["film"].name})
    session.commit()
    kept = get_film(session, person_id, film.id)
    assert kept.emotion == EMOTION and "emotion" not in kept.report
    order.outputs["film"].unlink()  # a film that is lost is made anew, and its curve is no longer that of a film
    anew, created = order_film(session, settings, person_id, film.song.id, film.picture.id)
    assert created and anew.emotion is None


def test_whoever_asks_first_has_it_found(database, session, song, ask, store):
    told = []
    database.announce = told.append
    row = ask(1.5, 4.0)
    assert (row.state, part_of_job(row), told) == ("queued", (1.5, 4.0), [row.id])
    assert ask(1.5, 4.0).id == row.id and ask().id != row.id and len(told) == 2
    assert ask(0, song.duration_s + 100).id == ask(0, None).id, "all of the song, however it is asked for"
    order = store.claim("a@x", "soon")
    assert (order.job_id, order.options) == (row.id, {"start_s": 1.5, "duration_s": 4.0})
    assert order.inputs["song"].title == song.title and order.inputs["song"].path.is_file()
    assert not store.beat(row.id, "a@x") and store.beat(row.id, "b@x")
    store.finish(row.id, "a@x", {"emotion": EMOTION}, {})
    session.commit()  # a request of its own begins anew
    assert (ask(1.5, 4.0).state, emotion_found(ask(1.5, 4.0))) == ("done", EMOTION)
    assert known_emotion(session, song, 1.5, 4.0) == EMOTION and known_emotion(session, song, 0, None) is None
    whole = store.claim("a@x", "soon")
    assert whole.options == {"start_s": 0.0, "duration_s": None} and store.claim("a@x", "soon") is None


def test_the_same_question_from_many_threads_is_one(database, settings, person_id, song):
    start = threading.Barrier(5)

    def work(_):
        start.wait()
        with database.session() as session:
            return ask_emotion(session, settings, person_id, song.id, 0.0, None).id

    with ThreadPoolExecutor(5) as pool:
        assert len(set(pool.map(work, range(5)))) == 1


def test_a_film_that_followed_the_song_tells_it_too(session, settings, person_id, song, picture, ask):
    for style, known in (("sad", False), ("auto", True)):
        options = SongToVideoSettings(start_s=1, duration_s=4, style=style, intensity_points=((0.0, 0.5),))
        film, _ = order_film(session, settings, person_id, song.id, picture.id, options)
        with writing(session):
            film.figures = {"emotion": {**EMOTION, "intensity": [0.5] * 3, "points": [[0.0, 0.5]]}}
        assert (known_emotion(session, song, 1, 4) is not None) == known
    row = ask(1, 4)
    assert row.state == "done" and emotion_found(row) == {**EMOTION, "intensity": EMOTION["automatic"], "points": []}
    assert ask(1, 3).state == "queued"


def test_a_network_that_is_new_is_heard(session, song, ask, store, monkeypatch, tmp_path):
    monkeypatch.setattr("motion.emotion.settings.SHIPPED", tmp_path / "none.safetensors")
    row = ask(1.5, 4.0)
    store.claim("a@x", "soon")
    store.finish(row.id, "a@x", {"emotion": EMOTION, "network": None}, {})
    session.commit()
    assert ask(1.5, 4.0).state == "done"
    (tmp_path / "own.safetensors").write_bytes(b"trained")
    monkeypatch.setenv("BELCANTO_EMOTION_MODEL", str(tmp_path / "own.safetensors"))
    again = ask(1.5, 4.0)
    assert again.state == "queued" and known_emotion(session, song, 1.5, 4.0) is None
    store.claim("a@x", "soon")
    store.finish(again.id, "a@x", {"emotion": {**EMOTION, "learned": [0.5] * 5}, "network": "own.safetensors"}, {})
    session.commit()
    assert ask(1.5, 4.0).state == "done" and emotion_found(ask(1.5, 4.0))["learned"] == [0.5] * 5


def test_what_failed_is_tried_again_after_a_while(session, ask, store):
    row = ask()
    store.claim("a@x", "soon")
    store.fail(row.id, "a@x", as_written("It broke."), True)
    assert (ask().state, ask().failure) == ("failed", as_written("It broke.").as_json())
    with writing(session):
        session.get(Job, row.id).finished_at = now() - TRY_AGAIN - timedelta(seconds=1)
    assert (ask().state, ask().failure, ask().id != row.id) == ("queued", None, True)


def test_those_of_a_worker_that_stops_or_dies_wait_again(session, ask, store):
    row = ask()
    store.claim("a@another-machine", "soon")
    store.give_back(row.id, "a@another-machine")
    assert store.waiting("soon") == 1
    store.claim("a@another-machine", "soon")
    assert store.requeue_stale("b@x", True) == 0 and store.waiting("soon") == 0, "its worker may live"
    later_s = store._clock() + SILENCE_S
    store._clock = lambda: later_s
    store.requeue_stale("b@x", True)
    assert store.waiting("soon") == 1


@pytest.mark.slow
def test_a_deleted_song_takes_it_along(session, settings, person_id, song, film, ask, store):
    row = ask()
    store.claim("a@x", "soon")
    ask(1, 2)
    delete_song(session, settings, person_id, song.id)  # its file stays for the film that waits
    assert store.waiting("soon") == 0 and store.beat(row.id, "a@x")
    with pytest.raises(NotFound):
        ask()
    order = store.claim("a@x", "fair")
    store.fail(order.job_id, "a@x", as_written("It broke."), False)
    session.commit()
    assert session.query(Job).where(Job.turn == "soon").count() == 2, (
        "a worker still reads the file, and what it makes of it must go too"
    )
    store.finish(row.id, "a@x", {"emotion": EMOTION}, {})
    session.commit()
    assert session.query(Job).where(Job.turn == "soon").count() == 0
    store.finish(row.id, "a@x", {"emotion": EMOTION}, {})  # what comes late harms nothing
    assert store.beat(row.id, "a@x")


def test_what_a_late_worker_says_of_it_changes_nothing(session, ask, store):
    row = ask()
    store.claim("slept@x", "soon")
    store.give_back(row.id, "slept@x")
    store.claim("other@x", "soon")
    store.finish(row.id, "slept@x", {"emotion": EMOTION}, {})
    store.fail(row.id, "slept@x", as_written("It broke."), True)
    store.give_back(row.id, "slept@x")
    assert (ask().state, ask().owner, ask().result) == ("running", "other@x", None)


def test_what_can_not_be_asked_for(session, settings, person_id, song, ask):
    with pytest.raises(Refused, match=r"can't begin at 22\.5"):
        ask(22.5)
    with pytest.raises(NotFound):
        ask_emotion(session, settings, new_id(), song.id, 0.0, None)
    for number in range(MOST_WAITING):
        ask(number, 1)
    with pytest.raises(LimitReached, match=f"{MOST_WAITING} of your songs"):
        ask(9, 1)
    assert session.query(Job).where(Job.turn == "soon").count() == MOST_WAITING


def test_the_emotion_of_these_tests_is_the_pipelines():
    assert json.loads(json.dumps(asdict(told()))) == EMOTION
