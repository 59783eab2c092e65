"""A chosen picture moves on the page, in a loop, where motion is welcome."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(("motion", "moves"), [("no-preference", True), ("reduce", False)])
def test_the_chosen_picture_moves(visit, server, portrait, motion, moves):
    wizard = visit(server, reduced_motion=motion)
    page = wizard.page
    page.goto("/image")
    wizard.give_picture(portrait)
    film = page.locator(".greeting video")
    expect(film).to_be_visible(timeout=FILM_PATIENCE_MS)
    page.wait_for_function("() => document.querySelector('.greeting video').readyState >= 2")
    if moves:
        page.wait_for_function("() => document.querySelector('.greeting video').currentTime > 0.3")
    loops, muted, paused = film.evaluate("each => [each.loop, each.muted, each.paused]")
    assert loops and muted and paused is not moves


def test_no_file_of_it_is_asked_for_without_a_picture(visit, server):
    page = visit(server).page
    page.goto("/image")
    expect(page.locator(".greeting")).to_have_count(0)
