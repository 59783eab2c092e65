"""A picture is taken in the page by a real browser's camera, and becomes one of the visitor's pictures."""

from __future__ import annotations

import io
import re

import cv2
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.browser.cameras import camera_browser, write_face
from tests.browser.conftest import PATIENCE_MS, doors
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser(chromium_path, tmp_path_factory, portrait):
    """Its camera shows the demo portrait, moving."""
    expect.set_options(timeout=PATIENCE_MS)
    with camera_browser(chromium_path, write_face(tmp_path_factory.mktemp("camera") / "face.mjpeg", portrait)) as chromium:
        yield chromium


@pytest.fixture
def visit(browser):
    yield from doors(browser)


def take(wizard):
    """From the closed camera to the picture that can be looked at."""
    wizard.button("Turn the camera on").click()
    expect(wizard.button("Take the picture")).to_be_focused()
    wizard.button("Take the picture").press("Enter")
    expect(wizard.page.get_by_text("Picture in 2.")).to_be_visible()
    expect(wizard.button("Use this picture")).to_be_focused()


def likeness(taken, portrait):
    """Correlation of what the camera took, and of its mirror image, with what it showed, wherever that was just then."""
    side = min(portrait.shape[:2])
    face = cv2.resize(portrait[:side, :side], (480, 480), interpolation=cv2.INTER_AREA)[:, 40:440]
    return [
        float(cv2.matchTemplate(each, face, cv2.TM_CCOEFF_NORMED).max()) for each in (taken, np.ascontiguousarray(taken[:, ::-1]))
    ]


def test_what_is_taken_becomes_the_picture_as_others_see_the_person(visit, server, portrait):
    wizard = visit(server)
    page = wizard.page
    page.goto("/image")
    page.wait_for_load_state()
    take(wizard)
    assert Axe().run(page).response["violations"] == []
    wizard.button("Take it again").click()
    expect(page.locator(".head-guide")).to_be_visible()
    expect(page.locator("[data-view]")).to_have_class("mirrored")
    wizard.button("Turn the camera off").click()
    expect(page.locator(".head-guide")).to_be_hidden()
    take(wizard)
    wizard.button("Use this picture").press("Enter")
    page.wait_for_url(re.compile("picture="), timeout=FILM_PATIENCE_MS)
    expect(page.get_by_role("heading", name=re.compile("^Picture "))).to_be_visible()
    (picture,) = page.request.get("/api/v1/pictures").json()["items"]
    assert picture["mime"] == "image/jpeg" and (picture["width"], picture["height"]) == (640, 480)
    content = page.request.get(picture["links"]["file"]).body()
    taken = cv2.cvtColor(np.asarray(Image.open(io.BytesIO(content)).convert("RGB")), cv2.COLOR_RGB2BGR)
    as_it_is, mirrored = likeness(taken, cv2.imread(str(portrait)))
    assert as_it_is > 0.9 and as_it_is > mirrored + 0.1


def test_with_two_cameras_the_other_one_is_offered(visit, server):
    wizard = visit(server)
    page = wizard.page
    page.add_init_script(
        "const devices = navigator.mediaDevices; window.asked = [];"
        " const [all, get] = [devices.enumerateDevices, devices.getUserMedia].map((each) => each.bind(devices));"
        " devices.enumerateDevices = async () => [...(await all()), { kind: 'videoinput' }];"
        " devices.getUserMedia = (how) => { window.asked.push(how.video.facingMode.ideal); return get(how); };"
    )
    page.goto("/image")
    page.wait_for_load_state()
    wizard.button("Turn the camera on").click()
    wizard.button("Use the other camera").click()
    expect(wizard.button("Take the picture")).to_be_focused()
    page.wait_for_function("() => window.asked.length === 2")
    assert page.evaluate("window.asked") == ["user", "environment"]
    expect(page.locator("[data-view]")).not_to_have_class("mirrored")


@pytest.mark.parametrize(
    ("error", "words"),
    [("NotAllowedError", "The browser does not give the camera."), ("NotReadableError", "most likely another program uses it")],
)
def test_a_camera_that_is_not_given_is_told(visit, server, error, words):
    wizard = visit(server)
    page = wizard.page
    page.add_init_script(f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}")
    page.goto("/image")
    page.wait_for_load_state()
    wizard.button("Turn the camera on").click()
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(wizard.button("Turn the camera on")).to_be_visible()
