"""The page on which a picture says a text: what it shows, what it orders, what it refuses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import forms
from app.database import writing
from app.services.engines import EngineState
from app.services.works import list_works
from core.messages import message
from core.work import WorkInput, WorkOrder
from pipeline.works.text_to_film import TEXT_TO_FILM
from speech import readable
from speech.voices import LANGUAGES, voice_cards
from tests.app.api_client import ApiClient, problem_of
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)

TEXT = "*joy* Happy birthday, Mama! [pause 1] May all your wishes come true, and may the cake be large enough for everybody."


INPUTS = {"portrait": WorkInput(Path("portrait.jpg"), facts={"width": 512, "height": 512})}


def order(client, picture, **fields):
    """The form of the page, sent."""
    return client.post("/say", data={"picture": picture.id, "text": TEXT, "voice": "bf_emma", "speed": "1.1", **fields})


def test_the_music_leads_to_it_and_back(visitor):  # noqa: F811
    shown = visitor.get("/music").text
    assert 'href="/say?say=on"' in shown
    page = visitor.get("/say?say=on").text
    assert "<textarea" in page and 'href="/music"' in page
    assert re.search(r'href="/image\?say=on"', page)
    assert "Make the film" not in page  # there is nobody yet who says it


def test_it_offers_every_voice_by_its_language(visitor):  # noqa: F811
    page = visitor.get("/say").text
    assert page.count("<option value=") == len(voice_cards()) + len(LANGUAGES) + 1
    assert '<optgroup label="English (United Kingdom)">' in page and "Emma (woman)" in page
    assert re.search(r'<option value="" selected>The voice(&#39;|\')s own</option>', page)
    german = visitor.get("/say", headers={"Accept-Language": "de"}).text
    assert '<optgroup label="Japanisch">' in german


def test_the_image_leads_back_to_the_text(visitor, picture):  # noqa: F811
    shown = visitor.get(f"/image?say=on&picture={picture.id}").text
    assert "Back to the text" in shown and ">Text</a>" in shown
    onward = visitor.get(f"/image?say=on&picture={picture.id}&face=1&go=on")
    assert onward.status_code == 302 and onward.location.startswith("/say?")
    page = visitor.get(onward.location).text
    assert picture.title in page and "Make the film" in page


def test_an_engine_that_lacks_something_here_is_not_offered(visitor, picture, monkeypatch):  # noqa: F811
    lacking = EngineState("anime", message("core.work_broke"))
    monkeypatch.setattr(forms, "engine_states", lambda: [EngineState("mesh", None), lacking])
    page = visitor.get(f"/say?picture={picture.id}").text
    assert re.search(r'<option disabled value="anime">', page) and "can't be chosen here" in page
    assert re.search(r'<option value="mesh">', page)


def test_an_order_leads_to_its_film(visitor, session, picture, person_id):  # noqa: F811
    answer = order(visitor, picture, style="happy", height="360")
    assert answer.status_code == 303
    (work,) = list_works(session, person_id, kind=TEXT_TO_FILM).items
    assert answer.location == f"/works/{work.id}"
    assert work.title == "Happy birthday, Mama! May all your wishes come true, and …"
    kept = {name: work.options[name] for name in ("text", "voice", "speed", "style", "height", "language", "face")}
    assert kept == {"text": TEXT, "voice": "bf_emma", "speed": 1.1, "style": "happy", "height": 360, "language": None, "face": 1}
    page = visitor.get(answer.location).text
    assert "A picture says a text" in page and "Happy birthday" in page
    again = order(visitor, picture, style="happy", height="360")
    assert again.location == answer.location  # a double click


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"text": ""}, "text"),
        ({"text": "*bliss* What a day!"}, "bliss"),
        ({"text": "[pause 900] Hello."}, "pause"),
        ({"voice": "af_nobody"}, "af_nobody"),
        ({"speed": "9"}, "0.5"),
    ],
)
def test_what_cannot_be_said_is_told_and_the_text_stays(visitor, session, picture, person_id, fields, sentence):  # noqa: F811
    answer = order(visitor, picture, **fields)
    assert answer.status_code == 422 and sentence in answer.text.lower()
    if "text" not in fields:
        assert "May all your wishes come true" in answer.text
    assert list_works(session, person_id, kind=TEXT_TO_FILM).items == []


def test_without_a_picture_nothing_is_ordered(visitor, session, person_id):  # noqa: F811
    answer = visitor.post("/say", data={"text": TEXT, "voice": "af_heart"})
    assert answer.status_code == 422 and "Choose a picture first." in answer.text and "Happy birthday" in answer.text


def test_a_picture_of_several_faces_asks_first_which_one_speaks(visitor, session, picture):  # noqa: F811
    with writing(session):
        picture.faces = [dict(picture.faces[0], number=number) for number in (1, 2)]
    answer = visitor.get(f"/say?picture={picture.id}")
    assert answer.status_code == 302 and answer.location.startswith("/image?")
    assert "Which one speaks?" in visitor.get(answer.location).text


@pytest.fixture
def no_espeak(monkeypatch, tmp_path):
    """A server on which espeak-ng is not installed."""
    monkeypatch.setattr(readable.shutil, "which", lambda name: None)


def test_a_language_that_cannot_be_read_here_is_told_before_the_order(visitor, session, picture, person_id, no_espeak):  # noqa: F811
    page = visitor.get("/say").text
    assert "can't be read on this server: Spanish, " in page.replace("&#39;", "'")
    assert re.search(r'<option value="es" disabled>', page) and re.search(r'<option value="en-US">', page)
    answer = order(visitor, picture, voice="ef_dora")
    assert answer.status_code == 422 and "(es) can't be read" in answer.text.replace("&#39;", "'")
    assert list_works(session, person_id, kind=TEXT_TO_FILM).items == []
    assert order(visitor, picture).status_code == 303  # English needs nothing


def test_the_api_tells_it_too(app, person_id, picture, no_espeak):
    api = ApiClient(app, person_id)
    told = {voice["name"]: voice for voice in api.get("/voices").json["voices"]}
    assert told["af_heart"]["available"] and not told["ef_dora"]["available"] and "(es)" in told["ef_dora"]["sentence"]
    options = {"text": "Hola.", "voice": "ef_dora"}
    answer = api.post("/works", {"kind": TEXT_TO_FILM.name, "inputs": {"portrait": picture.id}, "options": options})
    problem_of(answer, 422, "can't be read on this server")
    assert answer.json["code"] == "speech.no_espeak"


def test_the_stages_are_named_while_it_is_made(visitor, session, picture, person_id):  # noqa: F811
    answer = order(visitor, picture)
    (work,) = list_works(session, person_id, kind=TEXT_TO_FILM).items
    work.job.state, work.job.stage, work.job.done, work.job.total = "running", "speak", 1, 4
    session.commit()
    page = visitor.get(answer.location).text
    names = re.findall(r'<span class="name">([^<]+)</span>', page)
    assert names == ["Looking at the picture", "Speaking the text", "Learning the text", "Drawing the film", "Adding the sound"]
    assert re.search(r'data-stage="speak" class="now" aria-current="step"', page) and "25 %" in page
    assert [stage.name for stage in TEXT_TO_FILM.plan(WorkOrder("x", "text_to_film", INPUTS, work.options), None).stages] == list(
        TEXT_TO_FILM.stages
    )
