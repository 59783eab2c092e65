"""Every page in every state, as the screenshots list them: accessible, and no wider than the window."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import expect, sync_playwright

from app.settings import AppSettings
from benchmarks.page_states import STATES, People
from benchmarks.screenshots import FLAGS
from tests.browser.conftest import PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
#: Of a person's library; more of the same breaks no other rules.
COUNT = 3
#: Both widths and both schemes; colours do not depend on the width, nor what lies where on the scheme.
WINDOWS = [(360, "dark"), (1440, "light")]
#: What axe finds; its long lists of what is well stay in the browser.
FIND = """() => axe.run(document, {resultTypes: ["violations"], preload: false}).then(
  (found) => found.violations.map((each) => [each.id, each.nodes[0].html.slice(0, 200)]))"""
PARTS = 4


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Those who have one of everything, and a server that makes nothing."""
    folder = tmp_path_factory.mktemp("all-pages")
    found = People(AppSettings(data_dir=folder), count=COUNT)
    with found.serving():
        yield found


@pytest.fixture(scope="module")
def browser(chromium_path):
    """It has a camera and a microphone."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=False, args=list(FLAGS))
        yield chromium
        chromium.close()


def broken_rules(page):
    """What axe finds, and whether the page is wider than its window."""
    found = page.evaluate(FIND)
    wide_px = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    return found + ([["wider than the window", wide_px]] if wide_px > 0 else [])


@pytest.mark.parametrize("part", range(PARTS))
def test_no_page_breaks_a_rule(browser, people, part):
    options = {"locale": "en-GB", "reduced_motion": "reduce", "service_workers": "block"}
    context = browser.new_context(**options, permissions=["camera", "microphone"])
    context.set_default_timeout(PATIENCE_MS)
    people.answer_errors(context)
    problems = []
    for state in STATES[part::PARTS]:
        people.enter(context, state.who)
        page = context.new_page()
        for width, scheme in WINDOWS:
            page.set_viewport_size({"width": width, "height": 800})
            page.emulate_media(color_scheme=scheme)
            if (width, scheme) == WINDOWS[0]:
                people.open(page, state)
                page.evaluate(AXE_SCRIPT)
            problems += [(state.name, width, scheme, *each) for each in broken_rules(page)]
        page.close()
    context.close()
    assert problems == []
