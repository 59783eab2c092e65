"""Several engines in the web interface: what is refused before a job is queued, and drawings with their frames."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from app.database import writing
from app.errors import Refused
from app.job_store import DatabaseJobStore
from app.models import Picture, new_id
from app.option_words import engine_credit, engine_name
from app.services import engines
from app.services.engines import EngineLooks, engine_states
from app.services.films import list_films, order_film
from app.services.jobs import list_jobs
from app.services.orders import check_frame
from core.messages import as_written, message
from filters.restoration import RestoreOptions
from pipeline.engine_list import ENGINES
from pipeline.film_settings import SongToVideoSettings
from pipeline.works.song_to_film import SONG_TO_FILM
from tests.app.api_client import ApiClient
from tests.app.test_pages_wizard import order_form, query, visitor  # noqa: F401 (a fixture)


@pytest.fixture
def bare_machine(tmp_path, monkeypatch):
    """A machine without any weights, on which nobody has looked yet."""
    monkeypatch.setenv("BELCANTO_WEIGHTS_DIR", str(tmp_path / "none"))
    monkeypatch.setattr(engines, "_looks", EngineLooks())


@pytest.fixture
def drawing(session, picture) -> Picture:
    """The person's picture, taken for a drawing whose face was found."""
    with writing(session):
        picture.drawing = True
        picture.faces = [{"number": 1, "box": [0.25, 0.25, 0.75, 0.5], "ok": True, "reason": None}]
    return picture


def test_every_engine_has_a_name_and_its_credit():
    assert all(engine_name(engine.name) == engine.title and engine_credit(engine.name) == engine.credit for engine in ENGINES)
    assert [engine.name for engine in ENGINES if engine.credit] == ["anime", "sadtalker", "liveportrait", "adasr"]


@pytest.mark.slow
def test_the_api_tells_what_an_engine_lacks_and_refuses_its_films(app, session, person_id, song, picture, bare_machine, caplog):
    api = ApiClient(app, person_id)
    told = {engine.pop("name"): engine for engine in api.get("/engines").json["engines"]}
    assert told["mesh"] == {"available": True, "sentence": None, "credit": ""}
    assert not told["sadtalker"]["available"] and "Apache-2.0" in told["sadtalker"]["credit"]
    order = {"song_id": song.id, "picture_id": picture.id, "options": {"engine": "sadtalker"}}
    refused = api.post("/films", order)
    assert refused.status_code == 422 and refused.mimetype == "application/problem+json"
    assert refused.json["detail"] == told["sadtalker"]["sentence"]
    order["options"]["size"] = 512
    refused = api.post("/films", order)
    assert refused.status_code == 422 and "sadtalker_512" in caplog.text, "asked for what is ordered, and the operator is told"
    assert "python -m weights fetch" in caplog.text and "python" not in refused.json["detail"]
    assert list_jobs(session, person_id) == []
    order["options"] = {"engine": "mesh"}
    assert api.post("/films", order).status_code == 202


@pytest.mark.slow
def test_the_order_page_says_what_an_engine_lacks(visitor, session, person_id, song, picture, bare_machine):  # noqa: F811
    page = visitor.get("/order", query_string={"song": song.id, "picture": picture.id}).text
    disabled = re.findall(r'<option disabled value="(\w+)"|<option value="(\w+)" disabled', page)
    assert "sadtalker" in {name for pair in disabled for name in pair} and "lacks what the engine SadTalker needs" in page
    assert "pip " not in page and "python -m" not in page
    answer = visitor.post("/order", data=order_form(song, picture, engine="sadtalker"))
    assert answer.status_code == 422 and answer.text.count("lacks what the engine SadTalker needs") == 2
    assert list_jobs(session, person_id) == []


def test_an_engine_that_can_not_be_asked_is_not_taken(monkeypatch):
    monkeypatch.setattr("pipeline.inspecting.engines.sys", SimpleNamespace(executable="/bin/false"))
    states = {state.name: state.lacking for state in map_states(EngineLooks())}
    assert states["mesh"] is None and "can't be checked" in str(states["anime"]) and states["sadtalker"] == states["anime"]


