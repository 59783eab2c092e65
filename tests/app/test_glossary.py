"""Each language has one word for a thing, and none of another language: `app/translations/glossary.toml` says which."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.app.test_translations import PLACES, TRANSLATED, TRANSLATIONS, catalog, forms

GLOSSARY = tomllib.loads((TRANSLATIONS / "glossary.toml").read_text(encoding="utf-8"))
#: Words that English sentences can't do without, and that stand in no sentence of another language.
ENGLISH = re.compile(r"\b(the|and|of|with|your|this|that|is|are|for|from|which|can't|be|to)\b")
#: What is no English but a name, a format, or what a person has to type.
NAMES = re.compile("|".join(re.escape(name) for name in GLOSSARY["names"]))


def said_in(language):
    """English and translated text of each message, without what varies and without names."""
    for message in catalog(language).values():
        for english, said in forms(message):
            yield english, *(NAMES.sub(" ", PLACES.sub(" ", text)) for text in (english, said))


def strayed(term, language):
    """Messages that name the thing in English, and in the language by none of its words."""
    words, apart = GLOSSARY["terms"][term], GLOSSARY["apart"][language]
    named = re.compile(rf"\b{words['english']}\b", re.IGNORECASE)
    return [
        (whole, said)
        for whole, english, said in said_in(language)
        if named.search(english) and whole not in apart and not any(word.lower() in said.lower() for word in words[language])
    ]


@pytest.mark.parametrize("language", TRANSLATED)
@pytest.mark.parametrize("term", GLOSSARY["terms"])
def test_a_thing_has_its_word(term, language):
    assert strayed(term, language) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_other_word_stands_for_a_thing(language):
    never = re.compile("|".join(GLOSSARY["never"][language]))
    assert [(english, said) for english, _, said in said_in(language) if never.search(said)] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_english_is_left_over(language):
    left = [(english, said) for english, _, said in said_in(language) if ENGLISH.search(said)]
    assert left == []
    same = [english for english, bare, said in said_in(language) if bare == said and re.search("[A-Za-z]{2,}", bare)]
    assert sorted(set(same) - set(GLOSSARY["same"][language])) == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_the_glossary_names_nothing_that_is_gone(language):
    assert [
        english for english in (*GLOSSARY["apart"][language], *GLOSSARY["same"][language]) if english not in catalog(language)
    ] == []


def test_a_strange_word_would_be_found(monkeypatch):
    monkeypatch.setitem(GLOSSARY["terms"]["song"], "de", ["Weise"])
    assert len(strayed("song", "de")) > 50
    assert ENGLISH.search("Wählen Sie the song")
