"""A film, a sound, the film with other lips: in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from media.media import FilmWriter, probe_video
from tests.browser.wizard import FILM_PATIENCE_MS
from tests.pipeline.dubbing import tone

pytestmark = [pytest.mark.slow, pytest.mark.long]
FPS, FRAMES, SIDE = 12.0, 12, 320


@pytest.fixture(scope="module")
def talk(tmp_path_factory, portrait) -> Path:
    """A second in which the portrait moves a little."""
    folder = tmp_path_factory.mktemp("films")
    with Image.open(portrait) as image:
        side = min(image.size)
        seen = np.asarray(image.convert("RGB").resize((SIDE + 16, round((SIDE + 16) * image.height / image.width))))
    assert side > SIDE
    with FilmWriter(folder / "Talk.mp4", (SIDE, SIDE), FPS, tone(folder / "tone.wav", FRAMES / FPS)) as writer:
        for index in range(FRAMES):
            writer.write(np.ascontiguousarray(seen[index : index + SIDE, index : index + SIDE]))
    return folder / "Talk.mp4"


def give(wizard, file, shown):
    """A step's file is chosen and shown."""
    wizard.page.locator("input[type=file]").set_input_files(file)
    expect(wizard.page.locator(shown)).to_be_visible(timeout=FILM_PATIENCE_MS)
    wizard.page.wait_for_load_state()


def test_from_a_film_and_a_sound_to_the_film_beside_its_original(visit, server, talk, song, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/music")
    wizard.link("Give a film other lips").click()
    expect(wizard.heading("Film")).to_be_visible()
    page.wait_for_load_state()
    give(wizard, talk, "video")
    expect(wizard.heading("Talk")).to_be_visible()
    wizard.link("Go on to the sound").click()
    expect(wizard.heading("Sound")).to_be_visible()
    page.wait_for_load_state()
    give(wizard, song, "audio")
    wizard.button("Go on to the result").click()
    expect(wizard.heading("Result")).to_be_visible()
    page.get_by_text("More: how the film is made").click()
    page.get_by_label("Faces").fill("all")
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile(r"/works/"))
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "made.mp4")
    assert probe_video(tmp_path / "made.mp4").frames == FRAMES
    expect(page.get_by_text("ends with the film")).to_be_visible()
    original = page.get_by_label("Talk", exact=True)
    expect(original).to_be_hidden()
    page.get_by_text("Compare with the original").click()
    expect(original).to_be_visible()


def test_a_film_is_kept_in_the_library_and_what_is_none_is_refused(visit, server, talk, portrait):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip")
    page.locator("input[type=file]").set_input_files(portrait)
    expect(page.get_by_text(re.compile("no film"))).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.goto("/clip")
    give(wizard, talk, "video")
    page.goto("/library")
    expect(wizard.heading("Films to dub")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Dub it")).click()
    expect(page.locator("video")).to_be_visible()
    wizard.link("Remove").click()
    expect(page.locator("video")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Use it")).click()
    expect(page.locator("video")).to_be_visible()
