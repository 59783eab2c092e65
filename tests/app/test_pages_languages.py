"""Each page, as a person sees it in each language: no English is left on it, whatever way its words came, and no command line."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from app.context import EXTENSION, PERSON_COOKIE
from tests.app.test_glossary import ENGLISH, NAMES
from tests.app.test_translations import TRANSLATED
from tests.wordings import COMMANDS

#: What is written for programs, in English everywhere.
FOR_PROGRAMS = ("pages.api_docs",)


class Seen(HTMLParser):
    """The words of a page that are seen or heard, without those that say themselves which language they are in."""

    SILENT = ("script", "style", "template")
    EMPTY = ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")

    def __init__(self, language):
        super().__init__()
        self.language, self.texts, self.open = language, [], []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        foreign = given.get("lang", self.language) != self.language and tag != "html"
        hidden = tag in self.SILENT or foreign or (bool(self.open) and self.open[-1][1])
        if not hidden:
            self.texts += [
                given[name] or "" for name in ("alt", "aria-label", "placeholder", "title", "content") if name in given
            ]
        if tag not in self.EMPTY:
            self.open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not (self.open and self.open[-1][1]):
            self.texts.append(data.strip())


def words_of(page, language):
    """The texts of a page, each as one string."""
    seen = Seen(language)
    seen.feed(page)
    return seen.texts


@pytest.fixture
def visitor(app, person_id, song, picture, clip, film, finish_job):
    """Somebody who has a song, a picture, a film to dub and a finished film."""
    finish_job(film)
    client = app.test_client()
    client.set_cookie(PERSON_COOKIE, app.extensions[EXTENSION].people.dumps(person_id))
    client.ids = {"song_id": song.id, "picture_id": picture.id, "clip_id": clip.id, "film_id": film.id, "work_id": film.id}
    client.query = {"song": song.id, "picture": picture.id, "clip": clip.id}
    return client


def pages_of(app, ids):
    """The addresses of all pages that are reached with what a visitor has."""
    adapter = app.url_map.bind("localhost")
    for rule in app.url_map.iter_rules():
        is_page = "GET" in rule.methods and rule.endpoint.startswith("pages.") and rule.endpoint not in FOR_PROGRAMS
        if is_page and set(rule.arguments) <= set(ids):
            yield rule.endpoint, adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments})


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_page_has_english_on_it(app, visitor, language):
    left, looked_at = [], 0
    for endpoint, address in pages_of(app, visitor.ids):
        for query in ({}, visitor.query):
            answer = visitor.get(address, query_string=query, headers={"Accept-Language": language}, follow_redirects=True)
            if answer.mimetype != "text/html" or not answer.text:
                continue
            looked_at += 1
            assert f'<html lang="{language}"' in answer.text, endpoint
            texts = words_of(answer.text, language)
            left += [(endpoint, text) for text in texts if ENGLISH.search(NAMES.sub(" ", text)) or COMMANDS.search(text)]
    assert looked_at > 40, looked_at
    assert sorted(set(left)) == []


def test_the_search_sees_what_a_person_sees():
    page = (
        '<html lang="de"><p title="of the song">Ein <b lang="en">of the</b> Lied</p><script>the</script><img alt="is it"><br>gut'
    )
    assert words_of(page, "de") == ["of the song", "Ein", "Lied", "is it", "gut"]
    assert COMMANDS.search("belcanto sing --song x")
