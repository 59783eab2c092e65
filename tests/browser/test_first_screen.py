"""From the first screen to a film being made, with an example: two clicks, by mouse, by keyboard, and without scripts."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.wizard import FILM_ADDRESS

pytestmark = pytest.mark.slow


def stop_it(wizard):
    wizard.button("Cancel the film").click()
    wizard.page.wait_for_load_state()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_two_clicks_lead_to_a_film_being_made(visit, server, scripts):
    wizard = visit(server, java_script_enabled=scripts)
    wizard.page.goto("/")
    wizard.link("Try an example").click()
    wizard.button("Make the film").click()
    wizard.page.wait_for_url(FILM_ADDRESS)
    assert wizard.job()["state"] in ("queued", "running", "done")
    if scripts:
        stop_it(wizard)


def test_a_face_is_chosen_by_keyboard_and_one_song_is_heard_at_a_time(visit, server):
    page = visit(server).page
    page.goto("/examples")
    page.get_by_role("radio", name="A young woman").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Mona Lisa")).to_be_checked()
    for number in range(2):
        page.locator("audio").nth(number).evaluate("each => { each.muted = true; return each.play(); }")
    assert page.evaluate("() => [...document.querySelectorAll('audio')].map((each) => !each.paused)")[:2] == [False, True]


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_the_film_moves_only_where_motion_is_welcome(visit, server, motion, moves):
    page = visit(server, reduced_motion=motion).page
    page.goto("/")
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    if moves:
        page.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
    else:
        page.wait_for_timeout(400)
        assert page.evaluate("() => document.querySelector('video').currentTime") == 0
    assert page.evaluate("() => document.querySelector('video').muted")


@pytest.mark.parametrize("address", ["/", "/examples"])
@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_the_pages_break_no_rule_of_accessibility(visit, server, address, scheme):
    page = visit(server, color_scheme=scheme, viewport={"width": 360, "height": 720}).page
    page.goto(address)
    assert Axe().run(page).response["violations"] == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
