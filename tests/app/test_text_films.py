"""A portrait says a text, by the API: ordered, made, given out with its subtitles, and erased with all that came of the text."""

from __future__ import annotations

import pytest

from app import create_app
from app.context import EXTENSION
from app.models import new_id
from app.services.pictures import add_picture_stream
from app.settings import AppSettings
from app.worker import make_worker
from core.work import WorkInput, WorkOrder
from media.media import probe_video
from pipeline.script import MOST_CHARACTERS
from pipeline.works.text_to_film import TEXT_TO_FILM
from tests.app.api_client import ApiClient, problem_of
from tests.jobs.memory_store import wait_for
from tests.speech.test_kokoro import speaker

OPTIONS = {"text": "*joy* Hi, Bob!", "voice": "am_michael", "height": 96, "lips": "features", "fps": 12}


@pytest.fixture
def app(tmp_path):
    made = create_app(AppSettings(data_dir=tmp_path / "data"))
    yield made
    made.extensions[EXTENSION].database.close()


@pytest.fixture
def order(app, root_dir):
    """An order of somebody's whose library has the demo's portrait, and their client."""
    person, parts = new_id(), app.extensions[EXTENSION]
    with parts.database.session() as session, (root_dir / "demo" / "portrait.jpg").open("rb") as image:
        picture = add_picture_stream(session, parts.settings, person, image, "My portrait.jpg").id
    return ApiClient(app, person), {"kind": "text_to_film", "inputs": {"portrait": picture}, "options": OPTIONS}


def test_it_is_told_and_what_cannot_be_said_is_one_sentence(order):
    api, asked = order
    (told,) = (kind for kind in api.get("/kinds").json["kinds"] if kind["name"] == "text_to_film")
    assert told["inputs"] == {"portrait": "picture"} and set(told["outputs"]) == {"film", "subtitles", "srt"}
    known = told["options"]["properties"]
    assert {"text", "voice", "language", "speed", "style", "engine", "height"} <= set(known) and "start_s" not in known
    for options, problem in (
        ({}, "nothing to say"),
        ({"text": "*sparkly* Hi!"}, "no feeling *sparkly*"),
        ({"text": "Hi!", "voice": "nobody"}, "no voice 'nobody'"),
        ({"text": "Hi!", "speed": 7}, "speed is 7"),
        ({"text": "Hi!", "start_s": 7}, "no option called start_s"),
        ({"text": "Hi!", "subtitles": "srt"}, "no option called subtitles"),
    ):
        problem_of(api.post("/works", {**asked, "options": options}), 422, problem)
    assert api.get("/works").json["items"] == []


def test_its_time_is_told_by_the_length_of_the_text():
    portrait = {"portrait": WorkInput(None, facts={"width": 512, "height": 512, "drawing": False})}

    def planned(**options):
        return TEXT_TO_FILM.plan(WorkOrder("j", "text_to_film", portrait, TEXT_TO_FILM.settled(options)), None)

    short, long = planned(text="Hello you. " * 10), planned(text="Hello you. " * 100 + "\n[pause 30]\nBye.")
    assert [stage.name for stage in short.stages] == ["portrait", "speak", "motion", "frames", "mux"]
    assert 5 < short.length_s < 12 and long.length_s == pytest.approx(10 * short.length_s + 30, rel=0.05)
    assert planned(text="Hello you. " * 10, speed=2).length_s == pytest.approx(short.length_s / 2)
    assert MOST_CHARACTERS > 60_000, "an hour"


@pytest.mark.slow
def test_it_is_ordered_made_given_out_and_erased(app, order, own_cache):
    speaker(["am_michael"])
    api, asked = order
    parts = app.extensions[EXTENSION]
    worker = make_worker(parts.settings, parts.database)
    worker.start()
    try:
        ordered = api.post("/works", asked)
        assert ordered.status_code == 202 and ordered.json["work"]["options"]["text"] == OPTIONS["text"]
        address = f"/works/{ordered.json['work']['id']}"
        made = wait_for(lambda: (work := api.get(address).json)["job"]["state"] in ("done", "failed") and work, 300)
    finally:
        worker.stop()
    assert made["job"]["state"] == "done", made["job"]["error"]
    assert set(made["files"]) == {"film", "subtitles", "srt"} and made["figures"]["sentences"] == 1
    assert made["figures"]["emotion"]["sections"][0]["style"] == "happy"
    answers = {role: api.get(f"{address}/files/{role}") for role in made["files"]}
    assert answers["film"].mimetype == "video/mp4" and answers["subtitles"].mimetype == "text/vtt"
    assert (
        answers["subtitles"].text.startswith("WEBVTT")
        and "Bob!" in answers["subtitles"].text
        and "Hi, Bob!" in answers["srt"].text
    )
    shown = api.http.get(f"/works/{made['id']}").text
    assert f'<track kind="captions" src="{made["files"]["subtitles"]}"' in shown
    assert all(f"{words}</a>" in shown for words in ("Download", "Subtitles (VTT)", "Subtitles (SRT)"))
    (film,) = parts.settings.results_dir.glob("film-*.mp4")
    assert answers["film"].data == film.read_bytes() and probe_video(film).height == 96
    assert list((own_cache / "speak").iterdir()) and list((own_cache / "motion").iterdir())
    assert api.post("/works", asked).status_code == 200, "the same order is the same work"
    assert api.post(f"{address}/erase").status_code == 204 and not film.exists()
    assert not list((own_cache / "speak").iterdir()) and not list((own_cache / "motion").iterdir()), "nothing of the text is left"
