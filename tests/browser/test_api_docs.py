"""The page that tries the API's calls, in a real browser."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe


def test_calls_can_be_made_on_the_page(visit, server, song):
    wizard = visit(server)
    page = wizard.page
    page.goto("/api/v1/docs")
    given = page.locator("[data-operation=add_song]")
    given.locator("summary").click()
    given.locator("input[type=file]").set_input_files(song)
    given.get_by_role("button", name="Send").click()
    given.get_by_text("201 CREATED").wait_for()
    listed = page.locator("[data-operation=songs]")
    listed.locator("summary").click()
    listed.get_by_role("button", name="Send").click()
    listed.get_by_text('"title": "song"').wait_for()
    refused = page.locator("[data-operation=order_film]")
    refused.locator("summary").click()
    refused.get_by_role("button", name="Send").click()
    refused.get_by_text("application/problem+json").wait_for()
    assert Axe().run(page).response["violations"] == []
