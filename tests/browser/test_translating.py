"""A film in another language, and repairs of films, in a real browser: Whisper hears it, and Kokoro speaks it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image
from playwright.sync_api import expect

from core.errors import InputError, MissingError
from media.media import FilmWriter, probe_video, read_audio
from pipeline.translating.table import read_script
from speech.hearing.whisper import whisper
from speech.speaker import SpeechSettings, open_voice
from tests.browser.test_dubbing import SIDE, give
from tests.browser.wizard import FILM_PATIENCE_MS

pytestmark = [pytest.mark.slow, pytest.mark.long]
FPS, FROZEN_FROM, FROZEN_FOR = 12.5, 12, 10
SAID, SPOKEN = "Buenos días a todos y bienvenidos a esta clase.", "Good morning, dear pupils, and welcome."


@pytest.fixture(scope="module")
def lesson(tmp_path_factory, portrait) -> Path:
    """The portrait says a Spanish sentence, or seems to; in between it stands still for a while."""
    folder = tmp_path_factory.mktemp("lessons")
    try:
        said = list(open_voice(SpeechSettings(voice="ef_dora", language="es", early=False)).say(SAID))
        whisper()
    except (MissingError, InputError) as error:
        pytest.skip(str(error))
    sound = np.concatenate([each.sound for each in said])
    soundfile.write(folder / "said.wav", sound, said[0].rate_hz)
    frames = round(len(sound) / said[0].rate_hz * FPS)
    with Image.open(portrait) as image:
        seen = np.asarray(image.convert("RGB").resize((SIDE + 16, round((SIDE + 16) * image.height / image.width))))
    with FilmWriter(folder / "Lesson.mp4", (SIDE, SIDE), FPS, folder / "said.wav") as writer:
        for index in range(frames):
            at = FROZEN_FROM - 1 if FROZEN_FROM <= index < FROZEN_FROM + FROZEN_FOR else index
            x, y = round(8 + 8 * np.sin(at / 2)), round(8 + 8 * np.cos(at / 3))
            writer.write(np.ascontiguousarray(seen[y : y + SIDE, x : x + SIDE]))
    return folder / "Lesson.mp4"


def test_what_is_said_is_written_down_edited_and_spoken(visit, server, lesson, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip")
    give(wizard, lesson, "video.clip")
    page.get_by_role("button", name=re.compile("^Another language")).click()
    expect(wizard.heading("Another language")).to_be_visible()
    wizard.button("Write down what is said").click()
    page.wait_for_url(re.compile(r"/script/"), timeout=FILM_PATIENCE_MS)
    expect(page.get_by_text("bienvenidos")).to_be_visible()
    text, start = page.locator("#text-1"), page.locator("#start-1")
    expect(text).to_have_value(re.compile("good|welcome|hello", re.IGNORECASE))
    text.fill(SPOKEN)
    begin = start.input_value()
    start.fill("soon")
    wizard.button("Make the film").click()
    expect(page.get_by_text("Row 1 of the script has no proper times")).to_be_visible()
    expect(page.locator("#text-1")).to_have_value(SPOKEN)
    page.locator("#start-1").fill(begin)
    with page.expect_download() as download:
        wizard.button("Save as a table (CSV)").click()
    download.value.save_as(tmp_path / "said.csv")
    assert [line.text for line in read_script(tmp_path / "said.csv", "en").lines] == [SPOKEN]
    page.locator("#table").set_input_files(tmp_path / "said.csv")
    wizard.button("Take it over").click()
    expect(page.get_by_text("The table was taken over")).to_be_visible()
    wizard.button("Make the film").click()
    page.wait_for_url(re.compile(r"/works/"))
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "made.mp4")
    assert probe_video(tmp_path / "made.mp4").frames == probe_video(lesson).frames
    heard = whisper().hear(read_audio(tmp_path / "made.mp4", 16_000, 1)[:, 0]).text.lower()
    assert "pupils" in heard and "welcome" in heard
    with page.expect_download() as download:
        wizard.link("Subtitles (SRT)").click()
    assert "dear pupils" in " ".join(Path(download.value.path()).read_text(encoding="utf-8").split())
    wizard.link("Change what is said").click()
    expect(page.locator("#text-1")).to_have_value(SPOKEN)


def test_a_film_is_measured_moved_and_filled(visit, server, lesson, tmp_path):
    wizard = visit(server)
    page = wizard.page
    page.goto("/clip")
    give(wizard, lesson, "video.clip")
    page.get_by_role("button", name=re.compile("^Repair")).click()
    expect(wizard.heading("Repair")).to_be_visible()
    repairs = page.url
    wizard.button("Measure it").click()
    expect(wizard.heading("Measured")).to_be_visible(timeout=FILM_PATIENCE_MS)
    expect(page.get_by_text("How sure that is")).to_be_visible()
    page.get_by_label("How late the sound is").fill("120")
    wizard.button("Move the sound").click()
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    expect(page.get_by_text("The sound comes 120 ms earlier now")).to_be_visible()
    with page.expect_download() as download:
        wizard.link("Download").click()
    download.value.save_as(tmp_path / "moved.mp4")
    one, other = (np.abs(read_audio(path, 8000, 1)[:, 0]) for path in (lesson, tmp_path / "moved.mp4"))
    first, then = (int(np.flatnonzero(sound > 0.1 * sound.max())[0]) for sound in (one, other))
    assert (first - then) / 8000 == pytest.approx(0.12, abs=0.02)
    page.goto(repairs)
    wizard.button("Make the missing pictures").click()
    expect(wizard.heading("It is ready.")).to_be_visible(timeout=FILM_PATIENCE_MS)
    expect(page.get_by_text("Pictures were missing at")).to_be_visible()
    page.goto("/library")
    expect(page.get_by_text("Lesson").first).to_be_visible()
