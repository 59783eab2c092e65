"""How many files a kind of work touches: its recipe, one line in the list, its page; and translations."""

from __future__ import annotations

import sys
from importlib import import_module

import pytest
from flask_babel import force_locale
from PIL import Image

from app import create_app
from app.context import EXTENSION, PERSON_COOKIE
from app.models import new_id
from app.services.pictures import add_picture_stream
from app.settings import AppSettings
from app.worker import make_worker
from core.errors import InputError
from pipeline.work_kinds import KINDS
from tests.app.api_client import ApiClient, problem_of
from tests.jobs.memory_store import wait_for

#: The recipe, all that the kind is: it tints a picture.
RECIPE = """
from dataclasses import dataclass

from core.errors import InputError
from core.messages import as_written
from core.option_kinds import Whole
from core.options import N_, check_options, option, read_options
from core.stage_cost import StageCost
from core.work import PlannedStage, WorkKind, WorkPlan


@dataclass(frozen=True)
class ToyOptions:
    redness: int = option(3, Whole(0, 9), "how red it becomes", label=N_("Redness"), hint=N_("More is redder."))

    def __post_init__(self):
        check_options(self)


def run(order, progress):
    from PIL import Image

    options = ToyOptions(**read_options(ToyOptions, order.options))
    given = order.inputs["canvas"]
    progress("tint", 0, 1)
    if options.redness == 9:
        raise InputError(as_written(f"{given.path} is red enough."))
    picture = Image.open(given.path).convert("RGB")
    red, green, blue = picture.split()
    red = red.point(lambda value: min(255, value + 20 * options.redness))
    Image.merge("RGB", (red, green, blue)).save(order.outputs["tinted"])
    progress("tint", 1, 1)
    return {"width": picture.width, "notes": [as_written(f"{given.path.name} was tinted.").as_json()]}


def plan(order, figures):
    pixels = order.inputs["canvas"].facts["width"] * order.inputs["canvas"].facts["height"]
    return WorkPlan(1.0, pixels, (PlannedStage("tint", StageCost(0.5), "tint", True),))


TOY = WorkKind("toy", N_("Toy: tint a picture"), run, {"canvas": "picture"}, {"tinted": ".png"}, ToyOptions, plan=plan)
"""
#: Its page.
PAGE = "{% extends 'work_order.html' %}{% block about %}Here a picture becomes redder.{% endblock %}"
#: Stands for the line in the list, in the process that does the work.
LINE = """
import os, sys

if "belcanto.work_child" in sys.orig_argv:
    sys.path.insert(0, os.getcwd())
    from pipeline.work_kinds import KINDS
    from toy_recipe import TOY

    KINDS.append(TOY)
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """The recipe in a folder of its own, and in the list."""
    folder = tmp_path / "toys"
    folder.mkdir()
    (folder / "toy_recipe.py").write_text(RECIPE)
    (folder / "sitecustomize.py").write_text(LINE)
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    card = import_module("toy_recipe").TOY
    KINDS.append(card)
    yield card
    KINDS.remove(card)
    sys.modules.pop("toy_recipe")


@pytest.fixture
def toy_app(toy, tmp_path):
    """An application with the toy's page."""
    app = create_app(AppSettings(data_dir=tmp_path / "data"))
    app.config["WTF_CSRF_ENABLED"] = False
    (tmp_path / "pages" / "kinds").mkdir(parents=True)
    (tmp_path / "pages" / "kinds" / "toy.html").write_text(PAGE)
    app.jinja_loader.searchpath.append(str(tmp_path / "pages"))
    yield app
    app.extensions[EXTENSION].database.close()


@pytest.fixture
def person():
    return new_id()


@pytest.fixture
def picture_id(toy_app, person, root_dir):
    """The person's picture: the demo's."""
    parts = toy_app.extensions[EXTENSION]
    with parts.database.session() as session, (root_dir / "demo" / "portrait.jpg").open("rb") as image:
        return add_picture_stream(session, parts.settings, person, image, "My portrait.jpg").id


def test_its_options_are_told_read_and_refused(toy, toy_app):
    kinds = {kind["name"]: kind for kind in ApiClient(toy_app).get("/kinds").json["kinds"]}
    ours = {"song_to_film", "text_to_film", "dub", "transfer", "film_to_script", "translate_film", "sync_film", "fill_film"}
    ours |= {"compare_films", "look_film", "caption_film", "song_to_lyrics", "verify_film"}
    assert set(kinds) == {*ours, "toy"}
    assert kinds["toy"]["inputs"] == {"canvas": "picture"} and kinds["toy"]["outputs"] == {"tinted": ".png"}
    told = kinds["toy"]["options"]["properties"]["redness"]
    assert told == {"type": "integer", "minimum": 0, "maximum": 9, "description": "how red it becomes"}
    assert "engine" in kinds["song_to_film"]["options"]["properties"] and "size" in kinds["song_to_film"]["options"]["properties"]
    assert toy.settled({"redness": "7"}) == {"redness": 7} and toy.settled({}) == {"redness": 3}
    for wrong in ({"redness": 10}, {"redness": "x"}, {"blueness": 1}):
        with pytest.raises(InputError):
            toy.settled(wrong)


