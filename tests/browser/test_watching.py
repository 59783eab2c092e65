"""A film in the making: its frames come, and a sign at the end is remembered."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import ENDLESS, FILM_PATIENCE_MS

pytestmark = pytest.mark.slow


def test_frames_come_while_the_film_is_made(visit, server, song, portrait):
    wizard = visit(server)
    wizard.prepare(song, portrait, height=ENDLESS)
    wizard.order()
    still = wizard.page.locator("[data-still] img")
    expect(still).to_be_visible(timeout=FILM_PATIENCE_MS)
    wizard.page.wait_for_function("() => document.querySelector('[data-still] img').naturalHeight === 360")
    wizard.page.get_by_label("Tell me with a sound when it is ready").check()
    wizard.page.reload()
    expect(wizard.page.get_by_label("Tell me with a sound when it is ready")).to_be_checked()
    wizard.button("Cancel the film").click()
