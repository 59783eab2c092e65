"""The whole way with the demo media, as a person goes it, with a photograph of every page: what `docs/screenshots` shows."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from benchmarks.live_server import LiveServer
from benchmarks.photographs import photograph
from benchmarks.programs import ROOT

DEMO = ROOT / "demo"
SIZES: dict[str, ViewportSize] = {"desk": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
PART = ("3", "9")
#: How long anything may take on a busy machine, and a film.
PATIENCE_MS, FILM_LIMIT_MS = 60_000, 180_000
#: Longer pages are cut off there.
LONGEST_PX = 1800
#: Pages to which something comes as long as they are open.
GOING_ON = ("making", "talking")


class ScreenshotTaker:
    """One person's way through the wizard in a window of one size, with a photograph of every page."""

    def __init__(self, page: Page, size: str, folder: Path) -> None:
        self.page, self.size, self.folder = page, size, folder

    def take(self, name: str) -> None:
        """Photograph the page under that name, as it has come to rest."""
        self.page.wait_for_load_state("load" if name in GOING_ON else "networkidle")
        target = self.folder / f"{name}-{self.size}.png"
        # the whole of a long page says less than its beginning
        photograph(self.page, target, longest_px=LONGEST_PX, whole=name not in GOING_ON)

    def walk(self) -> None:
        """From the first page to the finished film, then the pages beside the way."""
        page = self.page
        page.goto("/")
        self.take("start")
        page.goto("/music")
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
        self.take("order")
        page.get_by_text("More: how the film is made").click()
        page.locator("[name=height]").select_option("512")
        if (box := page.locator("#consent")).count():
            box.check()
        page.get_by_role("button", name="Make the film").click()
        expect(page.locator("[data-stage=frames][aria-current]")).to_be_visible(timeout=FILM_LIMIT_MS)
        expect(page.locator("[data-still] img")).to_be_visible(timeout=FILM_LIMIT_MS)
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
        """The film with its quality report, at a moment when the mouth and the eyes are open."""
        film = self.page.locator(".film-shown video")
        expect(film).to_be_visible(timeout=FILM_LIMIT_MS)
        expect(self.page.locator(".film-side .words")).to_be_visible(timeout=FILM_LIMIT_MS)
        film.evaluate(
            "film => new Promise(done => { film.addEventListener('seeked', done, {once: true}); film.currentTime = 3.9; })"
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
    context.set_default_timeout(PATIENCE_MS)
    ScreenshotTaker(context.new_page(), size, folder).walk()
    context.close()


def walk_everywhere(chromium: str, scheme: Literal["dark", "light"], folder: Path) -> None:
    """A new person's way in a window of each size; the pictures go to the folder. chromium: path of the browser."""
    expect.set_options(timeout=PATIENCE_MS)
    with (
        tempfile.TemporaryDirectory(prefix="belcanto-screenshots-") as name,
        LiveServer(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for size in SIZES:
            walk_once(browser, server.url, size, scheme, folder)
        browser.close()