def test_what_cannot_be_ordered_is_one_sentence(toy_app, person, picture_id):
    api = ApiClient(toy_app, person)
    order = {"kind": "toy", "inputs": {"canvas": picture_id}}
    problem_of(api.post("/works", {**order, "options": {"redness": 10}}), 422, "redness is 10; a number from 0 to 9")
    problem_of(api.post("/works", {**order, "options": {"blueness": 1}}), 422, "no option called blueness")
    problem_of(api.post("/works", {**order, "inputs": {}}), 422, "nothing was given as canvas")
    problem_of(api.post("/works", {**order, "inputs": {"canvas": picture_id, "more": picture_id}}), 422, "given as more")
    problem_of(api.post("/works", {**order, "inputs": {"canvas": new_id()}}), 404, "no such file in your library")
    problem_of(ApiClient(toy_app, new_id()).post("/works", order), 404, "no such file in your library")
    problem_of(api.post("/works", {**order, "kind": "quality_report"}), 422, "no kind of work called quality_report")
    assert api.get("/works").json["items"] == []


@pytest.mark.slow
def test_it_is_ordered_made_in_a_process_of_its_own_and_given_out(toy_app, person, picture_id):
    """By the worker that knows nothing of it; a broken one says why in the person's words; deleted, nothing is left."""
    parts = toy_app.extensions[EXTENSION]
    worker = make_worker(parts.settings, parts.database)
    worker.start()
    api = ApiClient(toy_app, person)
    try:
        order = {"kind": "toy", "inputs": {"canvas": picture_id}}
        ordered = api.post("/works", order)
        assert ordered.status_code == 202 and ordered.json["created"]
        address = f"/works/{ordered.json['work']['id']}"
        made = wait_for(lambda: (work := api.get(address).json)["job"]["state"] == "done" and work)
        refused = api.post("/works", {**order, "options": {"redness": 9}}).json["work"]
        failed = wait_for(lambda: (work := api.get(f"/works/{refused['id']}").json)["job"]["state"] == "failed" and work)
    finally:
        worker.stop()
    assert made["figures"]["width"] == 1024 and made["options"] == {"redness": 3} and made["title"] == "My portrait"
    assert made["job"]["notes"] == ["“My portrait” was tinted."] and made["job"]["kind"] == "toy"
    assert failed["job"]["error"] == "“My portrait” is red enough."
    (path,) = parts.settings.results_dir.glob("tinted-*.png")
    answer = api.get(f"{address}/files/tinted")
    assert answer.mimetype == "image/png" and answer.data == path.read_bytes() and Image.open(path).size == (1024, 1024)
    again = api.post("/works", order)
    assert again.status_code == 200 and not again.json["created"] and again.json["work"]["id"] == made["id"]
    assert [work["id"] for work in api.get("/works?kind=toy").json["items"]] == [refused["id"], made["id"]]
    assert api.get("/films").json["items"] == []
    assert api.delete(address).status_code == 204 and path.is_file()
    (hidden,) = api.get("/deleted").json["items"]
    assert hidden["kind"] == "work" and api.post(hidden["links"]["restore"].removeprefix("/api/v1")).json["id"] == made["id"]
    assert api.post(f"{address}/erase").status_code == 204 and not path.exists()


def test_its_page_orders_and_shows_it(toy_app, person, picture_id):
    client = toy_app.test_client()
    client.set_cookie(PERSON_COOKIE, toy_app.extensions[EXTENSION].people.dumps(person))
    assert "Toy: tint a picture" in client.get("/library").text
    page = client.get("/make/toy").text
    assert "Here a picture becomes redder." in page and "More is redder." in page and "My portrait" in page
    answer = client.post("/make/toy", data={"role-canvas": picture_id, "redness": "12"})
    assert answer.status_code == 200 and "a number from 0 to 9" in answer.text
    answer = client.post("/make/toy", data={"role-canvas": picture_id, "redness": "5"})
    assert answer.status_code == 303
    shown = client.get(answer.headers["Location"]).text
    assert "Waiting for its turn" in shown and "My portrait" in shown
    assert "My portrait" in client.get("/library").text
    assert client.post(f"{answer.headers['Location']}/cancel").status_code == 303
    assert "It was cancelled." in client.get(answer.headers["Location"]).text
    assert client.get("/make/song_to_film").status_code == 404, "the wizard is its page"
    with toy_app.test_request_context(), force_locale("de"):
        assert client.get("/make/nothing").status_code == 404


def test_the_list_has_one_line_for_each(root_dir):
    """What the table of the architecture's page says: nobody else names a kind that the list holds."""
    listed = (root_dir / "pipeline" / "work_kinds.py").read_text()
    assert all(listed.count(f"    {kind.name.upper()},") == 1 for kind in KINDS)
