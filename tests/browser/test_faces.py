"""What the second step says of a picture: which face, how many, and why not."""

from __future__ import annotations

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.wizard import ENDLESS, FILM_PATIENCE_MS

pytestmark = pytest.mark.slow


def test_a_click_chooses_among_several_faces(visit, server, song, two_faces):
    wizard = visit(server)
    page = wizard.page
    wizard.give_song(song)
    wizard.go_to_image()
    wizard.give_picture(two_faces)
    expect(page.locator(".faces g[data-face]")).to_have_count(2)
    expect(page.get_by_text("There are 2 faces. Which one sings?")).to_be_visible()
    boxes = [page.locator(f".faces g[data-face='{number}'] rect.line").bounding_box() for number in (1, 2)]
    assert boxes[0]["x"] < boxes[1]["x"], "counted from left to right"
    for number in (1, 2):
        box = boxes[number - 1]
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        expect(page.get_by_role("radio", name=f"Face {number}")).to_be_checked()
        expect(page.locator(f".faces g[data-face='{number}']")).to_contain_class("chosen")
    wizard.go_to_result()
    expect(page.get_by_text("Face 2 sings")).to_be_visible()
    wizard.make_small(ENDLESS)
    wizard.order()
    assert wizard.films()[0]["options"]["face"] == 2
    wizard.button("Cancel the film").click()
    expect(wizard.heading("Result")).to_be_visible()


def test_a_picture_without_a_face_says_so_at_once(visit, server, song, no_face):
    wizard = visit(server)
    page = wizard.page
    wizard.give_song(song)
    wizard.go_to_image()
    page.locator("input[type=file]").set_input_files(no_face)
    expect(page.get_by_role("alert").filter(has_text="No human face was found in the picture")).to_be_visible(
        timeout=FILM_PATIENCE_MS
    )
    expect(wizard.button("Go on to the result")).to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_picture_that_was_turned_is_told_and_the_film_can_lie(visit, server, song, portrait, tmp_path, scripts):
    with Image.open(portrait) as upright:
        upright.rotate(-90, expand=True).save(tmp_path / "lying.png")
    wizard = visit(server, java_script_enabled=scripts, locale="en-GB" if scripts else "de-DE")
    page = wizard.page
    page.goto("/image")
    if scripts:
        page.locator("input[type=file]").set_input_files(tmp_path / "lying.png")
    else:
        page.locator("input[type=file]").set_input_files(tmp_path / "lying.png")
        page.get_by_role("button", name="Hochladen", exact=True).click()
    told = page.get_by_role("navigation", name="Orientation of the film" if scripts else "Ausrichtung des Films")
    expect(told).to_contain_text("turned by 90 degrees to the left" if scripts else "um 90 Grad nach links gedreht")
    lies = told.get_by_role("link", name="turned like your picture" if scripts else "gedreht wie Ihr Bild")
    lies.click()
    expect(lies).to_have_attribute("aria-current", "true")
    assert "lying=on" in page.url
    told.get_by_role("link").first.click()
    expect(told.get_by_role("link").first).to_have_attribute("aria-current", "true")
    assert "lying" not in page.url


@pytest.mark.parametrize("kind", ["song", "picture"])
def test_a_file_that_is_something_else_gets_its_sentence(visit, server, song, tmp_path, kind):
    wizard = visit(server)
    page = wizard.page
    if kind == "picture":
        wizard.give_song(song)
        wizard.go_to_image()
        claimed = tmp_path / "face.png"
    else:
        page.goto("/music")
        claimed = tmp_path / "song.mp3"
    claimed.write_bytes(b"")
    page.locator("input[type=file]").set_input_files(claimed)
    expect(page.get_by_role("alert").filter(has_text="The file is empty; choose another.")).to_be_visible()
    claimed.write_text("This is a letter.\n" * 100)
    page.locator("input[type=file]").set_input_files(claimed)
    expect(page.get_by_role("alert").filter(has_text="accepted")).to_be_visible(timeout=FILM_PATIENCE_MS)
    expect(wizard.button("Choose a song" if kind == "song" else "Choose a picture")).to_be_visible()
