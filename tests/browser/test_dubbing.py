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


def moving(path, portrait, heads) -> Path:
    """A second in which the portrait moves a little, so many times beside itself, every other time mirrored."""
    with Image.open(portrait) as image:
        side = min(image.size)
        seen = np.asarray(image.convert("RGB").resize((SIDE + 16, round((SIDE + 16) * image.height / image.width))))
    assert side > SIDE
    with FilmWriter(path, (heads * SIDE, SIDE), FPS, tone(path.with_suffix(".wav"), FRAMES / FPS)) as writer:
        for index in range(FRAMES):
            head = seen[index : index + SIDE, index : index + SIDE]
            writer.write(np.ascontiguousarray(np.hstack([head[:, :: (-1) ** number] for number in range(heads)])))
    return path


@pytest.fixture(scope="module")
def talk(tmp_path_factory, portrait) -> Path:
    """A second in which one person moves."""
    return moving(tmp_path_factory.mktemp("films") / "Talk.mp4", portrait, 1)


@pytest.fixture(scope="module")
def two_talk(tmp_path_factory, portrait) -> Path:
    """A second in which two people move."""
    return moving(tmp_path_factory.mktemp("films") / "Two.mp4", portrait, 2)


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
    give(wizard, talk, "video.clip")
    expect(wizard.heading("Talk")).to_be_visible()
    wizard.button("Go on to the sound").click()
    expect(wizard.heading("Sound")).to_be_visible()
    page.wait_for_load_state()
    give(wizard, song, "audio[src]")
    wizard.button("Go on to the result").click()
    expect(wizard.heading("Result")).to_be_visible()
    expect(page.get_by_label("Person 1")).to_be_checked(timeout=FILM_PATIENCE_MS)
    expect(page.get_by_label("Everybody")).to_have_count(0)
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
    page.goto("/library")
    card = page.get_by_role("region", name="Films", exact=True).locator(".card-item", has_text="Talk · song")
    expect(card.locator("img")).to_have_js_property("complete", True)
    assert card.locator("img").evaluate("image => image.naturalWidth") == SIDE
    expect(card.get_by_text("Talk · song · Faces 1")).to_be_visible()
    card.get_by_role("link", name=re.compile("^Make it again with a change")).click()
    expect(page.get_by_label("Person 1")).to_be_checked(timeout=FILM_PATIENCE_MS)


def test_a_film_is_kept_in_the_library_and_what_is_none_is_refused(visit, server, talk, portrait):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip")
    page.locator("input[type=file]").set_input_files(portrait)
    expect(page.get_by_text(re.compile("no film"))).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.goto("/clip")
    give(wizard, talk, "video.clip")
    page.goto("/library")
    expect(wizard.heading("Films to dub")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Dub it")).click()
    expect(page.locator("video.clip")).to_be_visible()
    expect(page.get_by_text("left empty, the whole film is taken")).to_be_visible()
    wizard.link("Remove").click()
    expect(page.locator("video.clip")).to_have_count(0)
    page.get_by_role("link", name=re.compile("^Use it")).click()
    expect(page.locator("video.clip")).to_be_visible()


def test_parts_are_chosen_with_the_keyboard_and_people_by_their_pictures(visit, server, two_talk, song):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip")
    give(wizard, two_talk, "video.clip")
    end = page.get_by_role("slider", name="End of the part")
    end.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_label("To", exact=True)).to_have_value("0:00.8")
    wizard.button("Go on to the sound").click()
    page.wait_for_url(re.compile(r"/music"))
    page.wait_for_load_state()
    give(wizard, song, "audio[src]")
    page.get_by_label("From", exact=True).fill("3")
    page.get_by_label("To", exact=True).fill("4")
    wizard.button("Go on to the result").click()
    expect(page.get_by_text("0:00 to 0:00.8 of 0:01")).to_be_visible()
    expect(page.get_by_text("0:03 to 0:04 of 0:22.8")).to_be_visible()
    everybody, first, second = (page.get_by_label(name) for name in ("Everybody", "Person 1", "Person 2"))
    expect(first).to_be_checked(timeout=FILM_PATIENCE_MS)
    expect(page.locator(".person img").first).to_have_js_property("naturalWidth", 160)
    expect(second).not_to_be_checked()
    second.check()
    expect(everybody).to_be_checked()
    first.uncheck()
    expect(everybody).not_to_be_checked()
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile(r"/works/"))
    work = page.url.rpartition("/")[2]
    made = page.request.get(f"/api/v1/works/{work}").json()
    parts = [made["options"][name] for name in ("face", "start_s", "duration_s", "sound_start_s", "sound_duration_s")]
    assert parts == ["2", 0.0, 0.8, 3.0, 1.0]
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    wizard.link("Make it again with a change").click()
    expect(second).to_be_checked(timeout=FILM_PATIENCE_MS)
    expect(first).not_to_be_checked()
    expect(page.get_by_text("0:03 to 0:04 of 0:22.8")).to_be_visible()


def test_without_scripts_the_people_are_a_reload_away(visit, server, two_talk, song):
    wizard = visit(server, java_script_enabled=False)
    page = wizard.page
    for address, file in (("/clip", two_talk), ("/music", song)):
        page.goto(address if address == "/clip" else page.url)
        page.locator("input[type=file]").set_input_files(file)
        page.get_by_role("button", name="Upload").click()
        page.get_by_role("button", name=re.compile("^Go on")).click()
    for _ in range(600):
        if page.get_by_label("Person 1").count():
            break
        wizard.link("Look whether they are found").click()
    page.get_by_label("Everybody").check()
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile(r"/works/"))
    work = page.url.rpartition("/")[2]
    assert page.request.get(f"/api/v1/works/{work}").json()["options"]["face"] == "all"
    wizard.button("Cancel it").click()
    expect(page.get_by_text("It was cancelled.")).to_be_visible()
