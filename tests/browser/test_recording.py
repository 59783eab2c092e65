"""A driving film is recorded in the page by a real browser's camera, and becomes one of the visitor's films."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.cameras import camera_browser, write_face
from tests.browser.conftest import PATIENCE_MS, doors
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
RECORDED_MS = 2500


@pytest.fixture(scope="module")
def browser(chromium_path, tmp_path_factory, portrait):
    """Its camera shows the demo portrait, moving."""
    expect.set_options(timeout=PATIENCE_MS)
    with camera_browser(chromium_path, write_face(tmp_path_factory.mktemp("camera") / "face.mjpeg", portrait)) as chromium:
        yield chromium


@pytest.fixture
def visit(browser):
    yield from doors(browser)


def record(wizard):
    """From the closed camera to the recording that can be looked at."""
    wizard.button("Turn the camera on").click()
    expect(wizard.button("Record")).to_be_focused()
    wizard.button("Record").press("Enter")
    expect(wizard.page.get_by_text("It begins in 2.")).to_be_visible()
    expect(wizard.button("Stop the recording")).to_be_focused()
    wizard.page.wait_for_timeout(RECORDED_MS)
    wizard.button("Stop the recording").press("Enter")
    expect(wizard.button("Use this recording")).to_be_focused()


def test_what_is_recorded_becomes_the_driving_film(visit, server):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip?drive=on")
    page.wait_for_load_state()
    record(wizard)
    result = page.get_by_label("Your recording")
    expect(result).to_be_visible()
    page.wait_for_function("video => video.videoWidth > 100", arg=result.element_handle())
    assert Axe().run(page).response["violations"] == []
    wizard.button("Record it again").click()
    expect(result).to_be_hidden()
    expect(wizard.button("Record")).to_be_focused()
    wizard.button("Turn the camera off and drop it").click()
    record(wizard)
    wizard.button("Use this recording").press("Enter")
    page.wait_for_url(re.compile("clip="), timeout=FILM_PATIENCE_MS)
    expect(page.get_by_role("heading", name=re.compile("^Recording "))).to_be_visible()
    (clip,) = page.request.get("/api/v1/clips").json()["items"]
    # neither the head of such a file nor its rate says how long it is
    assert clip["mime"] == "video/webm" and 1.5 < clip["duration_s"] < 6.0 and (clip["width"], clip["height"]) == (640, 480)
    expect(page.get_by_role("button", name="Go on to the result")).to_be_visible()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "The browser does not give the camera."),
        ("NotFoundError", "No camera was found."),
        ("NotReadableError", "most likely another program uses it"),
    ],
)
def test_a_camera_that_is_not_given_is_told(visit, server, error, words):
    wizard = visit(server)
    page = wizard.page
    page.add_init_script(f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}")
    page.goto("/clip")
    page.wait_for_load_state()
    wizard.button("Turn the camera on").click()
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(wizard.button("Turn the camera on")).to_be_visible()


def test_without_a_microphone_the_camera_is_enough(visit, server):
    wizard = visit(server)
    page = wizard.page
    page.add_init_script(
        "const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices); navigator.mediaDevices.getUserMedia ="
        " async (wanted) => { if (wanted.audio) throw new DOMException('', 'NotFoundError'); return given(wanted); };"
    )
    page.goto("/clip?drive=on")
    page.wait_for_load_state()
    wizard.button("Turn the camera on").click()
    expect(page.get_by_text("No microphone was found")).to_be_visible()
    expect(wizard.button("Record")).to_be_visible()
