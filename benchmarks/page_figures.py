"""What pages weigh, how soon they can be used, and how much they move while they come, in Chromium.

`python -m benchmarks.page_figures [--slow FACTOR] [--chromium PATH]` starts the application on a folder of its own, gives it the
demo media, and opens every page anew on a processor that is slowed down. Bytes are those on the wire, pictures, films and sounds
apart. Layout shift and largest paint are those of the browser's own observers (W3C Layout Instability, Largest Contentful Paint);
interactive: the end of the last task of 50 ms or more, or the end of DOMContentLoaded where there is none, for that is when a
page's scripts have all begun.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, FilePayload, sync_playwright

from benchmarks.ending import ends_in_words
from benchmarks.live_server import LiveServer
from benchmarks.screenshots import find_chromium
from benchmarks.wizard_walk import DEMO

#: What a page itself is made of; the rest are media.
OWN_TYPES = ("Document", "Stylesheet", "Script", "Font", "Other", "Manifest", "Fetch", "XHR")
#: How long a page is watched after it has loaded, in milliseconds.
WATCHED_MS = 2500
OBSERVE = """
window.figures = {shift: 0, paint: 0, busy: 0};
const see = (type, add) => new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({type, buffered: true});
see("layout-shift", (entry) => { if (!entry.hadRecentInput) window.figures.shift += entry.value; });
see("largest-contentful-paint", (entry) => { window.figures.paint = entry.startTime; });
see("longtask", (entry) => { window.figures.busy = entry.startTime + entry.duration; });
"""
READ = """() => {
  const navigation = performance.getEntriesByType("navigation")[0];
  const ready = navigation.domContentLoadedEventEnd;
  return {...window.figures, interactive: Math.max(ready, window.figures.busy)};
}"""


@dataclass(frozen=True)
class Figures:
    """Of one page. Bytes on the wire without media; the shift's score, 0 where nothing moves; times in seconds."""

    own_bytes: int
    shift: float
    paint_s: float
    interactive_s: float


def measured(context: BrowserContext, path: str, slow: float, watched_ms: int = WATCHED_MS) -> Figures:
    """Open the page in a window of its own and watch it.

    slow: how many times slower the processor is made. watched_ms: for how long it is watched after it has loaded.
    """
    page = context.new_page()
    page.add_init_script(OBSERVE)
    devtools = context.new_cdp_session(page)
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    devtools.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    devtools.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
    devtools.send("Network.enable")
    devtools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    devtools.send("Emulation.setCPUThrottlingRate", {"rate": slow})
    page.goto(path)
    page.wait_for_load_state("load")
    page.wait_for_timeout(watched_ms)
    found: dict[str, Any] = page.evaluate(READ)
    page.close()
    own = sum(size for request, size in sizes.items() if kinds.get(request) in OWN_TYPES)
    return Figures(int(own), found["shift"], found["paint"] / 1000, found["interactive"] / 1000)


def pages_of_somebody(context: BrowserContext) -> dict[str, str]:
    """The pages' names and addresses, once for a new person and once for one with the demo media."""
    paths = {
        "first page": "/",
        "examples": "/examples",
        "music": "/music",
        "image": "/image",
        "film": "/clip",
        "text": "/say?say=on",
    }
    paths |= {"talk": "/talk", "library": "/library", "guide": "/guide", "about": "/about", "not found": "/nowhere"}
    made = {}
    for kind, name in (("song", "song.mp3"), ("picture", "portrait.jpg")):
        file: FilePayload = {"name": name, "mimeType": "application/octet-stream", "buffer": (DEMO / name).read_bytes()}
        answer = context.request.post(f"/api/v1/{kind}s", multipart={"file": file})
        made[kind] = answer.json()["id"]
    song, picture = f"song={made['song']}", f"picture={made['picture']}"
    paths |= {"music, chosen": f"/music?{song}", "image, chosen": f"/image?{song}&{picture}", "order": f"/order?{song}&{picture}"}
    return paths


def walk(browser: Browser, url: str, slow: float, width: int) -> dict[str, Figures]:
    """All pages, in a window of that width in pixels."""
    context = browser.new_context(
        base_url=url, viewport={"width": width, "height": 900 if width > 600 else 740}, locale="en-GB", service_workers="block"
    )
    context.set_default_timeout(60_000)
    figures = {name: measured(context, path, slow) for name, path in pages_of_somebody(context).items()}
    context.close()
    return figures


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.page_figures", description="Measures every page.")
    parser.add_argument("--slow", type=float, default=4.0, metavar="FACTOR", help="the processor is so much slower (default: 4)")
    parser.add_argument("--widths", type=int, nargs="+", default=[1440, 360], metavar="PX", help="widths of the window")
    parser.add_argument("--chromium", metavar="PATH", help="the browser; by default the one that is found by name")
    return parser


@ends_in_words()
def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code: 0 done, 3 something missing."""
    options = build_parser().parse_args(arguments)
    chromium = find_chromium(options.chromium)
    with (
        tempfile.TemporaryDirectory(prefix="belcanto-pages-") as name,
        LiveServer(Path(name)) as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, chromium_sandbox=False)
        for width in options.widths:
            print(f"{width} px, processor {options.slow:g} times slower")
            print(f"{'page':16}{'kB':>8}{'shift':>8}{'paint s':>9}{'interactive s':>15}")
            for page, found in walk(browser, server.url, options.slow, width).items():
                kilobytes = found.own_bytes / 1000
                print(f"{page:16}{kilobytes:8.1f}{found.shift:8.3f}{found.paint_s:9.2f}{found.interactive_s:15.2f}")
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
