"""Photographs of pages: whole, small in bytes, as they stand when they have come to rest."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page

#: Where longer pages are cut off, and how long a page comes to rest, in milliseconds, once it has loaded.
LONGEST_PX, REST_MS = 5000, 350


def photograph(page: Page, target: Path, colours: int = 256, longest_px: int = LONGEST_PX, whole: bool = True) -> None:
    """Write the page as a PNG of so many colours: the whole page, or what the window shows of it.

    For the whole page the window is made as high as it: what keeps to the window's edges stands at the page's, and pictures load
    that come when they are seen.
    """
    size = page.viewport_size
    assert size is not None
    page.evaluate("window.scrollTo(0, 0)")
    if whole:
        height_px = max(size["height"], page.evaluate("document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": size["width"], "height": min(height_px, longest_px)})
    page.wait_for_timeout(REST_MS)
    data = page.screenshot(animations="disabled")
    page.set_viewport_size(size)
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture.quantize(colours, Image.Quantize.MEDIANCUT).save(target, optimize=True)
