"""A trained network performs, in a real browser: its curve beside the song's own, changed, and the film ordered."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from tests.browser.wizard import FILM_ADDRESS, FILM_PATIENCE_MS
from tests.motion.emotion.models import chance_model, written

pytestmark = pytest.mark.slow


@pytest.fixture
def networked(tmp_path, film_cache):
    """A server that has a trained network."""
    model = written(tmp_path / "chance.safetensors", chance_model())
    told = {"BELCANTO_CACHE_DIR": str(film_cache), "BELCANTO_EMOTION_MODEL": str(model)}
    with LiveServer(tmp_path / "server", told) as running:
        yield running


def test_the_networks_curve_is_shown_and_changed(visit, networked, song, portrait):
    wizard = visit(networked)
    page, made = wizard.page, {}
    for kind, path in (("song", song), ("picture", portrait)):
        data = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
        answer = page.request.post(f"{networked.url}/api/v1/{kind}s", multipart={"file": data})
        made[kind] = answer.json()["id"]
    page.goto(f"/order?song={made['song']}&picture={made['picture']}&start=4&end=8")
    page.get_by_text("More: how the film is made").click()
    expect(wizard.button("Show the song's own curve")).to_be_visible()
    page.get_by_label("Who performs").select_option("deitalk")
    wizard.button("Show the network's curve").click()
    expect(page.get_by_text("This is the trained network's curve")).to_be_visible(timeout=FILM_PATIENCE_MS)
    effective, automatic, learned = (page.locator(f"[data-plot] .{name}") for name in ("effective", "automatic", "learned"))
    told, own = effective.get_attribute("points"), automatic.get_attribute("points")
    assert len(told.split()) == len(own.split()) == 9 and told != own and learned.get_attribute("points") == ""
    page.get_by_label("Who performs").select_option("plan")
    assert effective.get_attribute("points") == own and automatic.get_attribute("points") == ""
    expect(wizard.button("Change the song's own curve")).to_be_visible()
    page.get_by_label("Who performs").select_option("deitalk")
    wizard.button("Change the network's curve").click()
    assert learned.get_attribute("points") == told and automatic.get_attribute("points") == own
    expect(page.get_by_text("Dashed: the song's own curve; dotted: the trained network's.")).to_be_visible()
    assert Axe().run(page, options={"resultTypes": ["violations"]}).violations_count == 0
    page.get_by_role("slider", name="Strength of key point 1", exact=True).fill("1")
    wizard.button("Make the film").click()
    page.wait_for_url(FILM_ADDRESS)
    (film,) = wizard.films()
    assert film["options"]["performance"] == "deitalk" and film["options"]["intensity"][0] == {"time_s": 0, "value": 1}
    assert page.request.post(film["job"]["links"]["cancel"]).status == 202
