"""The quality report's page in another language than the one that it was made in."""

from __future__ import annotations

import re

import numpy as np
import pytest

from app.report_page import TEXT, report_in_words, text_in_words
from metrics.html import html_page
from metrics.report import make_report
from tests.app.rows import report_job
from tests.app.test_pages_wizard import visitor
from tests.metrics.films import write_film, write_wav

__all__ = ["visitor"]

#: What is the same in every language: numbers, names of formats, units, and what the page's maker is called.
NO_WORDS = re.compile(
    r"[-\u2212\d.,\u2013 ]+|s|image/svg\+xml|Matplotlib .*|h264|High|yuv420p|Main|aac|stereo|film\.mp4|song\.wav"
)
GERMAN = {"headers": {"Accept-Language": "de"}}


@pytest.fixture(scope="module")
def page(root_dir, tmp_path_factory):
    """The report of a still film with a hum."""
    from PIL import Image

    folder = tmp_path_factory.mktemp("report")
    song = write_wav(folder / "song.wav", 0.3 * np.sin(2 * np.pi * 220 * np.arange(3 * 44100) / 44100))
    with Image.open(root_dir / "demo" / "portrait.jpg") as portrait:
        frame = np.asarray(portrait.convert("RGB").resize((400, 400)))
    return html_page(*make_report(write_film(folder / "film.mp4", (frame for _ in range(15)), fps=5, sound=song), song))


def texts(page):
    """What a person reads on the page, without names of values."""
    return {found[0].strip() for found in TEXT.finditer(page) if not found[1] and found[0].strip()}


@pytest.mark.slow
def test_no_text_of_the_page_stays_english(app, page):
    with app.test_request_context(**GERMAN):
        german = report_in_words(page, "de")
    same = {text for text in texts(page) & texts(german) if not NO_WORDS.fullmatch(text)}
    assert same == {"Film"} & same
    assert '<html lang="de">' in german and "Wie gut ist film.mp4?" in german and "mindestens 0,5" in german
    assert re.sub(r">[^<>]*<|alt=\"[^\"]*\"|lang=\"..\"", "", german) == re.sub(r">[^<>]*<|alt=\"[^\"]*\"|lang=\"..\"", "", page)


def test_what_a_person_has_written_stays_as_it_is(app):
    with app.test_request_context(**GERMAN):
        assert text_in_words("How good is 3.5 & film?") == "Wie gut ist 3.5 & film?"
        page = "<h1>How good is &lt;b&gt;?</h1><p>no</p><code>correlation</code><style>p { a: no }</style>"
        said = "<h1>Wie gut ist &lt;b&gt;?</h1><p>nein</p><code>correlation</code><style>p { a: no }</style>"
        assert report_in_words(page, "de") == said
        assert text_in_words("-0.57") == "-0,57" and text_in_words("0.150 to 0.680") == "0,150 bis 0,680"


def test_each_visitor_gets_the_page_in_their_language(visitor, session, settings, film, finish_job):
    finish_job(film)
    session.add(report_job(film, files={"page": "film-report.html"}))
    session.flush()
    (settings.results_dir / film.metrics_html_name).write_text('<!doctype html><html lang="en"><h2>Verdicts</h2></html>')
    session.commit()
    address = f"/api/v1/films/{film.id}/quality"
    english, german = (visitor.get(address, headers={"Accept-Language": language}) for language in ("en", "de"))
    assert "Verdicts" in english.text and "<h2>Urteile</h2>" in german.text
    assert (
        german.mimetype == "text/html" and german.headers["Content-Security-Policy"] == english.headers["Content-Security-Policy"]
    )
    assert english.headers["ETag"] != german.headers["ETag"]
    asked = {"Accept-Language": "de", "If-None-Match": german.headers["ETag"]}
    assert visitor.get(address, headers=asked).status_code == 304
    assert visitor.get(address, headers={**asked, "If-None-Match": english.headers["ETag"]}).status_code == 200
    assert visitor.head(address, headers={"Accept-Language": "de"}).headers["Content-Length"] == str(len(german.data))
