"""A film that is ready: its player with the controls and its download are seen at once, without scrolling."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import FILM_ADDRESS

pytestmark = pytest.mark.slow
#: What a player's row of controls needs: it lies at the lower edge of the film.
CONTROLS_PX = 48
SCREENS = {"laptop": (1280, 800), "small laptop": (1366, 650), "phone": (390, 844), "tablet": (768, 1024)}


@pytest.fixture(scope="module")
def ready(visit_module, server, song, portrait):
    """The page of a film that is ready."""
    wizard = visit_module(server)
    wizard.prepare(song, portrait)
    wizard.order()
    wizard.wait_for_film()
    return wizard


@pytest.mark.parametrize("title", ["My film", "A very long name " * 6])
@pytest.mark.parametrize("screen", SCREENS)
def test_player_and_download_are_on_the_first_screen(ready, screen, title):
    page = ready.page
    width, height = SCREENS[screen]
    page.set_viewport_size({"width": width, "height": height})
    film_id = FILM_ADDRESS.search(page.url)[0].rpartition("/")[2]
    assert page.request.patch(f"/api/v1/films/{film_id}", data={"title": title}, headers={"Origin": ready_origin(page)}).ok
    page.evaluate("window.scrollTo(0, 0)")  # a reload keeps where the page stood
    page.reload()
    page.wait_for_function("() => document.querySelector('video').readyState >= 1")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title.strip())
    film, download = page.locator(".film-shown video").bounding_box(), page.get_by_role("link", name="Download").bounding_box()
    assert page.evaluate("() => window.scrollY") == 0
    assert film["y"] >= 0 and film["y"] + film["height"] <= height, "the controls lie below the fold"
    beside = width >= 960
    assert (download["x"] >= film["x"] + film["width"]) if beside else (download["y"] >= film["y"] + film["height"])
    assert download["y"] + download["height"] <= height
    assert film["height"] >= 3 * CONTROLS_PX and film["width"] >= (0.6 if beside else 0.9) * width - 20
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")


def ready_origin(page):
    """The page's own site."""
    return "/".join(page.url.split("/")[:3])
