"""Delete hides for a day, and can be undone; the day's end and "erase now" destroy."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.errors import NotFound
from app.job_store import DatabaseJobStore
from app.models import Picture, Song, Work, new_id, now
from app.services.films import film_file, get_film, list_films, order_film
from app.services.hiding import UNDO
from app.services.keeping import SWEEP_EVERY_S, sweep, sweep_if_due
from app.services.pictures import get_picture, hide_picture, list_pictures, restore_picture
from app.services.songs import add_song, delete_song, get_song, hide_song, list_songs, restore_song, song_file
from app.services.works import delete_work, hide_work, restore_work
from tests.app.api_client import ApiClient, problem_of
from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]


def let_a_day_pass(session, *rows):
    """As if what is hidden had been so for a day."""
    for row in rows:
        row.deleted_at -= UNDO
        row.erase_at -= UNDO
    session.commit()


def test_what_was_deleted_is_nowhere_and_comes_back_as_it_was(session, settings, person_id, song, picture, film, finish_job):
    finish_job(film)
    files = [song_file(settings, song), settings.uploads_dir / picture.file_name, film_file(settings, film)]
    hide_song(session, person_id, song.id)
    hide_picture(session, person_id, picture.id)
    hide_work(session, settings, person_id, film.id)
    for listed in (list_songs, list_pictures, list_films):
        assert listed(session, person_id).items == []
    for get, row in ((get_song, song), (get_picture, picture), (get_film, film)):
        with pytest.raises(NotFound):
            get(session, person_id, row.id)
    with pytest.raises(NotFound):
        order_film(session, settings, person_id, song.id, picture.id)
    sweep(session, settings)
    assert all(file.is_file() for file in files)
    for restore, row in ((restore_song, song), (restore_picture, picture), (restore_work, film)):
        assert restore(session, person_id, row.id).id == row.id
        with pytest.raises(NotFound, match="nothing to bring back"):
            restore(session, person_id, row.id)
    assert [len(listed(session, person_id).items) for listed in (list_songs, list_pictures, list_films)] == [1, 1, 1]
    assert order_film(session, settings, person_id, song.id, picture.id) == (film, False)


def test_the_api_lists_what_can_be_brought_back(app, session, settings, person_id, song, picture, film, finish_job):
    client = ApiClient(app, person_id)
    assert client.get("/deleted").json == {"items": []}
    finish_job(film)
    for kind, row in (("songs", song), ("films", film), ("pictures", picture)):
        assert client.delete(f"/{kind}/{row.id}").status_code == 204
    items = client.get("/deleted").json["items"]
    assert [(each["kind"], each["id"], each["title"]) for each in items] == [
        ("picture", picture.id, picture.title),
        ("film", film.id, film.title),
        ("song", song.id, song.title),
    ]
    assert all(each["deleted_at"] < each["erase_at"] for each in items)
    base = "/api/v1"
    assert client.post(items[0]["links"]["restore"].removeprefix(base)).json["id"] == picture.id
    assert client.post(items[1]["links"]["erase"].removeprefix(base)).status_code == 204
    session.expire_all()
    assert [each["kind"] for each in client.get("/deleted").json["items"]] == ["song"]
    let_a_day_pass(session, song)
    assert client.get("/deleted").json == {"items": []}


def test_the_days_end_destroys(session, settings, person_id, song, picture, film, finish_job):
    finish_job(film)
    file = film_file(settings, film)
    hide_work(session, settings, person_id, film.id)
    hide_song(session, person_id, song.id)
    hide_picture(session, person_id, picture.id)
    let_a_day_pass(session, film, song, picture)
    with pytest.raises(NotFound):
        restore_work(session, person_id, film.id)
    sweep(session, settings)
    assert not file.exists() and [session.query(model).count() for model in (Work, Song, Picture)] == [0, 0, 0]
    assert [path.name for path in settings.uploads_dir.glob("*-*")] == []


def test_a_worker_sweeps_though_nobody_comes(session, database, settings, person_id, song):
    hide_song(session, person_id, song.id)
    let_a_day_pass(session, song)
    DatabaseJobStore(database, settings).requeue_stale("a@x", True)
    session.expire_all()
    assert session.query(Song).count() == 0
    assert timedelta(seconds=SWEEP_EVERY_S) < timedelta(hours=1)
    sweep_if_due(session, settings)


def test_what_is_hidden_can_be_destroyed_at_once(session, settings, person_id, song):
    path = song_file(settings, song)
    hide_song(session, person_id, song.id)
    delete_song(session, settings, person_id, song.id)
    assert not path.exists() and session.query(Song).count() == 0
    with pytest.raises(NotFound):
        delete_song(session, settings, person_id, song.id)


def test_films_of_what_is_hidden_stay_and_are_made(session, settings, database, person_id, song, picture, film, finish_job):
    hide_song(session, person_id, song.id)
    store = DatabaseJobStore(database, settings)
    order = store.claim("a@x", "fair")
    assert order.inputs["song"].path.is_file()
    finish_job(film)
    let_a_day_pass(session, song)
    sweep(session, settings)
    shown = get_film(session, person_id, film.id)
    assert film_file(settings, shown).is_file() and shown.song.title == "My song" and not shown.song.has_file


@pytest.mark.slow
def test_a_film_hidden_while_it_is_made_is_cancelled_and_can_be_made_after_all(session, settings, person_id, song, picture, film):
    assert film.job.state == "queued"
    hide_work(session, settings, person_id, film.id)
    shown = restore_work(session, person_id, film.id)
    assert shown.job.state == "cancelled"
    again, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created and again.id == film.id


def test_a_hidden_film_that_is_ordered_again_is_back(session, settings, person_id, song, picture, film, finish_job):
    finish_job(film)
    hide_work(session, settings, person_id, film.id)
    assert order_film(session, settings, person_id, song.id, picture.id) == (film, False)
    assert get_film(session, person_id, film.id).file_name


@pytest.mark.slow
def test_a_hidden_song_that_is_given_again_is_back(session, settings, person_id, song, incoming, song_path):
    hide_song(session, person_id, song.id)
    again = add_song(session, settings, person_id, incoming(song_path), "New name.mp3")
    assert (again.id, again.title, again.erase_at) == (song.id, "New name", None)
    assert song_file(settings, again).is_file()


@pytest.mark.slow
def test_what_is_hidden_makes_way_but_gives_no_room(session, settings, limited, person_id, song, incoming):
    """Who deletes and uploads again and again keeps no more than one may, and has room for something new."""
    from tests.app.test_services_songs import silent_wav

    wavs = [silent_wav(seconds) for seconds in (60, 61)]
    path = song_file(settings, song)
    small = limited(kept_bytes=song.size_bytes + len(wavs[0]))
    first = add_song(session, small, person_id, incoming(wavs[0]), "first.wav")
    hide_song(session, person_id, song.id)
    assert path.is_file()
    hide_song(session, person_id, first.id)
    add_song(session, small, person_id, incoming(wavs[1]), "second.wav")
    assert not path.exists(), "it was deleted first"
    kept = sum(file.stat().st_size for file in settings.uploads_dir.glob("song-*"))
    assert kept <= small.limits.kept_bytes


@pytest.mark.slow
def test_programs_delete_bring_back_and_erase(app, session, person_id, song, picture, film, finish_job):
    finish_job(film)
    api = ApiClient(app, person_id)
    for kinds, row in (("films", film), ("songs", song), ("pictures", picture)):
        own = f"/{kinds}/{row.id}"
        problem_of(api.post(f"{own}/restore"), 404, "nothing to bring back")
        assert api.delete(own).status_code == 204
        problem_of(api.get(own), 404)
        assert api.get(f"/{kinds}").json["items"] == []
        stranger = ApiClient(app, new_id())
        for action in ("restore", "erase"):
            problem_of(stranger.post(f"{own}/{action}"), 404)
        assert api.post(f"{own}/restore").json["id"] == row.id
        assert api.get(own).status_code == 200
        assert api.post(f"{own}/erase").status_code == 204
        problem_of(api.post(f"{own}/restore"), 404)
    session.expire_all()
    assert [session.query(model).count() for model in (Work, Song, Picture)] == [0, 0, 0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["songs", "pictures", "films"])
def test_on_the_page_delete_names_the_thing_and_can_be_undone(visitor, session, kind, song, picture, film):
    row = {"songs": song, "pictures": picture, "films": film}[kind]
    address = f"/library/{kind}/{row.id}"
    assert f"Delete “{row.title}”" in visitor.get("/library").text
    page = visitor.post(f"{address}/delete", follow_redirects=True).text
    assert f"“{row.title}” is deleted" in page and f'action="{address}/restore"' in page
    assert "Deleted within the last day" in page and f'action="{address}/erase"' in page
    page = visitor.post(f"{address}/restore", follow_redirects=True).text
    assert f"“{row.title}” is back." in page and "Deleted within the last day" not in page
    visitor.post(f"{address}/delete", follow_redirects=True)
    page = visitor.post(f"{address}/erase", follow_redirects=True).text
    assert "It is erased for good." in page and f"{address}/restore" not in page
    assert "nothing to bring back" in visitor.post(f"{address}/restore", follow_redirects=True).text


def test_what_is_said_is_said_to_the_person_and_not_to_a_script(visitor, song):
    """A page brings parts of itself anew by script; one that came at the wrong moment took the message with it."""
    said = f"“{song.title}” is deleted"
    visitor.post(f"/library/songs/{song.id}/delete")
    assert said not in visitor.get("/library", headers={"Sec-Fetch-Dest": "empty"}).text
    assert said in visitor.get("/library", headers={"Sec-Fetch-Dest": "document"}).text
    assert said not in visitor.get("/library").text


def test_in_german(visitor, song):
    visitor.set_cookie("x", "y")
    page = visitor.post(f"/library/songs/{song.id}/delete", follow_redirects=True, headers={"Accept-Language": "de"}).text
    assert f"„{song.title}“ ist gelöscht." in page and "Rückgängig machen" in page and "wird endgültig gelöscht" in page


def test_a_film_deleted_for_good_is_not_brought_back_by_its_order(session, settings, person_id, song, picture, film):
    film.job.state = "running"
    session.commit()
    delete_work(session, settings, person_id, film.id)
    assert film.erase_at <= now()
    again, created = order_film(session, settings, person_id, song.id, picture.id)
    assert created and again.erase_at is None
