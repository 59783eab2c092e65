"""What is made of finished films: asked for once, kept for a day, gone with the film."""

from __future__ import annotations

from datetime import timedelta

import pytest

from app.database import writing
from app.errors import LimitReached, NotFound, Refused
from app.job_store import DatabaseJobStore
from app.models import new_id, now
from app.services.exports import MOST_AT_ONCE, ask_export, drop_old_exports, export_file, exports_of, get_export, standing_exports
from app.services.jobs import list_jobs
from app.services.works import delete_work
from core.errors import InputError
from core.messages import message
from tests.app.api_client import ApiClient, problem_of
from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]

WORKER = "a@x"


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def done(rows, session, settings):
    """A film whose file is there."""
    film = rows.film("done")
    with writing(session):
        film.files = {"film": f"film-{film.id}.mp4"}
    settings.results.path(film.files["film"]).write_bytes(b"film")
    return film


def make(store, role="shaped", content=b"other"):
    """The worker's part."""
    order = store.claim(WORKER, "soon")
    order.outputs[role].write_bytes(content)
    store.finish(order.job_id, WORKER, {"notes": [], "width": 480}, {role: order.outputs[role].name})
    return order


def test_each_is_made_once_and_goes_with_the_film(session, settings, person_id, done, store):
    upright = ask_export(session, settings, person_id, done.id, "film_shape", {"shape": "vertical"})
    square = ask_export(session, settings, person_id, done.id, "film_shape", {"shape": "square"})
    assert upright.id != square.id and not list_jobs(session, person_id)
    assert ask_export(session, settings, person_id, done.id, "film_shape", {"shape": "vertical"}).id == upright.id
    orders = [make(store), make(store)]
    assert {order.options["shape"] for order in orders} == {"vertical", "square"}
    assert all(order.inputs["film"].path.read_bytes() == b"film" for order in orders)
    assert orders[0].outputs["shaped"] != orders[1].outputs["shaped"], "one must not take the place of the other"
    session.commit()
    found = get_export(session, person_id, done.id, upright.id)
    file = export_file(settings, found, "shaped")
    assert file.read_bytes() == b"other" and found.result == {"width": 480}
    assert {job.id for job in standing_exports(settings, done)} == {upright.id, square.id}
    delete_work(session, settings, person_id, done.id)
    assert not file.exists()


def test_stems_and_motion_are_told_what_the_film_was_told(session, settings, person_id, done, store):
    with writing(session):
        done.options = {**done.options, "start_s": 2.0, "duration_s": 3.0, "expressiveness": 1.5}
    ask_export(session, settings, person_id, done.id, "film_stems", {})
    ask_export(session, settings, person_id, done.id, "film_motion", {})
    orders = {order.kind: order for order in (store.claim(WORKER, "soon"), store.claim(WORKER, "soon"))}
    stems, motion = orders["film_stems"], orders["film_motion"]
    assert stems.options == {"start_s": 2.0, "duration_s": 3.0, "stems": 2} and set(stems.inputs) == {"song"}
    assert motion.options["expressiveness"] == 1.5 and set(motion.inputs) == {"film", "song"}


@pytest.fixture
def own_network(monkeypatch, tmp_path):
    """Files in the place of Spleeter's four stems, and none of five."""
    monkeypatch.delenv("BELCANTO_SPLEETER_5STEMS", raising=False)
    monkeypatch.setenv("BELCANTO_SPLEETER_4STEMS", str(tmp_path / "4stems"))
    (tmp_path / "4stems").mkdir()
    for name in ("model.index", "model.data-00000-of-00001"):
        (tmp_path / "4stems" / name).write_bytes(b"0")


def test_more_stems_take_a_network_of_the_owners(session, settings, person_id, done, monkeypatch, own_network):
    two = ask_export(session, settings, person_id, done.id, "film_stems", {})
    four = ask_export(session, settings, person_id, done.id, "film_stems", {"stems": "4"})
    assert (two.options["stems"], four.options["stems"]) == (2, 4) and two.id != four.id
    with pytest.raises(Refused, match="BELCANTO_SPLEETER_5STEMS"):
        ask_export(session, settings, person_id, done.id, "film_stems", {"stems": 5})
    with pytest.raises(InputError):
        ask_export(session, settings, person_id, done.id, "film_stems", {"stems": 3})


def test_the_page_offers_the_stems_that_are_here(visitor, film, finish_job, store, own_network, monkeypatch):
    finish_job(film)
    page = visitor.get(f"/films/{film.id}").text
    assert (
        "Voice, drums, bass and the rest" in page and "piano and the rest" not in page and "A sound file (FLAC) for each" in page
    )
    address = f"/works/{film.id}/exports"
    answer = visitor.post(address, data={"kind": "film_stems", "stems": "4"})
    order = store.claim(WORKER, "soon")
    assert order.options["stems"] == 4 and set(order.outputs) >= {"voice", "drums", "bass", "other"}
    order.outputs["drums"].write_bytes(b"drums")
    store.finish(order.job_id, WORKER, {"notes": []}, {"drums": order.outputs["drums"].name})
    assert "Download the drums, out of four (" in visitor.get(answer.location).text
    visitor.post(address, data={"kind": "film_stems", "stems": "5"})
    assert "voice and its music alone" in visitor.get(f"/films/{film.id}").text
    monkeypatch.delenv("BELCANTO_SPLEETER_4STEMS")
    page = visitor.get(f"/films/{film.id}").text
    assert "Two sound files (FLAC)." in page and "Taken apart into" not in page


