"""The talk page and the stage as they are given out: pictures, words, and who may listen to the microphone."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from app.live_texts import for_live
from app.texts import for_cameras
from speech import readable
from tests.app.test_pages_wizard import visitor  # noqa: F401 (a fixture)


@pytest.mark.parametrize("path", ["/talk", "/stage", "/mirror"])
def test_the_pages_stand_without_a_live_process(visitor, picture, path):  # noqa: F811
    page = visitor.get(path)
    assert page.status_code == 200
    assert f'value="{picture.id}" data-kind="picture" checked' in page.text
    assert "agreed to" in page.text  # the consent line
    assert "microphone=(self)" in page.headers["Permissions-Policy"]
    texts = json.loads(unescape(re.search(r'data-texts="([^"]+)"', page.text)[1]))
    assert set(for_live()) <= set(texts)


def test_only_where_something_is_recorded_may_a_page_listen_or_see(visitor):  # noqa: F811
    paths = ("/clip", "/mirror", "/talk", "/stage", "/music", "/image", "/library", "/about", "/say", "/examples", "/")
    policies = {path: visitor.get(path).headers["Permissions-Policy"] for path in paths}
    assert [path for path in paths if "microphone=(self)" in policies[path]] == ["/clip", "/mirror", "/talk", "/stage", "/music"]
    assert [path for path in paths if "camera=(self)" in policies[path]] == ["/clip", "/mirror", "/image"]


def test_every_text_that_the_scripts_say_is_there(app, root_dir):
    scripts = "".join(path.read_text() for path in (root_dir / "static" / "js").glob("*.js"))
    asked = set(re.findall(r'(?:texts\.|say\("|")((?:live|mirror|camera)_[a-z0-9_]+)', scripts))
    built = {"live_feels_", "live_"}  # with the feeling's or the state's name behind
    with app.test_request_context():
        there = set(for_live()) | set(for_cameras())
    assert asked - there - built == set()
    by_name = {name for name in there if name.startswith("live_feels_")}
    states = ("idle", "listening", "thinking", "speaking", "singing", "failed", "learning", "following", "unseen")
    by_name |= {f"live_{state}" for state in states}
    assert there - asked - by_name == set()


def test_a_picture_of_which_the_face_is_not_clear_is_not_offered(visitor, session, picture):  # noqa: F811
    left, right = ({**picture.faces[0], "number": number, "ok": True} for number in (1, 2))
    picture.faces = [left, right]
    session.commit()
    assert f'value="{picture.id}"' not in visitor.get("/talk").text


def test_the_chosen_picture_comes_first_and_one_that_is_gone_is_told(visitor, picture):  # noqa: F811
    assert f'value="{picture.id}" data-kind="picture" checked' in visitor.get(f"/talk?picture={picture.id}").text
    page = visitor.get("/talk?picture=nothere")
    assert page.status_code == 200 and "no such picture" in page.text


@pytest.mark.slow
def test_the_demo_portrait_becomes_ones_own(visitor):  # noqa: F811
    page = visitor.get("/stage").text
    assert "Use the demo portrait" in page and visitor.get("/talk/demo.jpg").data[:2] == b"\xff\xd8"
    answer = visitor.post("/talk/demo", data={"page": "stage"})
    assert answer.status_code == 303 and answer.location.startswith("/stage?picture=")
    page = visitor.get(answer.location).text
    assert "Demo portrait" in page and "Use the demo portrait" not in page


def test_languages_that_cannot_be_read_are_not_offered(visitor, monkeypatch):  # noqa: F811
    monkeypatch.setattr(readable.shutil, "which", lambda name: None)
    page = visitor.get("/talk").text
    assert '<option value="fr" disabled>' in page and '<option value="en-US">' in page


def test_the_way_there(visitor):  # noqa: F811
    page = visitor.get("/music").text
    assert page.count('href="/talk"') == 2 and 'href="/stage"' in page
    german = visitor.get("/talk", headers={"Accept-Language": "de"}).text
    assert "Gespräch beginnen" in german and "Wer sich die Antworten ausdenkt" in german
