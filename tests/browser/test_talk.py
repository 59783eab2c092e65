"""The talk page in a real browser: chat, captions, microphone, settings, a film of it, and what is said when it does not go."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect, sync_playwright

from app.live.client import KEY, LiveClient
from drawing.resizing import resized
from media.media import FilmWriter
from media.pictures import load_picture
from tests.browser.conftest import PATIENCE_MS, doors
from tests.browser.talking import MICROPHONE, add_picture, talking_server
from tests.pipeline.dubbing import tone

pytestmark = [pytest.mark.slow, pytest.mark.long]


@pytest.fixture(scope="module")
def browser(chromium_path):
    """One whose microphone beeps."""
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=False, args=MICROPHONE)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with talking_server(tmp_path_factory.mktemp("talking")) as server:
        yield server


@pytest.fixture
def served(running):
    """The server, with nobody in it."""
    live = running.live
    live.slow, live.film_s, live.most, running.app.extensions[KEY] = False, 600, 3, live.client
    live.orders.clear()
    yield running
    for session in live.sessions.values():
        session.end()
    live.sessions.clear()


@pytest.fixture
def visit(browser):
    yield from doors(browser)


@pytest.fixture
def visitor(visit, served, portrait):
    """Somebody with a picture, at the talk page."""
    wizard = visit(served)
    add_picture(wizard.page, served, portrait)
    wizard.page.goto("/talk")
    expect(wizard.button("Start the conversation")).to_be_enabled()
    return wizard


def begin(wizard):
    """Start, and wait until one can write."""
    wizard.button("Start the conversation").click()
    expect(wizard.page.get_by_label("Write to the avatar")).to_be_enabled()


def session_of(served):
    return next(iter(served.live.sessions.values()))


def test_a_conversation_by_keyboard_alone(visitor, served):
    page = visitor.page
    page.get_by_role("radio", name="portrait").focus()
    page.get_by_label("Nobody: it reads what I write").focus()
    page.keyboard.press("Space")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.start !== undefined"):
            break
    page.keyboard.press("Enter")
    text = page.get_by_label("Write to the avatar")
    expect(text).to_be_enabled()
    assert served.live.orders[0]["mind"] == {"kind": "read_aloud"}
    text.focus()
    page.keyboard.type("Hello there")
    page.keyboard.press("Enter")
    log = page.get_by_role("log", name="Chat")
    expect(log).to_contain_text("You said: Hello there")
    expect(log.locator(".mine")).to_have_count(1)  # though it is told again as heard
    assert log.get_attribute("aria-live") == "polite"
    expect(page.locator("[data-captions]")).to_have_text("You said: Hello there")
    expect(page.locator("[data-state]")).to_have_text("Speaking (happy)")
    expect(page.get_by_text("AI-generated", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-state]")).to_have_text("Ready. Speak or write.")
    expect(page.locator("[data-captions]")).to_be_hidden()
    assert session_of(served).said[-1]["interrupted"]


def test_it_is_seen_as_a_film_that_goes_on(visitor):
    begin(visitor)
    video = visitor.page.locator("video")
    visitor.page.wait_for_function("video => video.videoWidth === 256 && video.currentTime > 1", arg=video.element_handle())
    expect(visitor.page.get_by_text("Connected by a film that goes on")).to_be_visible()


def test_what_breaks_off_begins_anew_with_the_microphone(visitor, served):
    served.live.film_s = 3
    begin(visitor)
    session, films = session_of(served), served.live.films
    visitor.button("Turn the microphone on").click()
    expect(visitor.button("Turn the microphone off")).to_be_enabled()
    served.live.film_s = 600
    for _ in range(300):
        if served.live.films > films:
            break
        visitor.page.wait_for_timeout(100)
    before = session.sound
    visitor.page.wait_for_timeout(2500)
    assert served.live.films == films + 1 and session.sound > before
    visitor.page.wait_for_function("() => document.querySelector('video').currentTime > 0.5")


def test_where_no_film_can_be_played_it_is_seen_in_single_pictures(visitor):
    visitor.page.goto("/talk?by=mjpeg")
    expect(visitor.button("Start the conversation")).to_be_enabled()
    begin(visitor)
    pictures = visitor.page.locator("[data-pictures]")
    expect(pictures).to_be_visible()
    assert pictures.evaluate("image => image.naturalWidth") == 64
    expect(visitor.page.get_by_text("without sound: read the captions")).to_be_visible()


def test_the_microphone_is_heard_only_while_it_is_on(visitor, served):
    begin(visitor)
    page, session = visitor.page, session_of(served)
    assert session.sound == 0
    microphone = visitor.button("Turn the microphone on")
    assert microphone.get_attribute("aria-pressed") == "false"
    microphone.click()
    expect(visitor.button("Turn the microphone off")).to_have_attribute("aria-pressed", "true")
    expect(page.locator("[data-partial]")).to_have_text("Heard: Good")
    expect(page.locator(".mine")).to_contain_text("Good morning")
    expect(page.locator(".its")).to_contain_text("You said: Good morning")
    expect(page.locator("[data-partial]")).to_have_text("")
    visitor.button("Turn the microphone off").click()
    expect(page.get_by_text("The microphone is off.")).to_be_visible()
    page.wait_for_timeout(500)
    before = session.sound
    page.wait_for_timeout(700)
    assert session.sound == before


def test_the_settings_go_along_and_the_key_stays_nowhere(visitor, served):
    page = visitor.page
    page.get_by_label("Persona").select_option("")
    page.get_by_label("Its name").fill("Ada")
    page.get_by_label("What it is like").fill("You count.")
    page.get_by_label("Voice", exact=True).select_option("bf_emma")
    page.get_by_label("A language model on a server").check()
    page.get_by_label("Address of the server").fill("http://127.0.0.1:9/v1")
    page.get_by_label("Name of the model").fill("small")
    key = page.get_by_label("Key")
    assert (key.get_attribute("type"), key.get_attribute("autocomplete")) == ("password", "off")
    key.fill("sesame-4711")
    begin(visitor)
    order = served.live.orders[0]
    assert order["persona_own"] == {"name": "Ada", "character": "You count.", "voice": "bf_emma"} and "persona" not in order
    assert order["mind"] == {"kind": "server", "url": "http://127.0.0.1:9/v1", "model": "small", "key": "sesame-4711"}
    stored = page.evaluate("JSON.stringify([localStorage, sessionStorage, document.cookie, location.href])")
    fields = page.evaluate("[...document.querySelectorAll('input, textarea')].map(each => each.value).join()")
    assert "sesame" not in stored + fields + page.content()
    visitor.button("End the conversation").click()
    expect(page.locator("[data-state]")).to_have_text("The conversation has ended.")
    visitor.button("Start another").click()
    expect(page.get_by_label("Its name")).to_have_value("Ada")
    expect(key).to_have_value("")


def test_the_conversation_is_recorded_and_written_down(visitor, tmp_path):
    begin(visitor)
    page = visitor.page
    visitor.button("Record the conversation").click()
    expect(page.get_by_text("The conversation is being recorded.")).to_be_visible()
    page.get_by_label("Write to the avatar").fill("One")
    page.keyboard.press("Enter")
    expect(page.locator(".its")).to_contain_text("You said: One")
    visitor.button("End the conversation").click()  # ends the recording, and fetches the film before the session is gone
    with page.expect_download() as film:
        visitor.link("Get the film").click()
    film.value.save_as(tmp_path / "film.mp4")
    assert (tmp_path / "film.mp4").read_bytes()[4:8] == b"ftyp"
    with page.expect_download() as text:
        visitor.button("Get the transcript").click()
    text.value.save_as(tmp_path / "said.txt")
    assert (tmp_path / "said.txt").read_text(encoding="utf-8") == "You: One\nAria: You said: One\n"


def test_what_happens_is_said_from_the_beginning_to_the_end(visitor, served):
    served.live.slow = True
    page = visitor.page
    visitor.button("Start the conversation").click()
    state = page.locator("[data-state]")
    expect(state).to_contain_text("The picture is being prepared: 1 s.")
    session_of(served).get_ready()
    expect(page.get_by_label("Write to the avatar")).to_be_enabled()
    session_of(served).tell("quality", height=384, fps=25, message="Drawn smaller for a while.")
    expect(page.get_by_text("Drawn smaller for a while.")).to_be_visible()
    session_of(served).tell("error", code="live.mind_cut", values={"host": "h.example"}, message="")
    expect(page.get_by_role("alert").filter(has_text="h.example was cut")).to_be_visible()
    session_of(served).end()
    expect(state).to_have_text("The conversation has ended: It ended.")
    expect(visitor.button("Start another")).to_be_visible()


def test_the_fourth_is_told_to_wait_and_keeps_the_settings(visitor, served):
    served.live.most = 0
    visitor.page.get_by_label("Nobody: it reads what I write").check()
    visitor.button("Start the conversation").click()
    expect(visitor.page.get_by_role("alert").filter(has_text="Wait until one has ended")).to_be_visible()
    served.live.most = 3
    begin(visitor)
    assert served.live.orders[-1]["mind"] == {"kind": "read_aloud"}


def test_where_it_is_off_it_is_said(visitor, served):
    served.app.extensions[KEY] = LiveClient()
    visitor.watch.allowed += ["503"]
    visitor.page.reload()
    expect(visitor.page.get_by_text("switched off on this server")).to_be_visible()
    expect(visitor.button("Start the conversation")).to_be_disabled()


def test_who_leaves_ends_the_session(visitor, served):
    begin(visitor)
    visitor.page.goto("/about")
    for _ in range(100):
        if not served.live.sessions:
            return
        visitor.page.wait_for_timeout(100)
    raise AssertionError("the session goes on")


def test_the_demo_portrait_and_an_upload(visit, served, portrait):
    wizard = visit(served)
    page = wizard.page
    page.goto("/talk")
    wizard.button("Use the demo portrait").click()
    expect(page.get_by_role("radio", name="Demo portrait")).to_be_checked()
    expect(wizard.button("Start the conversation")).to_be_enabled()  # the scripts listen
    page.locator("[data-upload] input").set_input_files({"name": "b.png", "mimeType": "image/png", "buffer": b"none"})
    expect(page.locator("[data-upload-said]")).to_contain_text(re.compile("picture|image"))


@pytest.mark.parametrize(("locale", "start"), [("en-GB", "Start the conversation"), ("de-DE", "Gespräch beginnen")])
def test_on_a_phone_nothing_lies_beside_the_screen(visit, served, portrait, locale, start):
    wizard = visit(served, viewport={"width": 360, "height": 740}, locale=locale)
    page = wizard.page
    add_picture(page, served, portrait)
    for address in ("/talk", "/stage"):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, address
    page.goto("/talk")
    wizard.button(start).click()
    expect(page.locator("#chat-text")).to_be_enabled()
    session_of(served).answer("Donaudampfschifffahrtsgesellschaft " * 5)
    expect(page.locator(".its")).to_contain_text("Donau")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    box = page.locator("[data-microphone]").bounding_box()
    assert box["height"] >= 44 and box["y"] + box["height"] < 740  # in reach without scrolling


def test_a_film_of_the_library_talks_too(visit, served, portrait, tmp_path):
    """It stands among the pictures, and the session is told of the film."""
    film, picture = tmp_path / "Bridge.mp4", resized(load_picture(portrait).image, 128, 128)
    with FilmWriter(film, (128, 128), 25.0, tone(tmp_path / "tone.wav", 2.0)) as writer:
        for _ in range(50):
            writer.write(picture)
    wizard = visit(served)
    page = wizard.page
    data = {"name": film.name, "mimeType": "video/mp4", "buffer": film.read_bytes()}
    clip = page.request.post(f"{served.url}/api/v1/clips", multipart={"file": data}).json()
    page.goto("/talk")
    expect(page.get_by_role("radio", name="Film: Bridge")).to_be_checked()
    expect(page.get_by_text("A film runs to and fro while its lips speak.")).to_be_visible()
    expect(wizard.button("Start the conversation")).to_be_enabled()
    begin(wizard)
    order = served.live.orders[0]
    assert order["source"] == "film" and "clip-" in order["portrait"]
    page.goto(f"/stage?clip={clip['id']}")
    expect(page.get_by_role("radio", name="Film: Bridge")).to_be_checked()
