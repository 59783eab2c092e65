"""The quality report's page in another language than the one that it was made in."""

from __future__ import annotations

import json
from html import escape
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from app.report_page import report_in_words
from core.message_html import ATTRIBUTE, START, element, reworded
from core.messages import message, message_from_json
from faces.faces import FaceFinder
from metrics.html import Titles, html_page
from metrics.report import ReportSettings, make_report
from tests.app.rows import report_job
from tests.app.test_pages_wizard import visitor
from tests.metrics.films import FPS, MouthPuppet, write_film, write_wav

__all__ = ["visitor"]

GERMAN = {"headers": {"Accept-Language": "de"}}
#: What persons don't read as words: names of the JSON object's values, and what the page looks like.
NO_WORDS = ("code", "style")
#: Names of formats and kinds in the tables, and words that are the same in German.
SAME = {"h264", "High", "Main", "yuv420p", "aac", "stereo", "–", "Film"}
RATE, SECONDS = 44100, 8.0


class Texts(HTMLParser):
    """The texts of a page that a person reads, each with its message where it keeps one."""

    def __init__(self, page):
        super().__init__()
        self.open, self.found = [], []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "img"):
            self.open.append((tag, dict(attributes).get(ATTRIBUTE)))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        if data.strip() and self.open[-1][0] not in NO_WORDS:
            kept = self.open[-1][1]
            self.found.append((data.strip(), kept and message_from_json(json.loads(kept))))


def is_number(text):
    try:
        float(text.replace(",", "."))
    except ValueError:
        return False
    return True


@pytest.fixture(scope="module")
def page(root_dir, tmp_path_factory):
    """The report of a film that sings two notes with a pause before, between and after them."""
    folder = tmp_path_factory.mktemp("report")
    times_s = np.arange(round(SECONDS * RATE)) / RATE
    sung = np.maximum(0, np.sin(2 * np.pi * times_s / 4.0)) ** 0.5
    beats = 0.05 * np.sin(2 * np.pi * 110 * times_s) * (times_s % 0.5 < 0.1)
    voice = write_wav(folder / "voice.wav", 0.4 * sung * np.sin(2 * np.pi * 220 * times_s))
    song = write_wav(folder / "song.wav", 0.4 * sung * np.sin(2 * np.pi * 220 * times_s) + beats)
    with Image.open(root_dir / "demo" / "portrait.jpg") as portrait, FaceFinder() as finder:
        image = np.asarray(portrait.convert("RGB").resize((320, 320)))
        puppet = MouthPuppet(image, finder.find(image)[0].landmarks)
    opening = 0.4 * np.maximum(0, np.sin(2 * np.pi * (np.arange(round(SECONDS * FPS)) + 0.5) / FPS / 4.0))
    film = write_film(folder / "film.mp4", (puppet.frame(float(value)) for value in opening), sound=song)
    return html_page(*make_report(film, song, ReportSettings(voice=voice)), Titles("3.5 <b> film", "Ein Lied", None))


@pytest.mark.slow
def test_a_german_page_shows_no_english_text(app, page):
    with app.test_request_context(**GERMAN):
        german = report_in_words(page, "de")
    before, after = Texts(page).found, Texts(german).found
    assert len(before) == len(after) > 200 and page.count("<svg") >= 6
    stayed = {text for (text, _), (said, _) in zip(before, after, strict=True) if text == said and not is_number(text)}
    assert stayed <= SAME, "these stayed English"
    bare = {text for text, told in before if told is None and not is_number(text)}
    assert bare <= SAME, "these keep no message"
    assert '<html lang="de">' in german and "Wie gut ist 3.5 &lt;b&gt; film?" in german and "mindestens 0,5" in german
    assert any(is_number(text) and "," in text for text, _ in after)
    assert not any(is_number(text) and "." in text for text, _ in after)


@pytest.mark.slow
def test_only_words_change(app, page):
    """Marks, pictures and curves are the same; said in English once more, the page is the one that was made."""
    with app.test_request_context(**GERMAN):
        german = report_in_words(page, "de")
    for part in ("<path", "<use", "<img", "<td", f"{ATTRIBUTE}=", "</svg>"):
        assert german.count(part) == page.count(part) > 0
    assert reworded(german, str, "en").replace('lang="de"', 'lang="en"') == page


def test_a_page_of_an_earlier_program_is_shown_as_it_is(app):
    earlier = f"<!doctype html>{START}<h1>How good is 3.5 &amp film?</h1><p>no<br/>&#8211;</p><code>correlation</code><style>p "
    earlier += "{ a: no }</style><!-- yes -->\n<svg viewBox='0 0 1 1'><text>still film</text></svg>"
    with app.test_request_context(**GERMAN):
        assert report_in_words(earlier, "de") == earlier


def test_what_a_person_has_written_brings_no_marks(app):
    """Neither a title that looks like HTML nor one that looks like a message's place."""
    title = "</h1><script>'\"&{value}<p data-message='{}'>"
    page = f"{START}{element('h1', message('metrics.report_title', title=title))}"
    with app.test_request_context(**GERMAN):
        german = report_in_words(page, "de")
    assert f"Wie gut ist {escape(title)}?</h1>" in german and "<script>" not in german
    assert Texts(german + "</html>").found[0][0] == f"Wie gut ist {title}?"


def test_each_visitor_gets_the_page_in_their_language(visitor, session, settings, film, finish_job):
    finish_job(film)
    session.add(report_job(film, files={"page": "film-report.html"}))
    session.flush()
    words = element("h2", message("metrics.verdicts"))
    (settings.results_dir / film.metrics_html_name).write_text(f"<!doctype html>{START}{words}</html>")
    session.commit()
    address = f"/api/v1/films/{film.id}/quality"
    english, german = (visitor.get(address, headers={"Accept-Language": language}) for language in ("en", "de"))
    assert ">Verdicts</h2>" in english.text and ">Urteile</h2>" in german.text
    assert (
        german.mimetype == "text/html" and german.headers["Content-Security-Policy"] == english.headers["Content-Security-Policy"]
    )
    assert english.headers["ETag"] != german.headers["ETag"]
    asked = {"Accept-Language": "de", "If-None-Match": german.headers["ETag"]}
    assert visitor.get(address, headers=asked).status_code == 304
    assert visitor.get(address, headers={**asked, "If-None-Match": english.headers["ETag"]}).status_code == 200
    assert visitor.head(address, headers={"Accept-Language": "de"}).headers["Content-Length"] == str(len(german.data))
