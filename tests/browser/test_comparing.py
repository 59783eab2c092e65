"""Films side by side, chosen on their page and seen in one film: in a real browser."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from media.media import FilmWriter, probe_video
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
FPS, FRAMES = 12.0, 12


def growing(path, level):
    """A silent second in which a grey picture becomes brighter."""
    with FilmWriter(path, (160, 120), FPS, None, duration_s=FRAMES / FPS) as writer:
        for number in range(FRAMES):
            writer.write(np.full((120, 160, 3), level + 8 * number, np.uint8))
    return path


def give(wizard, server, kind, path):
    data = {"name": path.name, "mimeType": "application/octet-stream", "buffer": path.read_bytes()}
    return wizard.page.request.post(f"{server.url}/api/v1/{kind}s", multipart={"file": data}).json()["id"]


def test_films_are_ticked_and_seen_beside_each_other(visit, server, portrait, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/compare")
    expect(page.get_by_text("There is no film yet that could move a picture.")).to_be_visible()
    for name, level in (("Smile", 20), ("Mona", 60), ("Lisa", 100)):
        give(wizard, server, "clip", growing(tmp_path / f"{name}.mp4", level))
    give(wizard, server, "picture", portrait)
    page.goto("/compare")
    page.get_by_label("The film that moved the picture").select_option("Smile")
    page.get_by_label("The picture", exact=True).select_option(portrait.stem)
    wizard.button("Show them side by side").click()
    expect(page.get_by_text("From one to 4 films can be shown")).to_be_visible()
    for name in ("Mona", "Lisa"):
        page.get_by_role("checkbox", name=re.compile(f"^{name}")).check()
    page.get_by_label("Height of each picture").select_option("240")
    wizard.button("Show them side by side").click()
    page.wait_for_url(re.compile(r"/works/"))
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    expect(page.locator("video")).to_have_js_property("videoHeight", 268, timeout=FILM_PATIENCE_MS)
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "made.mp4")
    assert probe_video(tmp_path / "made.mp4").frames == FRAMES
    wizard.link("Make another").click()
    expect(page.get_by_role("checkbox", name=re.compile("^Mona"))).to_be_checked()
    expect(page.get_by_label("Height of each picture")).to_have_value("240")
