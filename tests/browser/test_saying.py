"""A text, a picture, a film: in a real browser, with a voice that is heard before it is chosen."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from media.media import probe_video
from tests.browser.wizard import FILM_PATIENCE_MS
from tests.speech.test_kokoro import speaker

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(autouse=True)
def voices():
    speaker(["af_heart"])


def test_from_a_text_to_a_film_that_is_heard_and_read(visit, server, portrait, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/music")
    wizard.link("Let the picture say a text").click()
    expect(wizard.heading("Text").first).to_be_visible()
    expect(page.get_by_text("without scripts the text is lost")).to_be_hidden()
    text = page.get_by_label("What it says")
    text.fill("Mama! ")
    wizard.button("Joy").click()
    text.press_sequentially("Maybe.")
    expect(text).to_have_value("Mama! *joy* Maybe.")
    wizard.link("Go on to the image").click()
    page.wait_for_load_state()
    wizard.give_picture(portrait)
    wizard.button("Go on to the result").click()
    page.wait_for_load_state()
    expect(text).to_have_value("Mama! *joy* Maybe.")  # kept while the picture was chosen

    with page.expect_response(re.compile("/voices/af_heart/sample$"), timeout=FILM_PATIENCE_MS) as heard:
        wizard.button("Listen to this voice").click()
    assert heard.value.status == 200
    expect(wizard.button("Listen to this voice")).to_be_enabled(timeout=FILM_PATIENCE_MS)
    expect(page.locator("[data-voice-said]")).to_have_text("")

    wizard.make_small()
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile("/works/"))
    film = wizard.wait_for_film()
    expect(wizard.heading("Mama! Maybe.")).to_be_visible()
    page.wait_for_function("film => film.readyState >= 1", arg=film.element_handle())
    assert 1.0 < film.evaluate("film => film.duration") < 6.0
    page.wait_for_function("film => film.textTracks[0].cues?.length === 2", arg=film.element_handle())
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "film.mp4")
    assert probe_video(tmp_path / "film.mp4").duration_s == pytest.approx(film.evaluate("film => film.duration"), abs=0.1)
    with page.expect_download() as download:
        wizard.link("Subtitles (SRT)").click()
    download.value.save_as(tmp_path / "film.srt")
    assert "Maybe." in (tmp_path / "film.srt").read_text(encoding="utf-8")
    wizard.link("Make another").click()
    expect(page.get_by_text("Change the image")).to_be_visible()


def test_a_text_that_cannot_be_said_is_told_and_stays(visit, server, chosen):
    state, address = chosen
    wizard = visit(server, storage_state=state)
    picture = re.search("picture=([^&]+)", address)[1]
    wizard.page.goto(f"/say?picture={picture}")
    text = wizard.page.get_by_label("What it says")
    text.fill("*bliss* What a day!")
    wizard.button("Make the film").click()
    expect(wizard.page.get_by_role("alert")).to_contain_text("bliss")
    expect(text).to_have_value("*bliss* What a day!")
