"""Films: ordered once, cancelled, made again, deleted, without harm to what others need."""

from __future__ import annotations

import io
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.errors import LimitReached, NotFound, Refused
from app.models import Job, JobEvent, Picture, Song, Work, new_id
from app.services.events import append_event, events_since, forget_progress
from app.services.films import film_file, get_film, list_films, make_again, order_film, order_many
from app.services.jobs import cancel_job, get_job, list_jobs
from app.services.keeping import sweep
from app.services.options import film_options
from app.services.orders import DOMINANCE, choose_face, meant_face
from app.services.pictures import delete_picture, thumb_file
from app.services.releasing import release_files
from app.services.songs import add_song_stream, delete_song, song_file
from app.services.works import delete_work, rename_work
from core.errors import InputError
from faces.face_choice import FaceLimits
from pipeline.film_settings import SongToVideoSettings
from tests.app.rows import report_job
from tests.app.test_services_songs import silent_wav


@pytest.fixture
def other_song(session, settings, person_id):
    return add_song_stream(session, settings, person_id, io.BytesIO(silent_wav(3)), "Other.wav")


def test_our_limits_are_the_pipelines():
    assert FaceLimits().dominance == DOMINANCE


def test_an_order_waits_and_is_announced(database, settings, person_id, session, song, picture):
    told = []
    database.announce = told.append
    film, created = order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(height=256))
    assert created and told == [film.job.id]
    assert (film.job.state, film.title, film.options["height"], film.options["face"]) == (
        "queued",
        "My song · My portrait",
        256,
        1,
    )
    assert [(event.kind, event.data) for event in events_since(session, film.job.id)] == [("state", {"state": "queued"})]
    with pytest.raises(NotFound, match="not there yet"):
        film_file(settings, film)


def test_the_same_order_again_is_the_same_job(session, settings, person_id, song, picture, film):
    same = {"face": 1, "duration_s": 500, "expressiveness": "1,0", "height": "", "label": "off"}
    again, created = order_film(session, settings, person_id, song.id, picture.id, film_options(same))
    assert (again.id, again.job.id, created) == (film.id, film.job.id, False)
    other, created = order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(seed=1))
    assert other.id != film.id and created


def test_the_same_order_from_eight_threads_is_one_job(database, settings, person_id, song, picture):
    start, told = threading.Barrier(8), []
    database.announce = told.append

    def order(_):
        start.wait()
        with database.session() as session:
            film, created = order_film(session, settings, person_id, song.id, picture.id)
            return film.id, film.job.id, created

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(order, range(8)))
    assert len({(film, job) for film, job, _ in results}) == 1
    assert sum(created for *_, created in results) == 1 and len(told) == 1
    with database.session() as session:
        assert (session.query(Work).count(), session.query(Job).count()) == (1, 1)


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_did_not_become_a_film_is_tried_again(session, settings, person_id, song, picture, film, finish_job, state):
    first = finish_job(film, state)
    again, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created and again.id == film.id and again.job.id != first.id and again.job.state == "queued"
    with session.no_autoflush:
        assert get_film(session, person_id, film.id).job.id == again.job.id


def test_a_film_that_is_done_stays_unless_its_file_is_lost(session, settings, person_id, song, picture, film, finish_job):
    finish_job(film)
    assert order_film(session, settings, person_id, song.id, picture.id)[1] is False
    film_file(settings, film).unlink()
    session.add(report_job(film, result={"of": "the lost one"}))
    session.commit()
    again, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created and (again.id, again.file_name, again.metrics) == (film.id, None, None)


def test_one_song_with_many_pictures_is_all_or_nothing(session, limited, settings, person_id, song, other_song, picture):
    with pytest.raises(LimitReached, match="1 of your films"):
        order_many(session, limited(waiting_jobs=1), person_id, [song.id, other_song.id], [picture.id])
    with pytest.raises(NotFound):
        order_many(session, settings, person_id, [song.id, new_id()], [picture.id])
    assert session.query(Work).count() == 0
    ordered = order_many(
        session, settings, person_id, [song.id, other_song.id, song.id], [picture.id], SongToVideoSettings(height=128)
    )
    assert [film.song.title for film, _ in ordered] == ["My song", "Other"]
    assert (
        order_many(session, limited(waiting_jobs=1), person_id, [song.id], [picture.id], SongToVideoSettings(height=128))[0][1]
        is False
    )


