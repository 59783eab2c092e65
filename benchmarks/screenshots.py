"""Takes the pictures of the wizard's pages that the documentation shows, at phone and desk size, with the demo media.

`python -m benchmarks.screenshots [--out DIR] [--chromium PATH] [--light]` starts the application on a folder of
its own, makes a film with it as a person does, and photographs every page on the way. It needs what the tests need.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.programs import ROOT
from core.errors import MissingError
from core.messages import as_written

DEMO = ROOT / "demo"
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PART = ("3", "9")
FILM_LIMIT_MS = 180_000
#: Longer pages are cut off there.
LONGEST_PX = 1800
#: Pages to which something comes as long as they are open.
GOING_ON = ("making", "talking")


class ScreenshotTaker:
    """One person's way through the wizard in a window of one size, with a photograph of every page."""

    def __init__(self, page: Page, size: str, folder: Path) -> None:
        self.page, self.size, self.folder = page, size, folder

    def take(self, name: str) -> None:
        """Photograph the whole page, scrolled to its top, as it has come to rest."""
        self.page.wait_for_load_state("load" if name in GOING_ON else "networkidle")
        self.page.evaluate("window.scrollTo(0, 0)")
        if name == "emotion":
            data = self.page.locator("#emotion").screenshot(animations="disabled")
        else:
            data = self.page.screenshot(full_page=name not in GOING_ON, animations="disabled")
        picture = Image.open(io.BytesIO(data)).convert("RGB")
        # the whole of a long page says less than its beginning, and 256 colours are enough for a look
        picture = picture.crop((0, 0, picture.width, min(picture.height, LONGEST_PX)))
        picture.quantize(256, Image.Quantize.MEDIANCUT).save(self.folder / f"{name}-{self.size}.png", optimize=True)

    def walk(self) -> None:
        """From the first page to the finished film, then the pages beside the way."""
        page = self.page
        page.goto("/music")
        self.take("start")
        page.locator("input[type=file]").set_input_files(DEMO / "song.mp3")
        expect(page.locator("audio[src]")).to_be_visible()
        page.get_by_label("From", exact=True).fill(PART[0])
        page.get_by_label("To", exact=True).fill(PART[1])
        page.get_by_label("To", exact=True).blur()
        self.take("music")
        page.get_by_role("button", name="Go on to the image").click()
        page.locator("input[type=file]").set_input_files(DEMO / "portrait.jpg")
        expect(page.locator(".faces img")).to_be_visible()
        self.take("image")
        page.get_by_role("button", name="Go on to the result").click()
        page.get_by_text("More: how the film is made").click()
        page.locator("[name=height]").select_option("512")
        self.take("order")
        page.get_by_role("button", name="Show the song's own curve").click()
        page.get_by_role("button", name="Change the song's own curve").click(timeout=FILM_LIMIT_MS)
        self.take("emotion")
        page.get_by_role("button", name="Remove all key points").click()
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator("[data-stage=frames][aria-current]")).to_be_visible(timeout=FILM_LIMIT_MS)
        self.take("making")
        self.finish()
        for name in ("library", "guide", "about"):
            page.goto(f"/{name}")
            self.take(name)
        page.goto("/api/v1/docs")
        self.take("api")
        self.talk()

    def talk(self) -> None:
        """The talk page, and a conversation while the avatar speaks."""
        page = self.page
        page.goto("/talk")
        expect(page.get_by_role("button", name="Start the conversation")).to_be_enabled()
        self.take("talk")
        page.get_by_role("button", name="Start the conversation").click()
        expect(page.get_by_label("Write to the avatar")).to_be_enabled(timeout=FILM_LIMIT_MS)
        page.get_by_label("Write to the avatar").fill("What can you sing?")
        page.keyboard.press("Enter")
        expect(page.locator(".its").last).to_contain_text("song", timeout=FILM_LIMIT_MS)
        page.wait_for_timeout(1500)
        self.take("talking")
        page.get_by_role("button", name="End the conversation").click()
        expect(page.get_by_role("button", name="Start another")).to_be_visible()

    def finish(self) -> None:
        """The film with its quality report, at a moment when the mouth is open."""
        film = self.page.locator(".film-shown video")
        expect(film).to_be_visible(timeout=FILM_LIMIT_MS)
        expect(self.page.locator("#quality table")).to_be_visible(timeout=FILM_LIMIT_MS)
        film.evaluate(
            "film => new Promise(done => { film.addEventListener('seeked', done, {once: true}); film.currentTime = 2.2; })"
        )
        self.take("film")


def walk_once(browser: Browser, url: str, size: str, scheme: Literal["dark", "light"], folder: Path) -> None:
    """A new person's way in a window of that size."""
    context = browser.new_context(
        base_url=url,
        viewport=SIZES[size],
        color_scheme=scheme,
        locale="en-GB",
        is_mobile=size == "phone",
        has_touch=size == "phone",
    )
    context.set_default_timeout(60_000)
    ScreenshotTaker(context.new_page(), size, folder).walk()
    context.close()


def find_chromium(named: str | None) -> str:
    """Path of the browser. Raises `MissingError` where there is none."""
    found = named or shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        raise MissingError(as_written("No Chromium was found. On Debian and Ubuntu: sudo apt install chromium"))
    return found


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.screenshots", description="Photographs every page.")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "screenshots", metavar="DIR", help="default: docs/screenshots"
    )
    parser.add_argument("--chromium", metavar="PATH", help="the browser; by default the one that is found by name")
    parser.add_argument("--light", action="store_true", help="the light colours instead of the dark ones")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 3 something missing."""
    options = build_parser().parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    chromium = find_chromium(options.chromium)
    with (
        tempfile.TemporaryDirectory(prefix="belcanto-screenshots-") as name,
        LiveServer(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for size in SIZES:
            walk_once(browser, server.url, size, "light" if options.light else "dark", options.out)
        browser.close()
    taken = sorted(path.name for path in options.out.glob("*.png") if re.search(r"-(desk|phone)\.png$", path.name))
    print(f"{len(taken)} pictures in {options.out}: {', '.join(taken)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