def test_words_are_given_out_where_the_film_shows_them(session, settings, person_id, done, store):
    assert "film_words" not in {kind.name for kind in exports_of(done)}
    with writing(session):
        done.options = {**done.options, "start_s": 2.0, "lyrics_style": "karaoke", "lyrics": "la la"}
    ask_export(session, settings, person_id, done.id, "film_words", {})
    order = store.claim(WORKER, "soon")
    assert (order.options["words"], order.options["start_s"]) == ("la la", 2.0) and set(order.outputs) == {"lrc", "srt"}


def test_what_is_old_goes_and_can_be_asked_for_again(session, settings, person_id, done, store):
    first = ask_export(session, settings, person_id, done.id, "film_loop", {}).id
    make(store, "gif")
    session.commit()
    file = export_file(settings, get_export(session, person_id, done.id, first), "gif")
    assert drop_old_exports(session, settings) == 0
    with writing(session):
        get_export(session, person_id, done.id, first).finished_at = now() - timedelta(days=2)
    assert drop_old_exports(session, settings) == 1 and not file.exists()
    with pytest.raises(NotFound):
        get_export(session, person_id, done.id, first)
    assert ask_export(session, settings, person_id, done.id, "film_loop", {}).id != first


def test_one_that_failed_is_tried_again(session, settings, person_id, done, store):
    first = ask_export(session, settings, person_id, done.id, "film_shape", {}).id
    store.fail(store.claim(WORKER, "soon").job_id, WORKER, message("pipeline.export_broke"), False)
    session.commit()
    assert get_export(session, person_id, done.id, first).state == "failed"
    assert ask_export(session, settings, person_id, done.id, "film_shape", {}).id != first


def test_what_cannot_be_made(session, settings, person_id, done):
    with pytest.raises(NotFound):
        ask_export(session, settings, person_id, done.id, "film_to_head", {})
    with pytest.raises(NotFound):
        ask_export(session, settings, new_id(), done.id, "film_shape", {})
    with pytest.raises(InputError):
        ask_export(session, settings, person_id, done.id, "film_loop", {"duration_s": 7})
    with writing(session):
        done.kind = "transfer"
    assert "film_stems" not in {kind.name for kind in exports_of(done)}


def test_a_film_in_the_making_is_waited_for(session, settings, person_id, rows):
    with pytest.raises(Refused):
        ask_export(session, settings, person_id, rows.film("queued").id, "film_shape", {})


def test_one_person_has_only_so_many_under_way(session, settings, person_id, done):
    for second in range(MOST_AT_ONCE):
        ask_export(session, settings, person_id, done.id, "film_loop", {"start_s": second})
    with pytest.raises(LimitReached):
        ask_export(session, settings, person_id, done.id, "film_loop", {"start_s": 99})


def test_the_api_tells_how_far_it_is(app, api, done, store):
    asked = api.post(f"/works/{done.id}/exports", {"kind": "film_shape", "options": {"shape": "square"}})
    assert asked.status_code == 202 and asked.json["state"] == "queued" and asked.json["links"]["files"] == {}
    make(store)
    told = api.get(asked.headers["Location"]).json
    assert told["state"] == "done" and api.get(told["links"]["files"]["shaped"]).data == b"other"
    assert api.get(f"/works/{done.id}/exports").json["items"] == [told]
    problem_of(api.post(f"/works/{done.id}/exports", {"kind": "film_shape", "options": {"shape": "round"}}), 422)
    problem_of(api.post(f"/works/{done.id}/exports", {"kind": "no_such"}), 422)
    problem_of(api.get(f"{asked.headers['Location']}/files/none"), 404)
    problem_of(ApiClient(app, new_id()).get(asked.headers["Location"]), 404)


def test_the_page_offers_what_can_be_made_and_works_without_scripts(visitor, film, finish_job, store):
    finish_job(film)
    address = f"/works/{film.id}/exports"
    page = visitor.get(f"/films/{film.id}").text
    assert all(f'data-kind="{name}"' in page for name in ("film_shape", "film_loop", "film_motion", "film_stems"))
    answer = visitor.post(address, data={"kind": "film_shape", "shape": "vertical", "size": "480"})
    assert answer.status_code == 303 and "It is being made" in visitor.get(answer.location).text
    order = make(store)
    assert order.options == {"shape": "vertical", "size": "480", "face": 1}
    page = visitor.get(answer.location).text
    assert "It is ready." in page and "Download the film, Upright, 9:16, Small, 480 px" in page
    assert "/files/shaped?download=1" in visitor.get(f"/films/{film.id}").text
    visitor.post(address, data={"kind": "film_loop", "duration_s": "60"})
    assert 'role="alert"' in visitor.get(f"/films/{film.id}").text
    assert visitor.post(address, data={"kind": "none"}).status_code == 404
