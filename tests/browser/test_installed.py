"""The service worker in a real browser: without a network there is a page that says so, and nothing of a person's is kept."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

KEPT = """async () => {
  const paths = [];
  for (const name of await caches.keys()) {
    for (const request of await (await caches.open(name)).keys()) paths.push(new URL(request.url).pathname);
  }
  return paths;
}"""


@pytest.fixture
def installed(visit, server):
    """A person whose browser has the service worker."""
    wizard = visit(server, service_workers="allow")
    wizard.page.goto("/")
    wizard.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    return wizard


def test_without_a_network_a_page_says_so_and_the_way_back_is_short(installed):
    page = installed.page
    page.context.set_offline(True)
    page.goto("/library")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"  # its looks are kept
    page.context.set_offline(False)
    installed.link("Try again").click()
    expect(page.get_by_role("heading", name="Library", exact=True)).to_be_visible()


def test_nothing_of_a_person_is_kept(installed, chosen):
    page = installed.page
    page.goto("/library")
    page.goto("/music")
    paths = page.evaluate(KEPT)
    assert "/offline" in paths
    assert all(path == "/offline" or path.startswith(("/static/", "/bootstrap/static/")) for path in paths)
