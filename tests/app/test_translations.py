"""Every text that a person can meet is there in each language: of the pages, and of everything that is said by a code."""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import Babel, force_locale

from app.languages import LANGUAGES
from app.services.key_points import points_words
from app.services.options import film_options
from app.texts import clock
from tests.test_layout import ROOMS
from tests.wordings import all_wordings

ROOT = Path(__file__).resolve().parents[2]
TRANSLATIONS = ROOT / "app" / "translations"
TRANSLATED = sorted(set(LANGUAGES) - {"en"})
KEYWORDS = DEFAULT_KEYWORDS | {"N_": None, "lazy_gettext": None, "translatable": None}
PLACES = re.compile(r"\{\w+(?::[^}]*)?\}|%\(\w+\)[sd]")


@cache
def extracted():
    """Every text of the sources and the pages that is marked to be translated; reading them all takes seconds."""
    found = [
        text
        for room in ROOMS
        if (ROOT / room).is_dir()
        for text in extract_from_dir(ROOT / room, [("**.py", "python")], keywords=KEYWORDS)
    ]
    pages = extract_from_dir(ROOT / "templates", [("**.html", "jinja2")], keywords=KEYWORDS)
    texts = {message if isinstance(message, str) else message[0] for _, _, message, _, _ in [*found, *pages]} - {""}
    return texts | {wording.visitor for wording in all_wordings().values() if wording.visitor is not None}


def catalog_path(language):
    return TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"


@cache
def catalog(language):
    with catalog_path(language).open("rb") as file:
        messages = [message for message in read_po(file, language) if message.id]
    return {message.id if isinstance(message.id, str) else message.id[0]: message for message in messages}


@contextmanager
def spoken(language):
    """Texts are said in the language."""
    app = Flask("texts")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app)
    with app.app_context(), force_locale(language):
        yield


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_text_is_translated(language):
    texts, translated = extracted(), catalog(language)
    assert len(texts) > 300
    assert sorted(texts - set(translated)) == []
    strings = {name: message.string for name, message in translated.items()}
    assert [name for name, text in strings.items() if not (text if isinstance(text, str) else all(text))] == []


@pytest.mark.slow
@pytest.mark.parametrize("language", TRANSLATED)
def test_no_translation_is_left_over_or_uncertain(language):
    translated = catalog(language)
    assert sorted(set(translated) - extracted()) == []
    assert [name for name, message in translated.items() if message.fuzzy] == []


def forms(message):
    """English and translation of a message; with a number, each form and the English one that it stands for."""
    if isinstance(message.id, str):
        return [(message.id, message.string)]
    return [(message.id[min(place, 1)], said) for place, said in enumerate(message.string)]


@pytest.mark.parametrize("language", TRANSLATED)
def test_translations_keep_the_places_of_what_varies(language):
    for message in catalog(language).values():
        for english, said in forms(message):
            assert sorted(set(PLACES.findall(english))) == sorted(set(PLACES.findall(said))), english


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_text_with_a_number_has_as_many_forms_as_its_language(language):
    with catalog_path(language).open("rb") as file:
        catalog_of_it = read_po(file, language)
    numbered = [message for message in catalog_of_it if message.pluralizable]
    assert numbered and all(len(message.string) == catalog_of_it.num_plurals for message in numbered)


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_compiled_catalog_is_that_of_the_texts(language):
    path = catalog_path(language)
    with path.open("rb") as file:
        fresh = BytesIO()
        write_mo(fresh, read_po(file, language))
    with path.with_suffix(".mo").open("rb") as compiled:
        stored = [(message.id, message.string) for message in read_mo(compiled)]
    fresh.seek(0)
    assert [pair for pair in stored if pair[0]] == [(message.id, message.string) for message in read_mo(fresh) if message.id]


def test_all_languages_offered_have_a_catalog():
    assert sorted(path.parts[-3] for path in TRANSLATIONS.glob("*/LC_MESSAGES/messages.mo")) == TRANSLATED


class BareText(HTMLParser):
    """Words in a template that stand outside of any `{{ }}`."""

    def __init__(self):
        super().__init__()
        self.words = []

    def handle_data(self, data):
        self.words += re.findall(r"[A-Za-zÄÖÜäöü]{2,}", data)

    def handle_starttag(self, tag, attributes):
        shown = ("alt", "aria-label", "placeholder", "title")
        self.words += [value for name, value in attributes if name in shown and re.search(r"[A-Za-z]{2,}", value or "")]


def bare_words(template):
    without = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template, flags=re.DOTALL)
    parser = BareText()
    parser.feed(without)
    return [word for word in parser.words if word not in ("Belcanto", "px", "UTC")]


@pytest.mark.parametrize("path", sorted((ROOT / "templates").glob("*.html")), ids=lambda path: path.name)
def test_templates_hold_no_text_of_their_own(path):
    if path.name == "api_docs.html":
        pytest.skip("the page for programmers names methods and media types, which are the same in every language")
    assert bare_words(path.read_text(encoding="utf-8")) == []


def test_the_search_for_bare_words_can_find_some():
    assert bare_words('<p>{{ _("Hello") }} there <img alt="a dog"></p>') == ["there", "a dog"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", ("1:02,5", "1:02", "0:0,3; 12,5:1")),
        ("es", ("1:02,5", "1:02", "0:0,3; 12,5:1")),
        ("ja", ("1:02.5", "1:02", "0:0.3, 12.5:1")),
    ],
)
def test_times_and_key_points_have_the_decimal_symbol_of_the_language(language, said):
    with spoken(language):
        assert (clock(62.5), clock(62.0), points_words([(0, 0.3), (12.5, 1)])) == said
        for points in ([(0.0, 0.3), (12.5, 1.0)], [(0.5, 0.3)]):
            assert film_options({"intensity": points_words(points)}).intensity_points == tuple(points)


@pytest.mark.parametrize("text", ["0:0.3, 12.5:0.9", "0:0,3; 12,5:0,9", "0.5:0.3", "0,5:0,3", "0.5:0.3,"])
def test_key_points_are_read_in_both_ways_of_writing(text):
    assert len(film_options({"intensity": text}).intensity_points) == (2 if "12" in text else 1)
