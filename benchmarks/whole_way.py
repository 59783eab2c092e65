"""From the first page to a film: the clicks and seconds that it takes with an example and with one's own files, and a film of it.

`python -m benchmarks.whole_way [--out FILM.mp4] [--size 1280x800] [--language en] [--light] [--chromium PATH]` starts the
application anew with a folder of its own, goes both ways as a person does, and prints one JSON object: for each way the clicks,
the seconds until the film is being made, and those until it plays. `--out` writes what the browser showed. It needs what the
tests need.
"""

from __future__ import annotations

import argparse
import base64
import io
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypedDict

import numpy as np
from PIL import Image
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Locator, Page, ViewportSize, expect, sync_playwright

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.programs import ROOT
from benchmarks.screenshots import find_chromium
from media.film_writer import DIGITAL_SOURCE_TYPE_KEY, FilmWriter

#: Files that stand for a person's own: not those of the example that comes first.
EXAMPLES = ROOT / "demo" / "examples"
FPS = 10
SCREEN = "http://cv.iptc.org/newscodes/digitalsourcetype/screenCapture"
FILM_LIMIT_MS = 240_000
#: So long a page is shown before the next click, so that whoever looks at the film sees it; it does not count.
LOOK_S = 1.2


@dataclass
class Person:
    """Somebody who clicks; counts the clicks, and the seconds without those of looking."""

    page: Page
    clicks: int = 0
    looked_s: float = 0.0
    began_s: float = field(default_factory=time.perf_counter)

    def click(self, what: Locator) -> None:
        """Look, then click."""
        self.look()
        what.click()
        self.clicks += 1

    def give(self, file: Path) -> None:
        """Choose a file: a click that opens the system's choice, in which the file is then named."""
        self.look()
        self.page.locator("input[type=file]").first.set_input_files(file)
        self.clicks += 1

    def look(self, seconds: float = LOOK_S) -> None:
        """Look at the page for a while."""
        self.looked_s += seconds
        self.page.wait_for_timeout(1000 * seconds)

    def seconds(self) -> float:
        """Since the beginning, without looking."""
        return round(time.perf_counter() - self.began_s - self.looked_s, 2)


def with_example(person: Person) -> None:
    """The two clicks."""
    person.click(person.page.locator("a[href*='/examples']").first)
    person.click(person.page.locator("main button[type=submit]").first)


def with_own_files(person: Person) -> None:
    """A song, a picture, and the order."""
    page = person.page
    person.click(page.locator("main a[href*='/music']").first)
    person.give(EXAMPLES / "song_twinkle.mp3")
    expect(page.locator("audio[src]").first).to_be_visible(timeout=FILM_LIMIT_MS)
    person.click(page.locator("button[name=go], a.onward").first)
    person.give(EXAMPLES / "woman.jpg")
    expect(page.locator(".faces img").first).to_be_visible(timeout=FILM_LIMIT_MS)
    person.click(page.locator("button[name=go], a.onward").first)
    person.click(page.locator("form[action*='/order'] button.onward").first)


WAYS: dict[str, Callable[[Person], None]] = {"example": with_example, "own_files": with_own_files}


def go(page: Page, way: Callable[[Person], None]) -> dict[str, Any]:
    """One way, from the first page to the film that plays."""
    page.goto("/")
    person = Person(page)
    way(person)
    page.wait_for_url("**/films/*", timeout=FILM_LIMIT_MS)
    ordered_s = person.seconds()
    film = page.locator("main video[src*='/films/']").first
    film.wait_for(timeout=FILM_LIMIT_MS)
    made_s = person.seconds()
    film.evaluate("film => { film.muted = true; film.play(); }")
    person.look(6.0)
    length_s = film.evaluate("film => film.duration")
    return {"clicks": person.clicks, "ordered_s": ordered_s, "made_s": made_s, "film_s": round(length_s, 1)}


class Told(TypedDict):
    """What the film's metadata say."""

    title: str
    comment: str
    tags: dict[str, str]


class Screen:
    """What the browser shows, kept as JPEG with the times at which it changed."""

    def __init__(self, page: Page) -> None:
        self.shown: list[tuple[float, bytes]] = []
        self._session = page.context.new_cdp_session(page)
        self._session.on("Page.screencastFrame", self._keep)
        self._session.send("Page.startScreencast", {"format": "jpeg", "quality": 85, "everyNthFrame": 2})

    def _keep(self, event: dict[str, Any]) -> None:
        self.shown.append((float(event["metadata"]["timestamp"]), base64.b64decode(event["data"])))
        with suppress(PlaywrightError):  # the browser may be closing
            self._session.send("Page.screencastFrameAck", {"sessionId": event["sessionId"]})

    def write(self, path: Path, size: ViewportSize) -> None:
        """As a film without sound."""
        self._session.send("Page.stopScreencast")
        begin_s, end_s = self.shown[0][0], self.shown[-1][0]
        at = 0
        told: Told = {
            "title": "Belcanto in a browser",
            "comment": "Recorded from a screen.",
            "tags": {DIGITAL_SOURCE_TYPE_KEY: SCREEN},
        }
        with FilmWriter(path, (size["width"], size["height"]), FPS, None, duration_s=end_s - begin_s, **told) as film:
            for number in range(film.frames):
                while at + 1 < len(self.shown) and self.shown[at + 1][0] <= begin_s + number / FPS:
                    at += 1
                picture = Image.open(io.BytesIO(self.shown[at][1])).convert("RGB").resize((size["width"], size["height"]))
                film.write(np.asarray(picture))


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Go, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, help="the film to write")
    parser.add_argument("--size", default="1280x800", help="of the window")
    parser.add_argument("--language", default="en", help="of the pages")
    parser.add_argument("--light", action="store_true", help="light pages instead of dark ones")
    parser.add_argument("--chromium", help="the browser, where it is not found by its name")
    options = parser.parse_args(arguments)
    width, height = map(int, options.size.split("x"))
    window: ViewportSize = {"width": width, "height": height}
    told: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder, LiveServer(Path(folder)) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(options.chromium), chromium_sandbox=False)
        scheme: Literal["light", "dark"] = "light" if options.light else "dark"
        context = browser.new_context(base_url=server.url, viewport=window, locale=options.language, color_scheme=scheme)
        page = context.new_page()
        screen = Screen(page) if options.out else None
        for name, way in WAYS.items():
            told[name] = go(page, way)
        if screen is not None:
            screen.write(options.out, window)
        browser.close()
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
