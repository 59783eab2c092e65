"""Deleting in the library: at once, named, and undone where one stands; without scripts by the message of the next page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow


def keep_song(wizard, song):
    """A song in the library; gives its title."""
    wizard.give_song(song)
    wizard.page.goto("/library")
    wizard.page.wait_for_load_state()
    return song.stem


def named(wizard, name):
    """The button of that name, whose end is for those who hear it; browsers put a space before that."""
    first, _, end = name.partition(":")
    return wizard.page.get_by_role("button", name=re.compile(rf"^{re.escape(first)}\s?:{re.escape(end)}$"))


def songs_of(wizard):
    return [item["title"] for item in wizard.page.request.get("/api/v1/songs").json()["items"]]


def test_delete_and_undo_in_place(visit, server, song):
    wizard = visit(server)
    title = keep_song(wizard, song)
    card = wizard.page.locator("li", has=wizard.heading(title))
    card.get_by_text("Rename or delete").click()
    wizard.button(f"Delete “{title}”").click()
    said = wizard.page.get_by_role("status").filter(has_text=f"“{title}” is deleted. It can be brought back for a day.")
    expect(said).to_be_visible()
    undo = wizard.page.get_by_role("button", name=f"Undo: {title}")
    expect(undo).to_be_focused()
    parts = wizard.page.get_by_role("navigation", name="Parts of the library")
    expect(parts).to_contain_text(re.compile(r"All\s+0.*Songs\s+0", re.DOTALL))
    expect(wizard.page.get_by_role("button", name=re.compile("^Choose all"))).to_have_count(0)
    assert songs_of(wizard) == [] and re.search(r"/library$", wizard.page.url)
    undo.click()
    expect(wizard.heading(title)).to_be_visible()
    expect(said).to_have_count(0)
    expect(parts).to_contain_text(re.compile(r"All\s+1.*Songs\s+1", re.DOTALL))
    assert songs_of(wizard) == [title]
    wizard.button(f"Delete “{title}”").click()
    expect(said).to_be_visible()
    wizard.page.reload()
    expect(wizard.heading("Deleted within the last day")).to_be_visible()
    named(wizard, f"Erase now: {title}").click()
    expect(wizard.page.get_by_text("It is erased for good.")).to_be_visible()
    expect(wizard.heading("Deleted within the last day")).to_have_count(0)


def test_delete_and_undo_without_scripts(visit, server, song):
    wizard = visit(server, java_script_enabled=False)
    wizard.page.goto("/music")
    wizard.upload(song)
    wizard.page.goto("/library")
    wizard.page.get_by_text("Rename or delete").first.click()
    wizard.button(f"Delete “{song.stem}”").click()
    expect(wizard.page.get_by_text(f"“{song.stem}” is deleted.")).to_be_visible()
    named(wizard, f"Undo: {song.stem}").click()
    expect(wizard.page.get_by_text(f"“{song.stem}” is back.")).to_be_visible()
    assert songs_of(wizard) == [song.stem]


def test_in_german_the_time_is_the_visitors(visit, server, song):
    wizard = visit(server, locale="de-DE")
    title = keep_song(wizard, song)
    wizard.page.get_by_text("Umbenennen oder löschen").first.click()
    wizard.button(f"„{title}“ löschen").click()
    expect(wizard.page.get_by_role("button", name=f"Rückgängig machen: {title}")).to_be_visible()
    wizard.page.reload()
    expect(wizard.heading("Innerhalb des letzten Tages gelöscht")).to_be_visible()
