"""The clients in `docs/` do what they say: the one in Python against the stand-in, the page against the real live service."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from app.live.client import KEY, LiveClient
from tests.browser.talking import talking_server
from tests.browser.test_talk import browser  # noqa: F401 (a fixture)
from tests.live.service.serving import KEY as SECRET
from tests.live.service.serving import Service

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with talking_server(tmp_path_factory.mktemp("clients")) as server:
        yield server


def test_the_python_client(served, root_dir, portrait, tmp_path):
    client = root_dir / "docs" / "live_client.py"
    served.app.extensions[KEY] = served.live.client
    served.live.calm_after_s = 0.5  # else it speaks on until somebody interrupts it
    command = [sys.executable, str(client), str(portrait), "What a day!", served.url]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    assert "'text': 'You said: What a day!'" in run.stdout
    assert json.loads((tmp_path / "timeline.json").read_text())["sentences"][0]["text"] == "You said: What a day!"
    assert served.live.sessions == {} and served.live.orders[-1]["mind"] == {"kind": "read_aloud"}
    lines = [line for line in client.read_text().splitlines() if line.strip()]
    assert len(lines) <= 42  # short enough to be read at a glance


def test_the_page(served, browser, root_dir, portrait):  # noqa: F811
    """It stands at the application's own address, as a web server before both has it."""
    page = browser.new_page()
    content = (root_dir / "docs" / "live_client.html").read_text(encoding="utf-8")
    page.route(f"{served.url}/mine.html", lambda route: route.fulfill(body=content, content_type="text/html"))
    with Service() as service:
        served.app.extensions[KEY] = LiveClient(SECRET, service.port, wanted=True)
        page.goto(f"{served.url}/mine.html")
        page.locator("#picture").set_input_files(portrait)
        page.get_by_role("button", name="Connect").click()
        page.get_by_label("What it is to say").fill("What a day!")
        page.get_by_role("button", name="Say it").click()
        expect(page.get_by_role("log")).to_have_text("What a day!")
        video = page.locator("video")
        page.wait_for_function("video => video.currentTime > 1 && video.videoWidth > 0", arg=video.element_handle())
        page.close()
