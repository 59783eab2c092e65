"""Every page for every eye: accessibility by axe-core in dark and light, on a phone, in German, and for who wants no motion."""

from __future__ import annotations

import importlib.resources
import json

import pytest
from playwright.sync_api import expect

from tests.browser.wizard import PART

pytestmark = pytest.mark.slow

AXE = importlib.resources.files("axe_playwright_python").joinpath("axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
#: Words that are the same in German, names, and what people call their things.
SAME_IN_GERMAN = {
    "Belcanto",
    "English",
    "Deutsch",
    "song",
    "portrait",
    "another",
    "Name",
    "Film",
    "Start",
    "Standard",
    "SadTalker",
}


@pytest.fixture(scope="module")
def furnished(visit_module, server, song, portrait, shared_dir):
    """A person with a song, a picture, a film that is ready, one that was cancelled and one in the making: all pages by name."""
    wizard = visit_module(server)
    wizard.prepare(song, portrait)
    page = wizard.page
    pages = {"order": page.url}
    pages["film"] = wizard.order()
    wizard.wait_for_film()
    pages["order again"] = f"/order?again={pages['film'].rpartition('/')[2]}"
    pages["order with the curve"] = pages["order again"] + "&curve=on"
    song_id, picture_id = (wizard.films()[0][name] for name in ("song_id", "picture_id"))
    pages |= {
        "music, empty": "/music",
        "music": f"/music?song={song_id}&start={PART[0]}&end={PART[1]}",
        "music, wrong part": f"/music?song={song_id}&start=abc&go=on",
        "image, empty": f"/image?song={song_id}",
        "image": f"/image?song={song_id}&picture={picture_id}",
        "library": "/library",
        "library, nothing found": "/library?q=nothing+is+called+like+this",
        "guide": "/guide",
        "about": "/about",
        "not found": "/films/0123456789abcdef0123456789abcdef",
        "API": "/api/v1/docs",
    }
    page.goto(f"/order?song={song_id}&picture={picture_id}")
    pages["cancelled"] = wizard.order()
    wizard.button("Cancel the film").click()
    expect(wizard.heading("Result")).to_be_visible()
    page.goto(f"/image?song={song_id}")
    wizard.give_picture(shared_dir / "portraits" / "anime_rgba.png")
    pages["image, drawing"] = page.url
    pages["image, wrong frame"] = page.url + "&frame=1,1,2,2&go=on"
    pages["order, drawing"] = page.url.replace("/image", "/order") + "&frame=200,90,300,200"
    return page.context.storage_state(), pages


def wait_for_calm(page):
    """Until the page's pictures are there and its colours no longer change."""
    page.wait_for_load_state()
    page.wait_for_function(
        "() => document.getAnimations().every(each => each.playState !== 'running' || each.effect.getTiming().iterations > 9)"
    )


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_axe_finds_nothing(visit, server, furnished, scheme):
    state, pages = furnished
    wizard = visit(server, storage_state=state, color_scheme=scheme)
    axe, found = AXE.read_text(encoding="utf-8"), {}
    for name, address in pages.items():
        wizard.page.goto(address)
        wait_for_calm(wizard.page)
        wizard.page.evaluate("() => document.querySelectorAll('main details').forEach(each => { each.open = true; })")
        wizard.page.evaluate(axe)
        result = wizard.page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)
        assert len(result["passes"]) >= 15, f"axe looked at too little of {name}"
        for violation in result["violations"]:
            found.setdefault(f"{violation['id']} ({violation['impact']})", []).append(
                (name, [node["html"][:160] for node in violation["nodes"]][:3])
            )
    assert found == {}, json.dumps(found, indent=1)


def test_axe_sees_what_is_wrong(visit, server):
    """The check can fail: a picture without words, grey on grey."""
    page = visit(server).page
    page.goto("/about")
    page.evaluate("document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/img/logo.svg\"><input>')")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", RULES)["violations"]
    assert {"image-alt", "label"} <= {violation["id"] for violation in found}


@pytest.mark.parametrize("size", ["phone", "desk", "narrow"])
def test_no_page_is_wider_than_the_screen(visit, server, furnished, size):
    """320 pixels are WCAG's reflow limit: 1280 at 400%."""
    state, pages = furnished
    shapes = {
        "phone": PHONE,
        "desk": {"viewport": {"width": 1280, "height": 900}},
        "narrow": {"viewport": {"width": 320, "height": 700}},
    }
    page = visit(server, storage_state=state, **shapes[size]).page
    wide, small = [], []
    for name, address in pages.items():
        page.goto(address)
        across = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if across[0] > across[1]:
            wide.append((name, across))
        small += [
            (name, text)
            for button in page.locator("main button:visible, main a.btn:visible").all()
            if (box := button.bounding_box()) and (text := button.inner_text()) and min(box["width"], box["height"]) < 24
        ]
    assert (wide, small) == ([], [])


def test_everything_is_in_german(visit, server, furnished):
    """No text of a German page is one of the English page's, but for names and what people called their things."""
    state, pages = furnished
    texts = {}
    for locale in ("en-GB", "de-DE"):
        page = visit(server, storage_state=state, locale=locale).page
        texts[locale] = {}
        for name, address in pages.items():
            page.goto(address)
            assert page.evaluate("document.documentElement.lang") == locale[:2]
            texts[locale][name] = set(
                page.evaluate(
                    """() => {
                      const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
                      while (walk.nextNode()) {
                        const inside = walk.currentNode.parentElement;
                        const foreign = inside.closest("script, style, noscript, code, pre, [lang]:not(html)");
                        if (!foreign) found.push(walk.currentNode.data.trim());
                      }
                      for (const each of document.querySelectorAll("[aria-label], [alt], [placeholder]"))
                        for (const name of ["aria-label", "alt", "placeholder"]) found.push(each.getAttribute(name) || "");
                      return [document.title, ...found];
                    }"""
                )
            )
    untranslated = {
        (name, text)
        for name in pages
        for text in texts["en-GB"][name] & texts["de-DE"][name]
        if any(len(word) > 3 and word.isalpha() and word not in SAME_IN_GERMAN for word in text.replace(":", " ").split())
    }
    assert untranslated == set()


def test_the_language_can_be_chosen(visit, server):
    wizard = visit(server, locale="fr-FR")
    wizard.page.goto("/guide")
    expect(wizard.heading("Guide")).to_be_visible()
    wizard.button("Deutsch").click()
    expect(wizard.page.locator("html")).to_have_attribute("lang", "de")
    assert wizard.page.url.endswith("/guide")
    wizard.page.goto("/music")
    expect(wizard.page.locator("html")).to_have_attribute("lang", "de")


def test_who_wants_no_motion_gets_none(visit, server, furnished):
    state, pages = furnished
    page = visit(server, storage_state=state, reduced_motion="reduce").page
    for address in pages.values():
        page.goto(address)
        moving = page.evaluate(
            "document.getAnimations().filter(each => each.playState === 'running').map(each => each.effect.getTiming())"
        )
        assert [timing for timing in moving if timing["duration"] > 50] == [], address


def test_the_colours_follow_the_system(visit, server):
    grounds = []
    for scheme in ("dark", "light"):
        page = visit(server, color_scheme=scheme).page
        page.goto("/music")
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        red, green, blue = (int(part) for part in colour.removeprefix("rgb(").removesuffix(")").split(","))
        assert max(red, green, blue) - min(red, green, blue) < 16, "the ground is grey"
        grounds.append(red)
    assert grounds[0] < 60 and grounds[1] > 200
