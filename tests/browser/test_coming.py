"""What is on its way has its place from the start: nothing moves when it comes, and the place tells that something comes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from benchmarks.page_figures import OBSERVE

pytestmark = pytest.mark.slow
MOVES = "element => getComputedStyle(element).animationName"


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A server that makes nothing, so that all is on its way for as long as one looks."""
    with LiveServer(tmp_path_factory.mktemp("idle"), worker=False) as running:
        yield running


def given(page, song, portrait):
    """Give both by the API; their ids."""
    ids = []
    for kind, path in (("songs", song), ("pictures", portrait)):
        file = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
        ids.append(page.request.post(f"/api/v1/{kind}", multipart={"file": file}).json()["id"])
    return ids


@pytest.mark.parametrize(("width", "motion"), [(360, "no-preference"), (1440, "reduce")])
def test_preview_and_film_have_their_places(visit, idle, song, portrait, width, motion):
    page = visit(idle, viewport={"width": width, "height": 800}, reduced_motion=motion).page
    page.add_init_script(OBSERVE)
    song_id, picture_id = given(page, song, portrait)
    page.goto(f"/order?song={song_id}&picture={picture_id}")
    place = page.locator(".preview [data-place]")
    place.scroll_into_view_if_needed()
    expect(place).to_have_class("coming")
    assert place.evaluate(MOVES) == ("coming" if motion == "no-preference" else "none")
    body = {"song_id": song_id, "picture_id": picture_id, "consent": True}
    film_id = page.request.post("/api/v1/films", data=body).json()["film"]["id"]
    page.goto(f"/films/{film_id}")
    still = page.locator(".still.coming")
    expect(still).to_be_visible()
    assert still.bounding_box()["height"] > 200 and still.bounding_box()["width"] > 200
    assert page.evaluate("figures.shift") < 0.02


def test_a_file_that_is_checked_says_so(visit, idle, song):
    page = visit(idle).page
    page.goto("/music")
    page.route(re.compile("/finish$"), lambda route: None)  # the look at it goes on
    page.locator("input[type=file]").first.set_input_files(song)
    bar = page.locator("[data-upload-state] progress")
    expect(bar).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-upload-state] progress').matches(':indeterminate')")
    assert bar.evaluate(MOVES) == "coming"
    page.goto("about:blank")
