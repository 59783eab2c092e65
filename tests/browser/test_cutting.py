"""A picture is cut and straightened in the page, by mouse, by keyboard and by the eyes; what is seen is what is made."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import expect

from tests.browser.talking import add_picture
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = pytest.mark.slow
SIDE_PX = 700
LEANS_DEG = 14.0


@pytest.fixture(scope="module")
def leaning(portrait, tmp_path_factory):
    """The portrait, its head leaning to the right."""
    path = tmp_path_factory.mktemp("leaning") / "leaning.jpg"
    with Image.open(portrait) as opened:
        turned = opened.resize((SIDE_PX, SIDE_PX)).rotate(-LEANS_DEG, Image.Resampling.BICUBIC, fillcolor=(90, 90, 90))
        turned.save(path, quality=95)
    return path


def edges(page):
    return [int(page.locator(f"#frame-{name}").input_value()) for name in ("left", "top", "right", "bottom")]


def canvas_pixels(page):
    """What the page draws."""
    address = page.locator("[data-canvas]").evaluate("each => each.toDataURL('image/png')")
    with Image.open(io.BytesIO(base64.b64decode(address.partition(",")[2]))) as opened:
        return np.asarray(opened.convert("RGB")).astype(float)


def test_it_is_straightened_by_the_eyes_cut_by_hand_and_made(visit, server, leaning):
    wizard = visit(server)
    page = wizard.page
    page.goto(f"/image?picture={add_picture(page, server, leaning)}")
    wizard.link("Cut and straighten").click()
    expect(page.locator("[data-canvas]")).to_be_visible()
    assert edges(page) == [0, 0, SIDE_PX, SIDE_PX]
    wizard.button("Straighten by the eyes").click()
    assert float(page.get_by_label("Straighten, in degrees").input_value()) == pytest.approx(-LEANS_DEG, abs=2.5)
    whole = edges(page)
    assert 0 < whole[0] < 120 and whole[2] < SIDE_PX  # no empty corner
    assert Axe().run(page).response["violations"] == []
    box = page.locator("[data-box]")
    box.focus()
    box.press("ArrowRight")
    box.press("Shift+ArrowUp")
    moved = edges(page)
    assert moved[0] > whole[0] and moved[3] < whole[3]
    corner = page.locator("[data-corner=nw]").bounding_box()
    page.mouse.move(corner["x"] + corner["width"] / 2, corner["y"] + corner["height"] / 2)
    page.mouse.down()
    page.mouse.move(corner["x"] + 60, corner["y"] + 50, steps=3)
    page.mouse.up()
    left, top, right, bottom = edges(page)
    assert left > moved[0] + 20 and top > moved[1] + 20
    expect(page.get_by_text(f"{right - left} × {bottom - top} pixels are left.")).to_be_visible()
    seen = canvas_pixels(page)[top:bottom, left:right]
    wizard.button("Make this picture").click()
    page.wait_for_url(re.compile("/image.*picture="), timeout=FILM_PATIENCE_MS)
    expect(wizard.heading("leaning, cut")).to_be_visible(timeout=FILM_PATIENCE_MS)
    made = page.request.get("/api/v1/pictures").json()["items"][0]
    assert (made["width"], made["height"]) == (right - left, bottom - top)
    assert abs(made["faces"][0]["tilt_deg"]) < 1.0
    with Image.open(io.BytesIO(page.request.get(made["links"]["file"]).body())) as opened:
        # in its corners the page shows nothing where the file has the border's colours
        assert np.median(np.abs(np.asarray(opened).astype(float) - seen)) < 3


def test_turns_and_mirrors_keep_to_what_is_seen(visit, server, leaning):
    wizard = visit(server)
    page = wizard.page
    page.goto(f"/image/cut?picture={add_picture(page, server, leaning)}")
    expect(page.locator("[data-canvas]")).to_be_visible()
    for name, edge in zip(("left", "top", "right", "bottom"), (100, 50, 400, 650), strict=True):
        page.locator(f"#frame-{name}").fill(str(edge))
    before = canvas_pixels(page)
    wizard.button("Turn right").click()
    assert edges(page) == [50, 100, 650, 400]
    assert np.abs(canvas_pixels(page) - np.rot90(before, -1)).mean() < 1
    wizard.button("Mirror it").click()
    assert edges(page) == [50, 100, 650, 400]  # it lies in the middle
    assert np.abs(canvas_pixels(page) - np.rot90(before, -1)[:, ::-1]).mean() < 1
    expect(page.get_by_label("Turn by a quarter")).to_have_value("left")
    wizard.button("The whole picture").click()
    assert edges(page) == [0, 0, SIDE_PX, SIDE_PX]
