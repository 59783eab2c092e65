"""The head in 3D on a film's page: it is made, drawn, goes with the film's own sound, and turns by mouse and keys."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from playwright.sync_api import expect

from faces.faces import FaceFinder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shown(visit_module, server, song, portrait):
    """The page of a film with its head opened."""
    wizard = visit_module(server)
    wizard.prepare(song, portrait)
    wizard.order()
    wizard.wait_for_film()
    page = wizard.page
    page.get_by_role("button", name="See it in 3D").click()
    expect(page.locator("[data-head] canvas")).to_be_visible(timeout=120_000)
    page.wait_for_function("() => document.querySelector('[data-head] canvas').dataset.shown !== undefined")
    return page


def picture_of(page) -> np.ndarray:
    """What the canvas shows, (H, W, 3) RGB."""
    page.wait_for_timeout(300)
    shot = page.locator("[data-head] canvas").screenshot()
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(shot, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def yaw_of(picture) -> float:
    with FaceFinder() as finder:
        (face,) = finder.find(picture)
    return face.rotation_deg[0]


def test_it_shows_the_portraits_face_and_turns_by_keys(shown):
    front = yaw_of(picture_of(shown))
    canvas = shown.locator("[data-head] canvas")
    canvas.focus()
    for _ in range(4):
        shown.keyboard.press("ArrowRight")
    right = yaw_of(picture_of(shown))
    for _ in range(8):
        shown.keyboard.press("ArrowLeft")
    left = yaw_of(picture_of(shown))
    for _ in range(4):
        shown.keyboard.press("ArrowRight")
    assert right < front - 10 and left > front + 10, (right, front, left)


def test_a_drag_turns_it_too(shown):
    before = picture_of(shown)
    box = shown.locator("[data-head] canvas").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.mouse.move(x, y)
    shown.mouse.down()
    shown.mouse.move(x + 60, y, steps=4)
    shown.mouse.up()
    assert np.abs(picture_of(shown).astype(int) - before).mean() > 2


def test_it_moves_with_the_sound(shown):
    sound = shown.locator("[data-head-sound]")
    sound.evaluate("each => { each.currentTime = 0.5; }")
    shown.wait_for_function("() => Math.abs(document.querySelector('[data-head] canvas').dataset.shown - 0.5) < 0.05")
    early = picture_of(shown)
    sound.evaluate("each => { each.currentTime = 1.5; }")
    shown.wait_for_function("() => Math.abs(document.querySelector('[data-head] canvas').dataset.shown - 1.5) < 0.05")
    assert np.abs(picture_of(shown).astype(int) - early).mean() > 0.3


def test_it_can_be_downloaded_and_no_headset_means_no_button(shown):
    href = shown.get_by_role("link", name="Download the head (GLB)").get_attribute("href")
    answer = shown.request.get(href)
    assert answer.ok and answer.headers["content-type"] == "model/gltf-binary" and answer.body()[:4] == b"glTF"
    expect(shown.get_by_role("button", name="Put on the headset")).to_be_hidden()
