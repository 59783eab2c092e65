"""A voice is recorded in the page by a real browser's microphone, which sings, and becomes one of the visitor's songs."""

from __future__ import annotations

import re
import subprocess

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect, sync_playwright

from media.ffmpeg_run import ffmpeg_path
from tests.browser.conftest import PATIENCE_MS, doors
from tests.browser.talking import MICROPHONE
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
RECORDED_MS = 2500
#: So much louder than the song is, the microphone distorts.
TOO_LOUD_DB = 24
RATE_HZ = 48000


def write_sound(path, source, gain_db=0.0):
    """Some seconds of the song, as Chromium's microphone plays them over and over."""
    how = ["-ss", "3", "-t", "4", "-i", str(source), "-af", f"volume={gain_db}dB", "-ac", "1", "-ar", str(RATE_HZ)]
    subprocess.run([ffmpeg_path(), "-v", "error", "-y", *how, "-c:a", "pcm_s16le", str(path)], check=True)
    return path


@pytest.fixture(params=[0.0, TOO_LOUD_DB], ids=["well", "too loud"], scope="module")
def gain_db(request):
    return request.param


@pytest.fixture(scope="module")
def browser(chromium_path, tmp_path_factory, song, gain_db):
    """Its microphone hears the demo song."""
    expect.set_options(timeout=PATIENCE_MS)
    sound = write_sound(tmp_path_factory.mktemp("microphone") / "voice.wav", song, gain_db)
    flags = [*MICROPHONE, f"--use-file-for-fake-audio-capture={sound}"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=chromium_path, chromium_sandbox=False, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    yield from doors(browser)


def record(wizard):
    """From the closed microphone to the recording that can be listened to."""
    wizard.button("Turn the microphone on").click()
    expect(wizard.button("Record")).to_be_focused()
    wizard.page.wait_for_function("() => Number(document.querySelector('[role=meter]').getAttribute('aria-valuenow')) > 30")
    wizard.button("Record").press("Enter")
    expect(wizard.page.get_by_text("It begins in 2.")).to_be_visible()
    expect(wizard.button("Stop the recording")).to_be_focused()
    wizard.page.wait_for_timeout(RECORDED_MS)
    wizard.button("Stop the recording").press("Enter")
    expect(wizard.button("Use this recording")).to_be_focused()


def decoded(content):
    """The sound file's samples at `RATE_HZ`, one channel."""
    how = ["-i", "pipe:0", "-f", "f32le", "-ac", "1", "-ar", str(RATE_HZ), "pipe:1"]
    run = subprocess.run([ffmpeg_path(), "-v", "error", *how], input=content, capture_output=True, check=True)
    return np.frombuffer(run.stdout, np.float32)


def test_what_is_recorded_becomes_the_song(visit, server, gain_db):
    wizard = visit(server)
    page = wizard.page
    page.goto("/music")
    page.wait_for_load_state()
    record(wizard)
    expect(page.get_by_text("Parts of it were too loud and are distorted.")).to_have_count(1 if gain_db else 0)
    result = page.get_by_label("Your recording")
    page.wait_for_function("sound => sound.duration > 1 && sound.duration < 6", arg=result.element_handle())
    assert Axe().run(page).response["violations"] == []
    wizard.button("Record it again").click()
    expect(result).to_be_hidden()
    expect(wizard.button("Record")).to_be_focused()
    expect(page.get_by_label("Microphone", exact=True).locator("option")).not_to_have_count(0)
    wizard.button("Turn the microphone off and drop it").click()
    record(wizard)
    wizard.button("Use this recording").press("Enter")
    page.wait_for_url(re.compile("song="), timeout=FILM_PATIENCE_MS)
    expect(page.get_by_role("heading", name=re.compile("^Recording "))).to_be_visible()
    (song,) = page.request.get("/api/v1/songs").json()["items"]
    # the head of such a file says no length
    assert song["mime"] == "audio/webm" and 1.5 < song["duration_s"] < 6.0
    heard = decoded(page.request.get(song["links"]["file"]).body())
    assert np.sqrt(np.mean(heard**2)) > 0.02
    expect(wizard.button("Go on to the image")).to_be_visible()


@pytest.mark.parametrize(
    ("error", "words"),
    [("NotAllowedError", "The browser does not give the microphone."), ("NotFoundError", "No microphone was found.")],
)
def test_a_microphone_that_is_not_given_is_told(visit, server, error, words):
    wizard = visit(server)
    page = wizard.page
    page.add_init_script(f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}")
    page.goto("/music")
    page.wait_for_load_state()
    wizard.button("Turn the microphone on").click()
    expect(page.get_by_role("alert").filter(has_text=words)).to_be_visible()
    expect(wizard.button("Turn the microphone on")).to_be_visible()
