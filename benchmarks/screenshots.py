"""Photographs every page in every state, in three widths, by dark and by light; or the pages that the documentation shows.

`python -m benchmarks.screenshots [--out DIR] [--only TEXT] [--width PX ...] [--scheme NAME ...] [--language de]` starts the
application on a folder of its own, gives it rows of every kind and state (`page_rows`), and photographs each of `page_states`.
`python -m benchmarks.screenshots --docs` goes the whole way with the demo media instead, as a person does (`wizard_walk`), and
writes what `docs/screenshots` shows. Both need what the tests need.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from app.settings import AppSettings
from benchmarks.ending import ends_in_words
from benchmarks.page_state import PageState
from benchmarks.page_states import STATES, People
from benchmarks.photographs import photograph
from benchmarks.programs import ROOT
from benchmarks.wizard_walk import walk_everywhere
from core.errors import MissingError
from core.messages import as_written

WIDTHS = (360, 768, 1440)
SCHEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
#: Height of the window by its width; of others.
HEIGHTS = {360: 740, 768: 1024}
HEIGHT = 900
#: How long a page may take on a busy machine.
PATIENCE_MS = 20_000
#: A camera and a microphone that are not there, given without a question; 3D without a card.
FLAGS = (
    *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)


def windows(
    browser: Browser, widths: Sequence[int], schemes: Sequence[str], language: str
) -> Iterator[tuple[str, BrowserContext]]:
    """A window for each width and scheme, and how its pictures are told apart."""
    for width, scheme in product(widths, schemes):
        context = browser.new_context(
            viewport={"width": width, "height": HEIGHTS.get(width, HEIGHT)},
            color_scheme="light" if scheme == "light" else "dark",
            locale=language,
            reduced_motion="reduce",
            service_workers="block",
            permissions=["camera", "microphone"],
        )
        context.set_default_timeout(PATIENCE_MS)
        yield f"{width}-{scheme}", context
        context.close()


def take_all(context: BrowserContext, people: People, states: Sequence[PageState], ending: str, folder: Path) -> int:
    """Photograph those states in a window; gives how many could not be brought about, and says which."""
    failed = 0
    people.answer_errors(context)
    for who, group in groupby(sorted(states, key=lambda state: state.who), key=lambda state: state.who):
        people.enter(context, who)
        for state in group:
            page = context.new_page()
            try:
                people.open(page, state)
                photograph(page, folder / f"{state.name}-{ending}.png")
                wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
                if wide > 0:
                    print(f"{state.name}, {ending}: wider than the window by {wide} px", file=sys.stderr)
            except (BrowserError, AssertionError) as error:
                failed += 1
                print(f"{state.name}, {ending}: {str(error).splitlines()[0]}", file=sys.stderr)
            page.close()
    return failed


def take_states(chromium: str, options: argparse.Namespace) -> int:
    """Every state in every window; gives how many could not be brought about."""
    states = [state for state in STATES if options.only in state.name]
    expect.set_options(timeout=PATIENCE_MS)
    with tempfile.TemporaryDirectory(prefix="belcanto-screenshots-") as name, sync_playwright() as playwright:
        people = People(AppSettings(data_dir=Path(name)), options.language)
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False, args=list(FLAGS))
        failed = 0
        with people.serving():
            for ending, context in windows(browser, options.width, options.scheme, options.language):
                failed += take_all(context, people, states, ending, options.out)
        browser.close()
    return failed


def find_chromium(named: str | None) -> str:
    """Path of the browser. Raises `MissingError` where there is none."""
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise MissingError(as_written("No Chromium was found. On Debian and Ubuntu: sudo apt install chromium"))
    return found


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description="Photographs every page.")
    parser.add_argument("--docs", action="store_true", help="what docs/screenshots shows, instead of every state")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: results/screenshots, or docs/screenshots")
    parser.add_argument("--only", default="", metavar="TEXT", help="only states with this in their name")
    parser.add_argument("--width", type=int, nargs="+", default=WIDTHS, metavar="PX", help="widths of the window")
    parser.add_argument("--scheme", nargs="+", choices=SCHEMES, default=SCHEMES, help="dark, light; both by default")
    parser.add_argument("--language", default="en", metavar="TAG", help="language of the pages, default en")
    parser.add_argument("--chromium", metavar="PATH", help="the browser; by default the one that is found by name")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 1 a state could not be brought about, 3 something missing."""
    options = build_parser().parse_args(arguments)
    options.out = options.out or ROOT / ("docs" if options.docs else "results") / "screenshots"
    options.out.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium(options.chromium)
    if options.docs:
        walk_everywhere(chromium, options.scheme[0], options.out)
        failed = 0
    else:
        failed = take_states(chromium, options)
    print(f"{len(list(options.out.glob('*.png')))} pictures in {options.out}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
