"""Drawings: the face that was found is framed, another frame is set by hand, and the engine for drawings sings."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from tests.browser.wizard import FILM_PATIENCE_MS
from weights.fetch import weights_dir

pytestmark = [pytest.mark.slow, pytest.mark.long]

EDGES = ("left", "top", "right", "bottom")


@pytest.fixture(scope="session")
def drawing(shared_dir):
    return shared_dir / "portraits" / "anime_rgba.png"


@pytest.fixture
def faceless(drawing, tmp_path):
    """The same character from the neck down: a drawing in which no face can be found."""
    with Image.open(drawing) as whole:
        whole.crop((100, 200, 400, 500)).save(tmp_path / "body.png")
    return tmp_path / "body.png"


def typed(page):
    """The four fields of the frame."""
    return [int(page.locator(f"#frame-{name}").input_value() or -1) for name in EDGES]


def test_a_drawing_is_framed_and_sings(visit, server, song, drawing):
    """The one film of a drawing: a second long, with the frame that was found, after the keyboard moved it and it was reset."""
    wizard = visit(server)
    page = wizard.page
    wizard.give_song(song)
    wizard.choose_part("3", "4")
    wizard.go_to_image()
    wizard.give_picture(drawing)
    expect(page.get_by_text("This is a drawing. Its face was found")).to_be_visible()
    found = typed(page)
    assert 195 < found[0] < 230 and 80 < found[1] < 140 and 280 < found[2] < 320 and 170 < found[3] < 210

    back = wizard.link("Back to the face that was found")
    expect(back).to_be_hidden()
    page.get_by_role("button", name="Frame around the face").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    left, top, right, bottom = typed(page)
    assert left < found[0] and top > found[1] and bottom > found[3] and right - left > found[2] - found[0]
    expect(page.get_by_text(f"Frame: {left}, {top} to {right}, {bottom}")).to_be_visible()
    back.click()
    page.wait_for_load_state()
    assert typed(page) == found

    wizard.go_to_result()
    wizard.make_small()
    wizard.order()
    film = wizard.wait_for_film()
    assert film.evaluate("film => film.error") is None
    expect(page.get_by_text("The picture is a drawing, so the engine is anime")).to_be_visible()
    expect(page.get_by_text("models by Pramook Khungurn, CC-BY-4.0")).to_be_visible()
    (made,) = wizard.films()
    assert made["report"]["engine"] == "anime" and made["options"]["frame"] is None


def test_where_no_face_is_found_somebody_frames_it(visit, server, song, faceless):
    wizard = visit(server, reduced_motion="reduce")  # no smooth scrolling under the mouse
    page = wizard.page
    wizard.give_song(song)
    wizard.go_to_image()
    wizard.give_picture(faceless)
    expect(page.get_by_text("no face was found in it")).to_be_visible()
    wizard.button("Go on to the result").click()
    expect(page.get_by_role("alert").filter(has_text="Frame the face first")).to_be_visible()

    page.wait_for_load_state()
    wizard.button("Place a frame").click()
    box = page.get_by_role("button", name="Frame around the face")
    expect(box).to_be_focused()
    assert typed(page) == [100, 40, 200, 140]
    at = box.bounding_box()
    picture = page.locator(".faces img").bounding_box()
    scale = 300 / picture["width"]
    page.mouse.move(at["x"] + at["width"] / 2, at["y"] + at["height"] / 2)
    page.mouse.down()
    page.mouse.move(at["x"] + at["width"] / 2 + 30 / scale, at["y"] + at["height"] / 2 + 20 / scale, steps=3)
    page.mouse.up()
    assert typed(page) == pytest.approx([130, 60, 230, 160], abs=2)
    corner = page.locator("[data-corner=se]").bounding_box()
    page.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    page.mouse.down()
    page.mouse.move(picture["x"] + 2 * picture["width"], picture["y"] + corner["height"], steps=3)
    page.mouse.up()
    assert typed(page)[2] == 300, "no further than the picture"
    page.mouse.move(picture["x"] + 20 / scale, picture["y"] + 30 / scale)
    page.mouse.down()
    page.mouse.move(picture["x"] + 80 / scale, picture["y"] + 100 / scale, steps=3)
    page.mouse.up()
    assert typed(page) == pytest.approx([20, 30, 80, 100], abs=2), "drawn anew"
    page.get_by_label("Right", exact=True).fill("90")
    assert box.bounding_box()["width"] == pytest.approx(70 / scale, abs=3)
    wizard.go_to_result()
    expect(page.get_by_text("The face is framed by hand")).to_be_visible()
    assert [int(edge) for edge in parse_qs(urlsplit(page.url).query)["frame"][0].split(",")] == pytest.approx(
        [20, 30, 90, 100], abs=2
    )


def test_a_frame_is_typed_without_scripts(visit, server, song, drawing):
    """With fields alone: a frame that is too small gets its sentence, a good one is shown and taken."""
    wizard = visit(server, java_script_enabled=False)
    page = wizard.page
    page.goto("/music")
    wizard.upload(song)
    wizard.button("Go on to the image").click()
    wizard.upload(drawing)
    expect(page.get_by_text("This is a drawing. Its face was found")).to_be_visible(timeout=FILM_PATIENCE_MS)
    for name, value in zip(EDGES, ("10", "10", "20", "20"), strict=True):
        page.locator(f"#frame-{name}").fill(value)
    wizard.button("Show this frame").click()
    expect(page.get_by_role("alert").filter(has_text="at least 24 × 24 are needed")).to_be_visible()
    page.locator("#frame-right").fill("90")
    page.locator("#frame-bottom").fill("110")
    wizard.button("Show this frame").click()
    expect(page.locator(".faces .frame rect.line")).to_have_attribute("width", "80.0")
    wizard.button("Go on to the result").click()
    expect(page.get_by_text("The face is framed by hand")).to_be_visible()


def test_an_engine_that_lacks_something_says_so(visit, tmp_path, film_cache, song, portrait):
    """On a server without SadTalker's weights that engine can't be chosen, and its options don't show."""
    (tmp_path / "weights").mkdir()
    for file in weights_dir().iterdir():
        if not file.name.startswith("sadtalker"):
            (tmp_path / "weights" / file.name).symlink_to(file)
    environment = {"BELCANTO_CACHE_DIR": str(film_cache), "BELCANTO_WEIGHTS_DIR": str(tmp_path / "weights")}
    with LiveServer(tmp_path / "server", environment) as bare:
        wizard = visit(bare)
        page = wizard.page
        wizard.give_song(song)
        wizard.go_to_image()
        wizard.give_picture(portrait)
        wizard.go_to_result()
        page.get_by_text("More: how the film is made").click()
        expect(page.get_by_text("This server lacks what the engine SadTalker needs.")).to_be_visible()
        expect(page.locator("option[value=sadtalker]")).to_be_disabled()
        expect(page.get_by_label("Pixels of the head")).to_be_hidden()
        page.locator("option[value=sadtalker]").evaluate("option => { option.disabled = false; }")
        page.get_by_label("Engine", exact=True).select_option("sadtalker")
        expect(page.get_by_label("Pixels of the head")).to_be_visible()
        page.context.close()
