"""The looks come from one file of tokens, the icons from one set."""

from __future__ import annotations

import re
import runpy

import pytest

from app.pages.blueprint import symbol
from core.places import ROOT

SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
TOKENS = ROOT / "static" / "css" / "tokens.css"
ICONS = runpy.run_path(str(ROOT / "docs" / "draw_icons.py"))
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DECLARATION = re.compile(r"(?<![\w-])([a-z-]+|--[a-z0-9-]+): ([^;{}]+)")
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgba?|hsla?|oklch|lab|color-mix)\(|(?<![\w-])(?:white|black|red|green|blue|gr[ae]y|orange)\b", re.I
)
LENGTH = re.compile(r"(?<![\w.-])\d*\.?\d+(?:rem|px)\b")
DURATION = re.compile(r"(?<![\w.-])\d*\.?\d+m?s\b")
#: What may be written only in the file of tokens, by the properties' names.
TOKENS_ALONE = {
    re.compile(r".*"): COLOUR,
    re.compile(r"font-size|(row-|column-)?gap|(margin|padding)(-[a-z]+)*|border(-[a-z]+)*-radius|box-shadow|text-shadow"): LENGTH,
    re.compile(r"(transition|animation)(-[a-z]+)*"): DURATION,
}


def declarations(text):
    return [(name, value) for name, value in DECLARATION.findall(COMMENT.sub("", text))]


def written_out(text):
    """Declarations that hold what stands only among the tokens."""
    return [
        f"{name}: {value}"
        for name, value in declarations(text)
        for properties, forbidden in TOKENS_ALONE.items()
        if properties.fullmatch(name) and forbidden.search(re.sub(r"url\([^)]*\)", "", value))
    ]


@pytest.mark.parametrize("sheet", [each for each in SHEETS if each != TOKENS], ids=lambda sheet: sheet.name)
def test_a_sheet_takes_its_looks_from_the_tokens(sheet):
    assert written_out(sheet.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text", ["a { color: #fff }", "a { border: 1px solid rgba(0, 0, 0, .5) }", "a { gap: 1rem }", "a { transition: opacity .2s }"]
)
def test_what_is_written_out_is_found(text):
    assert len(written_out(text)) == 1


@pytest.mark.parametrize("text", ["a { color: var(--text) }", "a { margin: 0 auto -.5rem }", "a { width: 12rem }"])
def test_what_is_no_token_may_be_written_out(text):
    assert written_out(text) == []


def test_every_token_that_is_used_is_there_and_every_token_is_used():
    sheets = {sheet: COMMENT.sub("", sheet.read_text(encoding="utf-8")) for sheet in SHEETS}
    there = {name for name, _ in declarations(sheets[TOKENS]) if name.startswith("--") and not name.startswith("--bs-")}
    own = {name for text in sheets.values() for name, _ in declarations(text) if name.startswith("--")}
    used = {name for text in sheets.values() for name in re.findall(r"var\((--[a-z0-9-]+)", text)}
    needed = {name for text in sheets.values() for name in re.findall(r"var\((--[a-z0-9-]+)\)", text)}  # without one instead
    assert {name for name in needed if not name.startswith("--bs-")} <= own
    assert there <= used


def test_the_sprite_holds_the_icons_in_use_and_no_others():
    assert ICONS["names_in_sprite"]() == ICONS["names_in_use"]()


def test_an_icon_is_for_the_eye_alone(app):
    with app.test_request_context():
        drawn = symbol("music")
    assert 'aria-hidden="true"' in drawn
    assert drawn.count("#music") == 1