def test_made_again_with_one_change(session, settings, person_id, song, other_song, picture):
    film, _ = order_film(
        session, settings, person_id, song.id, picture.id, SongToVideoSettings(start_s=5, duration_s=2, height=200)
    )
    again, created = make_again(session, settings, person_id, film.id, {"head_motion": 0.5})
    assert created and {**film.options, "head_motion": 0.5} == again.options
    assert make_again(session, settings, person_id, film.id, {})[0].id == film.id
    other, _ = make_again(session, settings, person_id, film.id, {"song_id": other_song.id})
    assert (other.song.id, other.options["start_s"], other.options["duration_s"]) == (other_song.id, 0, None)
    assert other.options["height"] == 200
    with pytest.raises(InputError, match="no option called motion_csv"):
        make_again(session, settings, person_id, film.id, {"motion_csv": "/etc/passwd"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"fps": 5}, "fps is 5; a number from 10 to 60"),
        ({"fps": "nan"}, "a number from"),
        ({"fps": True}, "a number from"),
        ({"height": 200.5}, "whole number"),
        ({"height": [1]}, "a number from"),
        ({"engine": "magic"}, "magic; choose one of auto, mesh"),
        ({"engine": ["mesh"]}, "choose one of auto, mesh"),
        ({"label": "perhaps"}, "true or false"),
        ({"seed": -1}, "a number from 0"),
        ({"seed": 10**400}, "a number from 0"),
        ({"start_s": 22.5}, "can't begin at"),
        ({"start_s": -1}, "a number from 0"),
        ({"duration_s": 0.1}, "At least 0.5 s of the song"),
        ({"face": 2}, "no face 2"),
        ({"title": "x"}, "no option called title"),
    ],
)
def test_options_that_do_not_fit_are_refused(session, settings, person_id, song, picture, changes, sentence):
    with pytest.raises((Refused, InputError), match=sentence):
        order_film(session, settings, person_id, song.id, picture.id, film_options(changes))
    assert session.query(Work).count() == 0


def face(number, top, bottom, ok=True):
    return {"number": number, "box": [0, top, 1, bottom], "ok": ok, "reason": None if ok else "The face looks away."}


def test_the_face_that_is_meant():
    assert meant_face([face(1, 0, 0.5)]) == 1
    assert meant_face([face(1, 0, 0.5), face(2, 0, 0.4)]) is None
    assert meant_face([face(1, 0, 0.1), face(2, 0, 0.4)]) == 2
    assert meant_face([face(1, 0, 0.5, ok=False), face(2, 0, 0.4)]) == 2
    with pytest.raises(Refused, match="has 2 faces"):
        choose_face([face(1, 0, 0.5), face(2, 0, 0.4)], None, "P")
    with pytest.raises(InputError, match="looks away"):
        choose_face([face(1, 0, 0.5, ok=False), face(2, 0, 0.4)], 1, "P")


def test_cancelling_ends_what_waits_and_asks_what_runs(session, settings, person_id, film):
    job = cancel_job(session, settings, person_id, film.job.id)
    assert (job.state, job.cancel_requested) == ("cancelled", True) and job.finished_at is not None
    assert cancel_job(session, settings, person_id, job.id).state == "cancelled"
    job.state, job.cancel_requested = "running", False
    session.commit()
    cancel_job(session, settings, person_id, job.id)
    cancel_job(session, settings, person_id, job.id)
    assert (job.state, job.cancel_requested) == ("running", True)
    assert [event.data for event in events_since(session, job.id)] == [
        {"state": "queued"},
        {"state": "cancelled"},
        {"state": "running", "cancel_requested": True},
    ]
    with pytest.raises(NotFound):
        cancel_job(session, settings, new_id(), job.id)


def test_films_kept_have_a_limit(session, settings, limited, person_id, song, picture, film, finish_job):
    finish_job(film)
    film.size_bytes = 1000
    session.commit()
    other = SongToVideoSettings(seed=7)
    with pytest.raises(LimitReached, match="keep 1 films"):
        order_film(session, limited(films=1), person_id, song.id, picture.id, other)
    with pytest.raises(LimitReached, match=r"0\.001 MB of films"):
        order_film(session, limited(film_bytes=1000), person_id, song.id, picture.id, other)
    assert order_film(session, limited(films=1, film_bytes=1000), person_id, song.id, picture.id) == (film, False)
    assert session.query(Work).count() == 1
    order_film(session, limited(films=2, film_bytes=1001), person_id, song.id, picture.id, other)