def test_the_log_tells_the_operator_what_brings_an_engine(monkeypatch, caplog):
    lacking = {
        "mesh": None,
        "sadtalker": message("sadtalker_runner.lacks_parts", what="the weights a", commands="`python -m weights fetch a`"),
    }
    monkeypatch.setattr(engines, "engines_lacking", lambda options: lacking)
    looks = EngineLooks()
    for _ in range(2):  # the same is told once
        looks.look((("size", 256), ("preprocess", "full")))
    assert [record.getMessage() for record in caplog.records] == [f"the engine sadtalker can't be chosen: {lacking['sadtalker']}"]


def map_states(looks):
    return [SimpleNamespace(name=name, lacking=lacking) for name, lacking in looks.lacking(SongToVideoSettings()).items()]


@pytest.mark.slow
def test_a_stale_answer_is_given_while_a_new_one_is_on_its_way(monkeypatch):
    looks = EngineLooks()
    monkeypatch.setattr(engines, "_looks", looks)
    first = engine_states()
    (key,) = looks.found
    looks.found[key] = (looks.found[key][0] - 2 * engines.FRESH_S, {"mesh": as_written("was stale")})
    assert [state.lacking for state in engine_states()] == [as_written("was stale")]
    with looks.asking:  # until the look has ended
        assert [state.name for state in engine_states()] == [state.name for state in first]


@pytest.mark.parametrize("frame", [(-50, 0, 20, 100), (0, 0, 23, 100), (2000, 0, 3000, 100), (0, 1010, 100, 1100)])
def test_a_frame_needs_enough_of_the_picture(picture, frame):
    with pytest.raises(Refused, match="at least 24 × 24"):
        check_frame(picture, frame)
    check_frame(picture, (0, 0, 24, 24))


@pytest.mark.slow
def test_a_drawing_is_ordered_without_a_number(session, settings, person_id, song, drawing):
    film, _ = order_film(session, settings, person_id, song.id, drawing.id, SongToVideoSettings(face=1))
    assert film.options["face"] is None and order_film(session, settings, person_id, song.id, drawing.id) == (film, False)
    framed, created = order_film(
        session, settings, person_id, song.id, drawing.id, SongToVideoSettings(face_frame=(100.0, 100.0, 300.0, 320.0))
    )
    assert created and framed.options["frame"] == [100.0, 100.0, 300.0, 320.0]
    for wrong in (
        SongToVideoSettings(face=2),
        SongToVideoSettings(filter_options=(RestoreOptions(0.5),)),
        SongToVideoSettings(face_frame=(0.0, 0.0, 10.0, 10.0)),
    ):
        with pytest.raises(Refused):
            order_film(session, settings, person_id, song.id, drawing.id, wrong)
    with writing(session):
        drawing.faces = []
    with pytest.raises(Refused, match="frame it by hand"):
        order_film(session, settings, person_id, song.id, drawing.id)


def test_the_job_knows_which_engine_to_expect(database, session, settings, person_id, song, drawing):
    order_film(session, settings, person_id, song.id, drawing.id)
    order = DatabaseJobStore(database, settings).claim("me", "fair")
    assert order is not None and "frames anime " in SONG_TO_FILM.plan(order, None).stages[4].learned_as


def test_the_image_step_frames_a_drawing(visitor, session, person_id, song, drawing):  # noqa: F811
    chosen = {"song": song.id, "picture": drawing.id}
    page = visitor.get("/image", query_string=chosen).text
    assert (
        "This is a drawing. Its face was found" in page
        and 'name="left" value="256"' in page
        and 'name="bottom" value="512"' in page
    )
    untouched = visitor.get("/image", query_string={**chosen, "left": 256, "top": 256, "right": 768, "bottom": 512, "go": "on"})
    assert untouched.location.startswith("/order?") and "frame" not in query(untouched) and "face" not in query(untouched)
    framed = visitor.get("/image", query_string={**chosen, "left": 200, "top": 256, "right": 768, "bottom": 512, "go": "on"})
    assert query(framed)["frame"] == "200,256,768,512"
    shown = visitor.get(framed.location).text
    assert "The face is framed by hand" in shown
    assert visitor.post("/order", data=order_form(song, drawing, frame="200,256,768,512")).status_code == 303
    (film,) = list_films(session, person_id).items
    assert film.options["frame"] == [200.0, 256.0, 768.0, 512.0]
    again = visitor.get(f"/order?again={film.id}", follow_redirects=True)
    assert again.request.args["frame"] == "200,256,768,512"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "Frame the face first"),
        ({"left": "1"}, "needs four numbers"),
        ({"left": "1", "top": "1", "right": "9", "bottom": "9"}, "at least 24 × 24"),
        ({"left": "x", "top": "1", "right": "9", "bottom": "9"}, "a number from"),
    ],
)
def test_a_wrong_frame_stays_on_the_page(visitor, session, song, drawing, fields, sentence):  # noqa: F811
    with writing(session):
        drawing.faces = []
    page = visitor.get("/image", query_string={"song": song.id, "picture": drawing.id, "go": "on", **fields})
    assert page.status_code == 200 and sentence in page.text and 'aria-invalid="true"' in page.text
    assert visitor.get("/order", query_string={"song": song.id, "picture": drawing.id}).location.startswith("/image?")


