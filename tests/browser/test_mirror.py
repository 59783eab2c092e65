"""The mirror before the real live process: a real browser's camera drives the portrait, and it is told when nobody gives one."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from tests.browser.cameras import camera_browser, write_face
from tests.browser.conftest import PATIENCE_MS, doors
from tests.browser.wizard import FILM_PATIENCE_MS
from tests.live.service.serving import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser(chromium_path, tmp_path_factory, portrait):
    """Its camera shows the demo portrait, moving."""
    expect.set_options(timeout=PATIENCE_MS)
    with camera_browser(chromium_path, write_face(tmp_path_factory.mktemp("camera") / "face.mjpeg", portrait)) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def live_server(tmp_path_factory, film_cache):
    with LiveServer(tmp_path_factory.mktemp("mirror"), {"BELCANTO_CACHE_DIR": str(film_cache)}) as running:
        yield running


@pytest.fixture
def visit(browser):
    yield from doors(browser)


@pytest.fixture
def before(visit, live_server):
    """Somebody with the demo portrait, before the mirror."""
    wizard = visit(live_server)
    wizard.watch.allowed.append("/live/personas")  # which the page asks until the live process is there
    wizard.page.goto("/mirror")
    wizard.button("Use the demo portrait").click()
    wizard.page.wait_for_url(re.compile("/mirror\\?picture="))
    expect(wizard.button("Turn the camera on and start")).to_be_enabled()
    return wizard


def test_the_picture_follows_and_a_film_of_it_can_be_had(before, live_server, tmp_path):
    page = before.page
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Record my voice, too").check()
    before.button("Turn the camera on and start").click()
    expect(page.get_by_text("It follows you.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    delay = page.locator("[data-delay]")
    expect(delay).to_have_text(re.compile(r"^\d+ ms behind you, \d+ pictures a second$"))
    drawn = page.get_by_role("img", name="The picture, which does what you do")
    assert Axe().run(page).response["violations"] == []
    assert drawn.evaluate("canvas => [canvas.width, canvas.height]") == [512, 512]
    before.button("Record a film").click()
    expect(before.button("End the recording")).to_be_enabled()
    page.wait_for_timeout(2500)
    before.button("End the recording").click()
    expect(before.link("Get the film")).to_be_visible()
    before.button("My face is at rest now").click()
    expect(page.get_by_text("Look straight into the camera")).to_be_visible()
    before.button("End it and turn the camera off").click()
    expect(page.get_by_text("The mirror has ended, and the camera is off.")).to_be_visible()
    assert page.locator("[data-self]").evaluate("video => video.srcObject") is None
    wait_until(lambda: page.request.get("/api/v1/live/sessions").json()["sessions"] == [])
    with page.expect_download() as download:
        before.link("Get the film").click()
    download.value.save_as(tmp_path / "mirror.mp4")
    assert (tmp_path / "mirror.mp4").read_bytes()[4:8] == b"ftyp"
    before.button("Start again").click()
    expect(before.button("Turn the camera on and start")).to_be_focused()
    # nothing of the camera is among what the server keeps
    kept = [path.name for path in (live_server.data_dir / "uploads").rglob("*") if path.is_file()]
    assert all(name.startswith(("picture-", "thumb-")) for name in kept), kept


def test_a_camera_that_is_refused_is_told_and_opens_no_session(before):
    page = before.page
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotAllowedError'); }; }"
    )
    before.button("Turn the camera on and start").click()
    expect(page.get_by_role("alert").filter(has_text="The browser does not give the camera.")).to_be_visible()
    expect(before.button("Turn the camera on and start")).to_be_enabled()
    assert page.request.get("/api/v1/live/sessions").json()["sessions"] == []


def test_a_camera_that_goes_away_ends_the_mirror(before):
    page = before.page
    before.button("Turn the camera on and start").click()
    expect(page.get_by_text("It follows you.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.evaluate(
        "() => { const [track] = document.querySelector('[data-self]').srcObject.getVideoTracks(); track.stop();"
        " track.dispatchEvent(new Event('ended')); }"
    )
    expect(page.get_by_text("The camera is gone. Connect it, then try again.")).to_be_visible()
