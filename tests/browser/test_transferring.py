"""From a picture and a film of a face to the film in which the picture does the same: in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from media.media import probe_video
from tests.browser.test_dubbing import FRAMES, give, moving
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def talk(tmp_path_factory, portrait):
    """A second in which one person moves."""
    return moving(tmp_path_factory.mktemp("films") / "Talk.mp4", portrait, 1)


def test_a_film_moves_a_picture_and_then_talks(visit, server, talk, portrait, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/music")
    wizard.link("the film of a face").click()
    expect(wizard.heading("Image")).to_be_visible()
    page.wait_for_load_state()
    wizard.give_picture(portrait)
    wizard.button("Go on to the film").click()
    expect(wizard.heading("Record yourself")).to_be_visible()
    page.wait_for_load_state()
    give(wizard, talk, "video.clip")
    wizard.go_to_result()
    expect(page.get_by_label("Person 1")).to_be_checked(timeout=FILM_PATIENCE_MS)
    page.get_by_label("Head", exact=True).press("ArrowLeft")
    page.get_by_text("More: how the film is made").click()
    page.locator("[name=engine]").select_option("mesh")
    page.locator("[name=height]").select_option("360")
    assert Axe().run(page).response["violations"] == []
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile(r"/works/"))
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "made.mp4")
    assert probe_video(tmp_path / "made.mp4").frames == FRAMES
    page.get_by_text("Compare with the film that moved it").click()
    expect(page.get_by_label("Talk", exact=True)).to_be_visible()
    wizard.link("Make it again with a change").click()
    expect(wizard.heading("How it follows")).to_be_visible()
    page.go_back()
    wizard.button("Talk with it").click()
    page.wait_for_url(re.compile(r"/talk\?clip="))
    expect(page.get_by_role("radio", name=re.compile("^Film: portrait"))).to_be_checked()
