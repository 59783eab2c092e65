"""The stage in a real browser: what sings, what is behind it, and the keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.talking import add_picture
from tests.browser.test_talk import browser, running, served, session_of, visit  # noqa: F401 (fixtures)

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture
def performer(visit, served, portrait):  # noqa: F811
    """Somebody with a picture, before the stage."""
    wizard = visit(served)
    add_picture(wizard.page, served, portrait)
    wizard.page.goto("/stage")
    expect(wizard.button("Go on stage")).to_be_enabled()
    return wizard


def wait_for_sound(page, session):
    for _ in range(200):
        if session.sound:
            return
        page.wait_for_timeout(100)
    raise AssertionError("nothing is heard")


def test_the_microphone_sings_before_green(performer, served):  # noqa: F811
    page = performer.page
    performer.button("Show all sound inputs").click()
    expect(page.locator("#device option").nth(1)).to_be_attached()
    page.get_by_label("Ground").select_option("green")
    performer.button("Go on stage").click()
    expect(page.locator("[data-stage] [data-state]")).to_have_text("Singing")
    assert {name: served.live.orders[0][name] for name in ("mode", "ground")} == {"mode": "sing", "ground": "green"}
    wait_for_sound(page, session_of(served))
    assert page.locator("video").evaluate("video => video.muted")  # else the loudspeaker sings into the microphone
    page.keyboard.press("m")
    assert not page.locator("video").evaluate("video => video.muted")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement !== null")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")
    page.keyboard.press("Escape")
    expect(performer.button("Go on stage")).to_be_visible()
    expect(page.locator("[data-stage]")).to_be_hidden()


def test_a_transparent_ground_is_where_the_green_was(performer):
    page = performer.page
    page.get_by_label("Ground").select_option("clear")
    performer.button("Go on stage").click()
    expect(page.locator("[data-canvas]")).to_be_visible()
    page.wait_for_function("() => document.querySelector('[data-canvas]').width === 256")
    page.wait_for_timeout(500)
    row = "canvas => [...canvas.getContext('2d').getImageData(0, 20, 256, 1).data]"
    opacities = page.locator("[data-canvas]").evaluate(row)[3::4]
    share = opacities.count(0) / len(opacities)
    assert 0.02 < share < 0.5  # the test picture's green stripes, and no other colour
    expect(page.locator("[data-mark]")).to_have_text("AI-generated")  # the picture's own may lie on the green
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"


def test_a_sound_file_sings_as_if_it_were_sung_now(performer, served, song):  # noqa: F811
    page = performer.page
    page.get_by_label("A sound file, played as if it were sung now").check()
    performer.button("Go on stage").click()
    expect(page.get_by_role("alert").filter(has_text="Choose a sound file first.")).to_be_visible()
    page.get_by_label("Sound file", exact=True).set_input_files(song)
    performer.button("Go on stage").click()
    expect(page.locator("[data-stage]")).to_be_visible()
    wait_for_sound(page, session_of(served))
    assert not page.locator("video").evaluate("video => video.muted")
    performer.button("Leave the stage (Esc)").click()
    expect(page.get_by_label("Sound file", exact=True)).to_be_visible()
