"""Every page on a telephone of 360 pixels: nothing lies beside the screen, and what is touched is large enough for a thumb."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from app.settings import AppSettings
from benchmarks.page_figures import measured, pages_of_somebody
from benchmarks.page_states import People
from benchmarks.trust_states import DOORS, TRUST

#: What a finger can hit (WCAG 2.5.5, and what makers of telephones ask for), in CSS pixels.
TARGET_PX = 44
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}
#: Bytes of the first page on the wire, media apart; and how much a page may move while it comes.
FIRST_PAGE_BYTES, SHIFT = 150_000, 0.02
#: What is smaller than a thumb among what can be pressed. Links within a sentence are as high as it (WCAG 2.5.8 lets them), and a
#: box to tick is as large as its label, which ticks it too.
TOO_SMALL = """least => [...document.querySelectorAll("a[href], button, summary, select, input:not([type=hidden])")]
  .filter((each) => each.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .filter((each) => !(each.matches("a") && getComputedStyle(each).display === "inline"))
  .filter((each) => !each.matches("[type=checkbox], [type=radio], [type=range], .visually-hidden, .skip, .sr-file"))
  .map((each) => ({ what: each.outerHTML.slice(0, 120), box: each.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 1 && (box.height < least - 0.5 || box.width < least - 0.5))
  .map(({ what, box }) => `${Math.round(box.width)} x ${Math.round(box.height)}: ${what}`)"""
BESIDE = """() => [...document.querySelectorAll("main *")]
  .filter((each) => each.checkVisibility() && !each.closest(".table-scroll, svg"))
  .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map((each) => each.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module", params=["en-GB", "de-DE"])
def phone(visit_module, server, request):
    """A person's telephone, and the addresses of all pages."""
    wizard = visit_module(server, locale=request.param, **PHONE)
    wizard.page.goto("/")
    return wizard, pages_of_somebody(wizard.page.context)


def test_nothing_lies_beside_the_screen_and_all_can_be_hit(phone):
    wizard, paths = phone
    found = {}
    for name, path in paths.items():
        wizard.page.goto(path)
        small, beside = wizard.page.evaluate(TOO_SMALL, TARGET_PX), wizard.page.evaluate(BESIDE)
        wide = wizard.page.evaluate("document.documentElement.scrollWidth") > 360
        if small or beside or wide:
            found[name] = small + beside + (["the page is wider than the screen"] if wide else [])
    assert found == {}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Those who have one of everything, at both servers."""
    found = People(AppSettings(data_dir=tmp_path_factory.mktemp("phone")), count=1)
    with found.serving():
        yield found


@pytest.mark.parametrize("language", ["en-GB", "de-DE"])
def test_nor_on_the_pages_of_trust(browser, people, language):
    context, found = browser.new_context(locale=language, service_workers="block", reduced_motion="reduce", **PHONE), {}
    page = context.new_page()
    for state in (*TRUST, *DOORS):
        people.enter(context, state.who)
        people.open(page, state)
        seen = page.evaluate(TOO_SMALL, TARGET_PX) + page.evaluate(BESIDE)
        wide_px = page.evaluate("document.documentElement.scrollWidth")
        if seen or wide_px > 360:
            found[state.name] = [*seen, wide_px]
    context.close()
    assert found == {}


def test_what_is_too_small_is_found(phone):
    wizard, _ = phone
    wizard.page.goto("/about")
    wizard.page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<button>x</button>')")
    assert len(wizard.page.evaluate(TOO_SMALL, TARGET_PX)) == 1


def test_the_action_at_hand_is_where_the_thumb_is(phone):
    wizard, paths = phone
    wizard.page.goto(paths["order"])
    action = wizard.page.locator("main .actions > .onward")
    expect(action).to_be_in_viewport(ratio=1)
    box, pages = action.bounding_box(), wizard.page.get_by_role("navigation").first.bounding_box()
    assert (
        box["y"] > 740 / 2
        and box["y"] + box["height"] <= pages["y"]
        and pages["y"] + pages["height"] == pytest.approx(740, abs=1)
    )


def test_pages_are_light_and_stand_still(visit, server):
    context = visit(server).page.context
    figures = {name: measured(context, path, 1.0, 800) for name, path in pages_of_somebody(context).items()}
    assert 20_000 < figures["first page"].own_bytes < FIRST_PAGE_BYTES
    assert {name: found.shift for name, found in figures.items() if found.shift > SHIFT} == {}
