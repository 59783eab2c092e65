"""The service worker in a real browser: without a network there is a page that says so, and nothing of a person's is kept."""

from __future__ import annotations

import json

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


def test_a_notice_is_shown_in_words_and_leads_to_the_film(installed, server):
    page = installed.page
    page.context.grant_permissions(["notifications"], origin=server.url)
    devtools = page.context.new_cdp_session(page)
    registrations = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda event: registrations.extend(event["registrations"]))
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    said = {"title": "Belcanto", "body": "Your film is ready.", "url": "films/1", "tag": "1"}
    pushed = {"origin": server.url, "registrationId": registrations[0]["registrationId"], "data": json.dumps(said)}
    devtools.send("ServiceWorker.deliverPushMessage", pushed)
    shown = page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.ready;
          for (let tries = 0; tries < 100; tries += 1) {
            const [notice] = await registration.getNotifications();
            if (notice) return [notice.title, notice.body, notice.data];
            await new Promise((resolve) => setTimeout(resolve, 100));
          }
          return [];
        }"""
    )
    assert shown == ["Belcanto", "Your film is ready.", "films/1"]
