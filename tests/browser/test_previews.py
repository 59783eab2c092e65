"""The preview in a real browser: shown, shown anew after a change, gone when the person leaves, and no film of the library."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import expect

from benchmarks.live_server import LiveServer
from tests.browser.wizard import ENDLESS, FILM_PATIENCE_MS

pytestmark = pytest.mark.slow

SHOW = "Show three seconds"


@pytest.fixture(scope="module")
def server(tmp_path_factory, film_cache):
    """A server for these tests alone: pages of others leave previews behind, too."""
    with LiveServer(tmp_path_factory.mktemp("server"), {"BELCANTO_CACHE_DIR": str(film_cache)}) as running:
        yield running


@pytest.fixture
def order_page(visit, server, chosen):
    def open_page(**options):
        state, address = chosen
        wizard = visit(server, storage_state=state, **options)
        wizard.page.goto(f"{address}&start=2&end=7")
        wizard.page.wait_for_load_state()
        return wizard

    return open_page


def status(wizard):
    return wizard.page.locator(".preview [role=status]")


def wait_for_preview(wizard, words="The preview shows"):
    """Until it is there; the address of its film."""
    expect(status(wizard)).to_contain_text(words, timeout=FILM_PATIENCE_MS)
    video = wizard.page.locator(".preview [data-now]")
    expect(video).to_be_visible()
    wizard.page.wait_for_function("() => document.querySelector('.preview [data-now]').readyState >= 2")
    return video.get_attribute("src")


def left(server):
    return sorted(path.name for path in (server.data_dir / "results").glob("preview-*"))


def test_the_button_below_the_options_shows_them_too(order_page):
    wizard = order_page()
    wizard.page.get_by_text("More: how the film is made").click()
    wizard.button("Show three seconds made like this").click()
    wait_for_preview(wizard)
    expect(wizard.button(SHOW)).to_be_in_viewport()


def test_shown_changed_shown_anew_and_ordered(order_page, server):
    wizard = order_page()
    films = {film["id"] for film in wizard.films()}
    button = wizard.button(SHOW)
    button.focus()
    wizard.page.keyboard.press("Enter")  # by the keyboard, and it orders nothing
    first = wait_for_preview(wizard)
    expect(wizard.heading("Result")).to_be_visible()
    facts = wizard.page.locator(".preview [data-now]").evaluate("v => [v.videoHeight, v.duration, v.paused, v.currentTime]")
    assert facts[0] == 256 and facts[1] == pytest.approx(3.0, abs=0.1) and (not facts[2] or facts[3] > 0), "it plays by itself"
    assert re.search(r"[2-4]\.\d to [5-7]\.\d s of the song", status(wizard).text_content())
    assert len(left(server)) == 1 and {each["id"] for each in wizard.films()} == films, "it is no film of the library"
    wizard.page.get_by_text("More: how the film is made").click()
    wizard.page.locator("[name=seed]").fill("7")
    expect(status(wizard)).to_contain_text("Something was changed since")
    wizard.page.get_by_label("What the face feels", exact=True).select_option("angry")
    second = wait_for_preview(wizard)  # what matters most is seen without asking, beside the last
    before = wizard.page.locator(".preview [data-before]")
    expect(before).to_be_visible()
    assert before.evaluate("v => [v.muted, v.src.startsWith('blob:')]") == [True, True]
    assert second != first and len(left(server)) == 1, "the older one is gone"
    wizard.page.locator("[name=height]").select_option(ENDLESS)
    wizard.order()
    film = wizard.films()[0]  # the same order in a second run is the same film
    assert film["options"]["style"] == "angry" and film["options"]["height"] == int(ENDLESS)
    wizard.page.request.post(film["job"]["links"]["cancel"])
    deadline = time.monotonic() + 60
    while left(server):
        assert time.monotonic() < deadline, "who has ordered looks at it no more"
        time.sleep(0.1)


def test_the_last_of_several_clicks_counts(order_page, server):
    wizard = order_page()
    wizard.page.get_by_text("More: how the film is made").click()
    seed = wizard.page.locator("[name=seed]")
    for number in range(1, 5):
        seed.fill(str(number))
        wizard.button(SHOW).click()
    shown = wait_for_preview(wizard)
    asked = wizard.page.request.get(shown.removesuffix("/file")).json()
    assert asked["options"]["seed"] == 4 and len(left(server)) == 1


def test_what_can_not_be_made_is_said(order_page):
    wizard = order_page()
    wizard.page.get_by_text("More: how the film is made").click()
    points = wizard.page.get_by_label("How strongly, over time")
    points.fill("0:0.3, 99:0.9")
    wizard.button(SHOW).click()
    expect(status(wizard)).to_contain_text("99 s")
    expect(wizard.page.locator(".preview [data-now]")).to_be_hidden()
    points.fill("")
    wizard.button(SHOW).click()
    wait_for_preview(wizard)


def test_in_german_on_a_phone(order_page):
    wizard = order_page(locale="de-DE", viewport={"width": 360, "height": 740})
    wizard.button("Drei Sekunden zeigen").click()
    wait_for_preview(wizard, "Die Vorschau zeigt")
    box = wizard.page.locator(".preview [data-now]").bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 360
    assert wizard.page.evaluate("() => document.documentElement.scrollWidth <= 360")


def test_without_scripts_nothing_is_offered_that_does_not_work(order_page):
    wizard = order_page(java_script_enabled=False)
    expect(wizard.page.locator(".preview")).to_be_hidden()


def test_begun_while_the_person_still_reads_and_gone_with_the_page(order_page, server):
    wizard = order_page()
    deadline = time.monotonic() + FILM_PATIENCE_MS / 1000
    while not left(server):
        assert time.monotonic() < deadline
        time.sleep(0.2)
    (begun,) = left(server)
    wait_for_preview(wizard)  # shown though nobody has asked, and so without a sound
    assert wizard.page.locator(".preview [data-now]").evaluate("v => v.muted")
    wizard.button(SHOW).click()
    expect(status(wizard)).to_contain_text("The preview shows")
    wizard.page.wait_for_function("() => !document.querySelector('.preview [data-now]').muted")
    shown = wait_for_preview(wizard)
    assert begun == f"preview-{shown.removesuffix('/file').rpartition('/')[2]}.mp4"
    wizard.link("Library").click()
    while left(server):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_preset_sets_its_options_and_shows_them(order_page):
    wizard = order_page()
    lively = wizard.link("Lively")
    expect(wizard.link("Natural")).to_have_attribute("aria-current", "true")
    wait_for_preview(wizard)
    lively.click()
    expect(lively).to_have_attribute("aria-current", "true")
    expect(wizard.link("Natural")).not_to_have_attribute("aria-current", "true")
    expect(wizard.page.locator(".preview [data-before]")).to_be_visible(timeout=FILM_PATIENCE_MS)
    values = [wizard.page.locator(f"[name={name}]").input_value() for name in ("expressiveness", "head_motion", "style")]
    assert [float(values[0]), float(values[1]), values[2]] == [1.4, 1.5, "happy"]


def test_without_scripts_a_preset_is_a_way_to_its_options(order_page):
    wizard = order_page(java_script_enabled=False)
    wizard.link("On stage").click()
    expect(wizard.link("On stage")).to_have_attribute("aria-current", "true")
    wizard.page.get_by_text("More: how the film is made").click()
    assert float(wizard.page.locator("[name=head_motion]").input_value()) == 2.0


def test_what_a_choice_looks_like_is_seen_and_a_press_takes_it(visit, server, chosen):
    state, address = chosen
    wizard = visit(server, storage_state=state)
    page = wizard.page
    page.goto(address)
    stills = []
    page.on("request", lambda request: stills.append(request.url) if "/order/choices/" in request.url else None)
    page.wait_for_timeout(500)
    assert stills == [], "what nobody sees yet is not loaded"
    page.get_by_text("More: how the film is made").click()
    ink = page.locator(".pictured").get_by_role("button", name="Ink")
    ink.scroll_into_view_if_needed()
    page.wait_for_function("() => document.querySelector('[src$=\"look-ink.jpg\"]').naturalWidth === 160")
    ink.hover()
    page.wait_for_function("() => document.querySelector('[src$=\"look-ink.mp4\"]').currentTime > 0.1")
    ink.click()
    expect(page.locator("[name=look]")).to_have_value("ink")
    assert ink.get_attribute("aria-current") == "true"
    page.locator(".pictured").get_by_role("button", name="2", exact=True).press("Enter")
    assert float(page.locator("[name=head_motion]").input_value()) == 2
