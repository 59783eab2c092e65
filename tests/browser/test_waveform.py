"""The part of a song is chosen closer up, from phrase to phrase; how loud the song is, is said."""

from __future__ import annotations

import pytest
import soundfile
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]


def view(page):
    """First and last of what is seen, as parts of the song."""
    left, _, width, _ = map(float, page.locator(".wave svg").get_attribute("viewBox").split())
    return left / 800, (left + width) / 800


def moment(page, which):
    return float(page.get_by_role("slider", name=f"{which} of the part").get_attribute("aria-valuenow"))


def test_it_comes_closer_by_button_key_and_wheel_and_the_part_stays(visit, server, song):
    wizard = visit(server)
    page = wizard.page
    wizard.give_song(song)
    expect(page.get_by_text("As loud as usual (-15.5 LUFS).")).to_be_visible()
    assert view(page) == pytest.approx((0, 1))
    wizard.choose_part("3", "9")
    page.get_by_label("To", exact=True).press("Tab")
    wizard.button("Closer").click()
    first, last = view(page)
    assert (first, last) == pytest.approx((0.25, 0.75))
    assert moment(page, "Start") == 3 and moment(page, "End") == 9
    handle = page.get_by_role("slider", name="End of the part")
    handle.focus()
    handle.press("+")
    first, last = view(page)
    assert last - first == pytest.approx(0.25) and first < 9 / 22.8 < last
    expect(page.locator(".handle.out")).to_have_attribute("data-which", "start")
    box = page.locator(".wave svg").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.wheel(120, 0)
    page.wait_for_function(
        "was => Number(document.querySelector('.wave svg').getAttribute('viewBox').split(' ')[0]) > was", arg=first * 800
    )
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(
        "was => Number(document.querySelector('.wave svg').getAttribute('viewBox').split(' ')[2]) < was", arg=199
    )
    assert Axe().run(page).response["violations"] == []
    # where one clicks there the song goes on, also close up
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    first, last = view(page)
    page.wait_for_function(
        "at => Math.abs(document.querySelector('audio').currentTime - at) < 0.1", arg=22.8 * (first + last) / 2
    )
    start = page.get_by_role("slider", name="Start of the part")
    start.press("ArrowLeft")  # it is gone to where it can be seen
    assert view(page)[0] < 2.9 / 22.8 < view(page)[1]
    start.press("ArrowRight")
    start.press("0")
    assert view(page) == pytest.approx((0, 1))
    assert page.get_by_label("From", exact=True).input_value() == "0:03"


def test_ends_stop_at_phrases_unless_alt_is_held(visit, server, song):
    wizard = visit(server)
    page = wizard.page
    wizard.give_song(song)
    page.get_by_label("Begin and end with what is sung").check()
    expect(page.get_by_text("Phrases found:")).to_be_visible(timeout=FILM_PATIENCE_MS)
    song_id = page.request.get("/api/v1/songs").json()["items"][0]["id"]
    phrases = page.request.get(f"/api/v1/songs/{song_id}/phrases").json()["phrases"]
    begins = round(max(0, phrases[1][0] - 0.1), 1)
    handle = page.get_by_role("slider", name="Start of the part")
    handle.press("Control+ArrowRight")
    handle.press("Control+ArrowRight")
    assert moment(page, "Start") in (begins, round(phrases[2][0] - 0.1, 1))
    box = page.locator(".wave svg").bounding_box()

    def drag(to_s):
        was = handle.bounding_box()
        page.mouse.move(was["x"] + was["width"] / 2, box["y"] + 30)
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * to_s / 22.8, box["y"] + 30, steps=4)
        page.mouse.up()

    drag(begins + 0.08)  # nine pixels of a wide page are 0.17 s, and the phrase begins within 0.05 s of what is shown
    assert moment(page, "Start") == begins
    page.keyboard.down("Alt")
    drag(begins + 0.2)
    page.keyboard.up("Alt")
    assert moment(page, "Start") == pytest.approx(begins + 0.2, abs=0.11) and moment(page, "Start") != begins


def test_what_distorts_is_said_and_marked(visit, server, song, tmp_path):
    sound, rate_hz = soundfile.read(song, frames=44100 * 8)
    sound[rate_hz * 4 : rate_hz * 6] *= 12
    soundfile.write(tmp_path / "loud.wav", sound.clip(-1, 1), rate_hz, "PCM_16")
    wizard = visit(server)
    wizard.give_song(tmp_path / "loud.wav")
    expect(wizard.page.get_by_text("In places it is too loud and distorts")).to_be_visible()
    left = wizard.page.locator(".wave .clipped").evaluate("each => [each.getBBox().x, each.getBBox().width]")
    assert left == pytest.approx([400, 200], abs=8)
