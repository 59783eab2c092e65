"""The talk page before the real live service, whose avatar flashes and beeps: by WebRTC, and by the film that goes on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from app.live.client import KEY, LiveClient
from tests.browser.talking import add_picture, talking_server
from tests.browser.test_talk import begin, browser, visit  # noqa: F401 (fixtures)
from tests.live.service.serving import KEY as SECRET
from tests.live.service.serving import Service, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def service():
    with Service() as running:
        yield running


@pytest.fixture(scope="module")
def served(tmp_path_factory, service):
    with talking_server(tmp_path_factory.mktemp("talking")) as server:
        server.app.extensions[KEY] = LiveClient(SECRET, service.port, wanted=True)
        yield server


@pytest.mark.parametrize(("way", "words"), [("", "Connected directly"), ("mp4", "Connected by a film that goes on")])
def test_it_is_seen_and_hears(visit, served, service, portrait, way, words):  # noqa: F811
    wizard = visit(served)
    page = wizard.page
    add_picture(page, served, portrait)
    page.goto(f"/talk?by={way}")
    expect(wizard.button("Start the conversation")).to_be_enabled()
    begin(wizard)
    avatar = service.avatars[-1]
    assert avatar.order.persona == "aria" and avatar.order.mind.kind == "host"
    expect(page.get_by_text(words)).to_be_visible()
    video = page.locator("video")
    page.wait_for_function("video => video.currentTime > 2 && video.videoWidth > 100", arg=video.element_handle())
    page.get_by_label("Write to the avatar").fill("Hello")
    page.keyboard.press("Enter")
    expect(page.locator(".its")).to_contain_text("Hello")
    assert avatar.heard_samples == 0  # nobody listens before the button is pressed
    wizard.button("Turn the microphone on").click()
    wait_until(lambda: avatar.heard_peak > 0.02)
    wizard.button("Turn the microphone off").click()
    wizard.button("Record the conversation").click()
    page.wait_for_timeout(1500)
    wizard.button("End the conversation").click()
    expect(wizard.link("Get the film")).to_have_attribute("href", re.compile("^blob:"))
    wait_until(lambda: not avatar._thread.is_alive())
