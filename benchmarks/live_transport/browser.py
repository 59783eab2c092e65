"""A real browser that looks at an avatar and tells when it saw and heard what. It needs what the tests need."""

from __future__ import annotations

import json
import shutil
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.live_transport.timing import Observed
from benchmarks.programs import ROOT
from core.errors import MissingError
from core.messages import as_written

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
#: Calls over the loopback, sound without a click, and a microphone that nobody is asked for.
FLAGS = (
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
#: How often what the page saw is taken from it, in seconds, so that it holds little.
TAKE_S = 5.0


def found_browser() -> str:
    """The path of Chromium. Raises MissingError where there is none."""
    found = next((each for name in CHROMIUM_NAMES if (each := shutil.which(name))), None)
    if found is None:
        raise MissingError(as_written("No Chromium is installed; on Debian and Ubuntu: sudo apt install chromium"))
    return found


@contextmanager
def open_browser(path: str | None = None) -> Iterator[Browser]:
    """Chromium; path: of its program. Raises MissingError where there is none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path or found_browser(), chromium_sandbox=False, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def open_session(url: str, height: int = 512) -> str:
    """A new session's id."""
    order = {"owner": "benchmark", "portrait": str(ROOT / "demo" / "portrait.jpg"), "height": height}
    request = urllib.request.Request(f"{url}/sessions", json.dumps(order).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=60) as answer:  # the address is the benchmark's own server  # nosec B310
        return str(json.load(answer)["session"])


def watch(page: Page, url: str, session: str, transport: str, duration_s: float, microphone: bool = False) -> Observed:
    """What the page sees and hears in so many seconds.

    transport: `fragments`, or `call`, or with a codec of the call's pictures: `call:video/H264`.
    """
    page.goto(url)
    kind, _, codec = transport.partition(":")
    if kind == "fragments":
        page.evaluate("(session) => { window.watchFragments(session); }", session)
    else:
        page.evaluate(
            "([session, codec, microphone]) => window.watchCall(session, codec, microphone)", [session, codec, microphone]
        )
    observed, latest_s = Observed(), time.monotonic() + duration_s
    while (left_s := latest_s - time.monotonic()) > 0:
        page.wait_for_timeout(1000 * min(TAKE_S, left_s))
        observed.add(page.evaluate("() => window.told()"))
    stats: list[dict[str, Any]] = page.evaluate("() => window.stats()")
    observed.stats = {row["kind"]: row for row in stats}
    page.evaluate("() => window.leave()")
    return observed