def test_ordered_again_while_it_is_being_cancelled_gets_a_new_job(session, settings, person_id, song, picture, film):
    first = film.job
    first.state = "running"
    session.commit()
    cancel_job(session, settings, person_id, first.id)
    again, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created and again.id == film.id and again.job.id != first.id
    assert [job.id for job in list_jobs(session, person_id)] == [first.id, again.job.id]


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_deleted_song_stays_on_the_disk_until_its_film_is_done(
    session, settings, person_id, song, film, picture, finish_job, state
):
    film.job.state = state
    session.commit()
    path = song_file(settings, song)
    delete_song(session, settings, person_id, song.id)
    assert path.is_file()
    with pytest.raises(NotFound):
        order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(seed=2))
    finish_job(film)
    assert release_files(session, settings) == 1 and not path.exists()
    assert get_film(session, person_id, film.id).song.title == "My song"  # the film still tells what it was made of


@pytest.mark.slow
def test_a_song_given_again_while_its_film_is_made_keeps_its_file(
    session, settings, person_id, song, song_path, film, finish_job
):
    delete_song(session, settings, person_id, song.id)
    with song_path.open("rb") as file:
        again = add_song_stream(session, settings, person_id, file, "Back.mp3")
    assert again.id == song.id and again.title == "Back"
    finish_job(film)
    assert release_files(session, settings) == 0 and song_file(settings, again).is_file()


def test_a_deleted_picture_keeps_its_small_one_while_a_film_shows_it(session, settings, person_id, picture, film, finish_job):
    finish_job(film)
    delete_picture(session, settings, person_id, picture.id)
    assert not (settings.uploads_dir / picture.file_name).exists() and thumb_file(settings, picture).is_file()
    delete_work(session, settings, person_id, film.id)
    assert not (settings.uploads_dir / picture.thumb_name).exists()
    assert session.query(Picture).count() == 0


def test_a_deleted_film_takes_its_files_and_rows_along(session, settings, person_id, song, film, finish_job):
    finish_job(film)
    path, film_id = film_file(settings, film), film.id
    delete_work(session, settings, person_id, film_id)
    assert not path.exists() and song_file(settings, song).is_file()
    assert [session.query(model).count() for model in (Work, Job, JobEvent, Song)] == [0, 0, 0, 1]
    with pytest.raises(NotFound):
        get_film(session, person_id, film_id)


def test_a_film_deleted_while_it_is_made_goes_when_its_job_ends(session, settings, person_id, film, finish_job):
    job = film.job
    job.state = "running"
    session.commit()
    delete_work(session, settings, person_id, film.id)
    assert job.cancel_requested and session.query(Work).count() == 1
    with pytest.raises(NotFound):
        get_job(session, person_id, job.id)
    finish_job(film)  # it was too late for the cancelling
    path = settings.results_dir / film.file_name
    release_files(session, settings)
    assert not path.exists() and session.query(Work).count() == 0


def test_films_are_listed_searched_and_renamed(session, settings, person_id, song, picture, film):
    other, _ = order_film(session, settings, person_id, song.id, picture.id, SongToVideoSettings(seed=3))
    rename_work(session, settings, person_id, other.id, "Zweiter Versuch")
    assert [row.id for row in list_films(session, person_id).items] == [other.id, film.id]
    assert [row.id for row in list_films(session, person_id, "zweiter").items] == [other.id]
    assert list_films(session, new_id()).items == []


def test_events_come_in_order_and_progress_can_be_forgotten(session, film):
    job = film.job
    ids = [append_event(session, job.id, kind, {"n": n}).id for n, kind in enumerate(["progress", "progress", "state"])]
    assert [event.id for event in events_since(session, job.id, ids[0])] == ids[1:]
    forget_progress(session, job.id)
    assert [event.data for event in events_since(session, job.id)] == [{"state": "queued"}, {"n": 2}]


def test_what_a_killed_server_left_is_swept(session, settings, song, film, finish_job):
    import os

    finish_job(film)
    leftovers = [settings.incoming_dir / "a.part", settings.uploads_dir / f"song-{new_id()}.mp3"]
    leftovers.append(settings.results_dir / f"film-{new_id()}.mp4")
    for path in leftovers:
        path.write_bytes(b"x")
    assert sweep(session, settings) == 0  # too young: somebody may be at work on them
    for path in [*leftovers, song_file(settings, song), film_file(settings, film)]:
        os.utime(path, (0, 0))
    assert sweep(session, settings) == 3
    assert song_file(settings, song).is_file() and film_file(settings, film).is_file()
    assert not any(path.exists() for path in leftovers)
