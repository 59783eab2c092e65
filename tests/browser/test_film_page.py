"""The page of a film that is ready: things are made of it, and another take, without leaving it; both takes play in step."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ready(visit_module, server, song, portrait):
    """The page of a film that is ready."""
    wizard = visit_module(server)
    wizard.prepare(song, portrait)
    wizard.order()
    wizard.wait_for_film()
    return wizard.page


def test_a_loop_is_made_and_offered_on_the_page(ready):
    form = ready.locator("form[data-kind=film_loop]")
    form.locator("[name=format]").select_option("webp")
    form.locator("[name=duration_s]").fill("1")
    form.get_by_role("button", name="Make it").click()
    link = form.get_by_role("link", name="Download the WebP")
    expect(link).to_be_visible(timeout=FILM_PATIENCE_MS)
    answer = ready.request.get(link.get_attribute("href"))
    assert answer.headers["content-type"] == "image/webp" and answer.body()[8:12] == b"WEBP"


def test_another_take_is_made_and_plays_beside_the_first(ready):
    address = ready.url.partition("#")[0]
    ready.goto(address)  # a second run finds it as the first did
    ready.get_by_role("link", name="Make it again with a change").click()
    ready.locator("#again-head_motion").fill("0")
    ready.get_by_role("button", name="Make this take").click()
    films = ready.locator(".takes video")
    expect(films.first).to_be_visible(timeout=FILM_PATIENCE_MS)
    assert ready.url.partition("#")[0] == address
    ready.wait_for_function("() => [...document.querySelectorAll('.takes video')].every((each) => each.readyState >= 3)")
    ready.get_by_role("button", name="Play both").click()
    ready.wait_for_function("() => document.querySelector('[data-this]').currentTime > 0.7")
    one, other = films.evaluate_all("films => films.map((each) => each.currentTime)")
    assert abs(one - other) < 0.4
    assert films.evaluate_all("films => films.map((each) => each.muted)") == [False, True]
    ready.get_by_label("Of the other take").check()
    assert films.evaluate_all("films => films.map((each) => each.muted)") == [True, False]
