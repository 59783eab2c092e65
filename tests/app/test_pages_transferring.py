"""A film moves a picture, as a browser without JavaScript sees it: the steps, who is followed, the sound, the order, again."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from app.database import writing
from app.job_store import DatabaseJobStore
from app.models import Clip, Work
from app.services.works import order_work
from pipeline.works.transfer import TRANSFER
from tests.app.film_people import find_people
from tests.pipeline.dubbing import film as grey_film


@pytest.fixture
def store(database, settings):
    return DatabaseJobStore(database, settings)


@pytest.fixture
def visitor(app, client, person_id):
    """The browser of the person whose things the other fixtures give."""
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    return client


@pytest.fixture
def chosen(session, clip, picture):
    """The choice of a picture and a driving film of eight seconds, as the address has it."""
    with writing(session):
        clip.duration_s = 8.0
    return {"picture": picture.id, "face": "1", "clip": clip.id, "drive": "on"}


def asked(answer):
    return urlsplit(answer.location).path, {name: rows[0] for name, rows in parse_qs(urlsplit(answer.location).query).items()}


def order_of(session):
    session.expire_all()
    return session.query(Work).where(Work.kind == TRANSFER.name).one()


def test_the_first_step_offers_both_ways(visitor):
    page = visitor.get("/music").text
    assert re.search(r'<a [^>]*href="/image\?drive=on"[^>]*>the film of a face</a>', page)
    assert re.search(r'<a [^>]*href="/music"[^>]* aria-current="true">a song</a>', page)
    page = visitor.get("/image?drive=on").text
    assert "that is to move" in page and re.search(r'aria-current="step"[^<]*<span[^>]*>1</span>Image', page)


def test_the_steps_are_picture_film_result(visitor, chosen):
    onward = visitor.get("/image", query_string={"picture": chosen["picture"], "drive": "on", "go": "on"})
    assert asked(onward) == ("/clip", {"picture": chosen["picture"], "face": "1", "drive": "on"})
    page = visitor.get("/clip", query_string=chosen).text
    assert "Another language" not in page and "Record yourself" in page and "Go on to the result" in page
    onward = visitor.get("/clip", query_string={**chosen, "clip_end": "3", "go": "on"})
    assert asked(onward) == ("/transfer", {**chosen, "clip_end": "3"})
    assert asked(visitor.get("/clip", query_string={"clip": chosen["clip"], "drive": "on", "go": "on"}))[0] == "/image"
    assert asked(visitor.get("/clip", query_string={"clip": chosen["clip"], "go": "drive"})) == (
        "/image",
        {"clip": chosen["clip"], "drive": "on"},
    )


def test_who_comes_too_early_is_led_to_the_step_that_lacks(visitor, chosen):
    assert asked(visitor.get("/transfer"))[0] == "/image"
    assert asked(visitor.get("/transfer", query_string={"picture": chosen["picture"]}))[0] == "/clip"
    assert asked(visitor.get("/transfer", query_string={**chosen, "clip_start": "9"}))[0] == "/clip"
    assert asked(visitor.get("/transfer", query_string={**chosen, "clip": "gone"}))[0] == "/clip"


def test_the_order_has_the_part_the_person_and_the_strengths(visitor, chosen, session, store):
    chosen |= {"clip_start": "1", "clip_end": "5"}
    page = visitor.get("/transfer", query_string=chosen).text
    assert "are being looked for" in page
    find_people(store)
    page = visitor.get("/transfer", query_string=chosen).text
    people = dict(re.findall(r'<input type="radio" id="driving_face-\d" name="driving_face" value="(\d)"([^>]*)>', page))
    assert [" checked" in each for each in people.values()] == [True, False, False] and len(people) == 3
    assert "The face is turned away all the time." in page and "disabled" not in people["3"]
    sent = {"driving_face": "2", "engine": "mesh", "strength_head": "0.5", "strength_lips": "1.5", "absolute": "y"}
    answer = visitor.post("/transfer", data={**chosen, **sent, "sound": "none", "lips": "driving"})
    work = order_of(session)
    assert answer.status_code == 303 and urlsplit(answer.location).path == f"/works/{work.id}"
    told = ("driving_face", "engine", "strength_head", "strength_lips", "absolute", "sound", "start_s", "duration_s", "face")
    assert [work.options[name] for name in told] == [2, "mesh", 0.5, 1.5, True, "none", 1.0, 4.0, 1]
    assert {role: given.asset_id for role, given in work.inputs.items()} == {
        "portrait": chosen["picture"],
        "driving": chosen["clip"],
    }
    assert visitor.post("/transfer", data={**chosen, **sent, "sound": "none", "lips": "driving"}).location == answer.location
    claimed = store.claim("a@x", "fair")
    assert set(claimed.inputs) == {"portrait", "driving"}, "a sound of its own is not needed"


def test_a_sound_of_ones_own_takes_the_place_of_the_films(visitor, chosen, session, song):
    page = visitor.get("/transfer", query_string=chosen).text
    assert 'name="sound"' in page and 'name="loop"' not in page
    choose = re.search(r'href="(/music\?[^"]+)">Choose a sound', page)[1].replace("&amp;", "&")
    page = visitor.get(choose).text
    assert "Choose what is heard with the film" in page and "Back to the result" in page
    onward = visitor.get("/music", query_string={**chosen, "song": song.id, "start": "1", "end": "3", "go": "on"})
    assert asked(onward) == ("/transfer", {**chosen, "song": song.id, "start": "1", "end": "3"})
    page = visitor.get(onward.location).text
    assert 'name="sound"' not in page and 'name="loop"' in page and "Without this sound" in page
    given = {**chosen, "song": song.id, "start": "1", "end": "3", "lips": "sound", "engine": "mesh"}
    assert visitor.post("/transfer", data=given).status_code == 303
    work = order_of(session)
    assert work.inputs["sound"].asset_id == song.id
    assert [work.options[name] for name in ("lips", "sound_start_s", "sound_duration_s")] == ["sound", 1.0, 2.0]


def test_options_that_do_not_go_together_are_said_and_nothing_is_lost(visitor, chosen, session):
    answer = visitor.post("/transfer", data={**chosen, "sound": "none", "lips": "sound", "strength_eyes": "1.8"})
    assert answer.status_code == 422 and 'role="alert"' in answer.text and 'value="1.8"' in answer.text
    answer = visitor.post("/transfer", data={**chosen, "strength_eyes": "7"})
    assert answer.status_code == 422 and session.query(Work).count() == 0


def test_a_film_is_made_again_as_it_was_ordered(visitor, chosen, session, settings, person_id, song):
    options = {"start_s": 1.0, "duration_s": 3.0, "sound_start_s": 2.0, "sound_duration_s": 1.5, "strength_brows": 0.2}
    inputs = {"portrait": chosen["picture"], "driving": chosen["clip"], "sound": song.id}
    work, _ = order_work(session, settings, person_id, TRANSFER, inputs, {**options, "driving_face": 2, "face": 1})
    page = visitor.get(f"/works/{work.id}").text
    assert f'href="/transfer?again={work.id}"' in page and "Following the faces" in page and "A film moves a picture" in page
    onward = visitor.get(f"/transfer?again={work.id}")
    parts = {"clip_start": "0:01", "clip_end": "0:04", "start": "0:02", "end": "0:03.5"}
    assert asked(onward) == ("/transfer", {**chosen, "song": song.id, **parts, "again": work.id})
    page = visitor.get(onward.location).text
    assert re.search(r'name="strength_brows"[^>]* value="0.2"', page) or re.search(
        r'value="0.2"[^>]* name="strength_brows"', page
    )
    library = visitor.get("/library").text
    assert "0:01 to 0:04" in library and "Make it again with a change" in library


def test_a_film_that_was_made_can_be_worn_by_the_talk_page_or_used_further(
    visitor, chosen, session, settings, person_id, tmp_path
):
    inputs = {"portrait": chosen["picture"], "driving": chosen["clip"]}
    work, _ = order_work(session, settings, person_id, TRANSFER, inputs)
    made = grey_film(tmp_path / "made.mp4", 25).read_bytes()
    with writing(session):
        (settings.results_dir / "film-made.mp4").write_bytes(made)
        work.files, work.job.state = {"film": "film-made.mp4"}, "done"
    assert "Talk with it" in visitor.get(f"/works/{work.id}").text
    path, query = asked(visitor.post(f"/works/{work.id}/use", data={"do": "talk"}))
    assert path == "/talk" and query["clip"] != chosen["clip"]
    assert f'value="{query["clip"]}" data-kind="clip" checked' in visitor.get("/talk", query_string=query).text
    again = asked(visitor.post(f"/works/{work.id}/use", data={"do": "film"}))
    assert again == ("/clip", query), "the same film is not kept twice"
    session.expire_all()
    assert session.get(Clip, query["clip"]).title == work.title
    assert visitor.get(f"/api/v1/clips/{query['clip']}/file").data == made
