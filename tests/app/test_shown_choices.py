"""The order's options in groups, and pictures of what their choices look like."""

from __future__ import annotations

import re

import pytest

from app.pages.examples import CHOICE_FILES
from app.services.examples import FOLDER
from core.options import option_of
from filters.look import LookOptions
from pipeline.film_choices import CHOICES
from pipeline.film_settings import SongToVideoSettings
from tests.app.test_pages_wizard import visitor

__all__ = ["visitor"]

MOST_BYTES = 600_000


def order_page(visitor, song, picture, **more):
    return visitor.get("/order", query_string={"song": song.id, "picture": picture.id, **more}).text


def test_every_choice_that_is_shown_can_be_taken():
    for name, values in CHOICES.items():
        option = option_of(LookOptions if name == "look" else SongToVideoSettings, name)
        assert len({option.read(value) for value in values}) == len(values)


def test_their_films_are_there_and_small(visitor):
    folder = FOLDER / "examples" / "choices"
    assert {path.name for path in folder.iterdir()} == set(CHOICE_FILES)
    assert sum(path.stat().st_size for path in folder.iterdir()) < MOST_BYTES
    contents = {(folder / name).read_bytes() for name in CHOICE_FILES}
    usual = 3  # of expressiveness, head motion, style and look the usual choice is one film
    assert len(contents) >= len(CHOICE_FILES) - 2 * usual
    assert visitor.get("/order/choices/look-ink.mp4").mimetype == "video/mp4"
    assert visitor.get("/order/choices/look-ink.jpg").mimetype == "image/jpeg"
    assert visitor.get("/order/choices/secret.jpg").status_code == 404


def test_the_page_shows_them_loaded_late_and_marks_what_is_set(visitor, song, picture):
    page = order_page(visitor, song, picture)
    assert page.count('loading="lazy" width="160"') == sum(map(len, CHOICES.values()))
    marked = re.findall(r'data-preset="\{&#34;(\w+)&#34;: &#34;([\w.]+)&#34;\}" aria-current', page)
    assert dict(marked) == {"expressiveness": "1.0", "head_motion": "1.0", "style": "auto", "look": "none"}


@pytest.mark.parametrize("field", ["expressiveness", "head_motion", "look", "height", "fps", "engine", "seed", "restore"])
def test_every_option_stands_in_one_group(visitor, song, picture, field):
    page = order_page(visitor, song, picture)
    assert len(re.findall(rf'<(?:input|select)[^>]* name="{field}"', page)) == 1
    assert [page.index(words) for words in ("How it moves", "How it looks", "Size and pictures a second")] == sorted(
        page.index(words) for words in ("How it moves", "How it looks", "Size and pictures a second")
    )