def test_an_engine_for_photos_refuses_a_frame_in_plain_words(visitor, song, drawing):  # noqa: F811
    answer = visitor.post("/order", data=order_form(song, drawing, engine="mesh", frame="200,256,768,512"))
    assert (
        answer.status_code == 422
        and "take the frame back in the second step" in answer.text
        and "--" not in answer.text.split('role="alert"')[1].split("</div>")[0]
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"engine": "mesh", "yaw": "-20, 30"}, "The fields under the engine sadtalker are for that engine only"),
        ({"engine": "sadtalker", "pose_style": "99"}, "a number from 0 to 45"),
        ({"engine": "sadtalker", "pitch": "up"}, "a number from -60 to 60"),
        ({"restore": "2"}, "a number from 0 to 1"),
    ],
)
def test_the_form_says_what_is_wrong_with_an_engines_options(visitor, session, person_id, song, picture, fields, sentence):  # noqa: F811
    answer = visitor.post("/order", data=order_form(song, picture, **fields))
    assert answer.status_code == 422 and sentence in answer.text
    assert list_jobs(session, person_id) == []


def test_another_engine_forgets_what_was_told_the_one_before(visitor, session, person_id, song, film):  # noqa: F811
    """The page sends no options of an engine that is not chosen, also where the film before had some."""
    with writing(session):
        film.options = {**film.options, "engine": "sadtalker", "size": 512, "yaw": [-20.0, 30.0]}
    page = visitor.get(f"/order?again={film.id}", follow_redirects=True).text
    assert 'value="-20, 30"' in page and re.search(r'<option selected value="512"', page)
    form = order_form(song, film.picture, engine="mesh", again=film.id, seed="9")
    assert visitor.post("/order", data=form).status_code == 303
    newest = list_films(session, person_id).items[0]
    assert (newest.options["engine"], newest.options["size"], newest.options["yaw"]) == ("mesh", 256, [])


def test_the_library_orders_drawings_too(visitor, session, person_id, song, drawing):  # noqa: F811
    assert visitor.get("/library").status_code == 200
    assert visitor.post("/library/order", data={"songs": song.id, "pictures": drawing.id}).status_code == 303
    assert len(list_jobs(session, person_id)) == 1
    with writing(session):
        drawing.faces, drawing.id = [], drawing.id
    page = visitor.post("/library/order", data={"songs": song.id, "pictures": drawing.id}, follow_redirects=True).text
    assert "frame it by hand" in page


def test_a_film_says_whose_work_it_is(visitor, session, film, finish_job):  # noqa: F811
    finish_job(film)
    with writing(session):
        film.figures = {"engine": "anime", "width": 2, "height": 2, "duration_s": 1.0, "seconds": {"total": 1.0}}
        film.job.notes = [message("pipeline.drawing_for_engine", engine="anime", other="mesh").as_json()]
    page = visitor.get(f"/films/{film.id}").text
    assert "models by Pramook Khungurn, CC-BY-4.0, converted to ONNX" in page
    assert "Anime: for drawn characters" in page and "so the engine is anime; under “More”" in page


def test_somebody_elses_picture_stays_unknown(app, drawing):
    assert ApiClient(app, new_id()).get(f"/pictures/{drawing.id}").status_code == 404
